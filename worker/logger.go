package worker

import (
	"go.temporal.io/sdk/log"
	"go.uber.org/zap"
)

// logger lets Temporal's SDK log through zap.
type logger struct{ zap *zap.SugaredLogger }

func (l logger) Debug(msg string, keyvals ...any) { l.zap.Debugw(msg, keyvals...) }
func (l logger) Info(msg string, keyvals ...any)  { l.zap.Infow(msg, keyvals...) }
func (l logger) Warn(msg string, keyvals ...any)  { l.zap.Warnw(msg, keyvals...) }
func (l logger) Error(msg string, keyvals ...any) { l.zap.Errorw(msg, keyvals...) }

// With implements log.WithLogger. Each workflow that is held has a logger of its own, and
// few of them ever log: what they are about is written out only then.
func (l logger) With(keyvals ...any) log.Logger { return logger{l.zap.WithLazy(keyvals...)} }

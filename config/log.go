package config

import (
	"fmt"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Logger makes the logger that the configuration asks for; it writes to standard
// error.
func (l Log) Logger() (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(l.Level)
	if err != nil {
		return nil, fmt.Errorf("log.level: %q: use debug, info, warn or error", l.Level)
	}
	var c zap.Config
	switch l.Format {
	case "console":
		c = zap.NewDevelopmentConfig()
		c.DisableStacktrace, c.DisableCaller = true, true
		c.EncoderConfig.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05.000")
	case "json":
		c = zap.NewProductionConfig()
	default:
		return nil, fmt.Errorf("log.format: %q: use console or json", l.Format)
	}
	c.Level = zap.NewAtomicLevelAt(level)
	return c.Build()
}

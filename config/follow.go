package config

import (
	"os"
	"sync"
	"time"

	"go.uber.org/zap"

	"slipway/release"
)

// Follow gives the organization as the configuration file has it by now: who
// leaves a board or loses a key does not vote until the worker's next start. A file
// that does not hold is told to the log, and the organization stays as it was.
func Follow(c Config, log *zap.Logger) func() release.Organization {
	f := &follower{file: c.File, organization: c.Organization, log: log}
	f.stamp, _ = stampOf(c.File) // reading it says what is wrong
	return f.now
}

type follower struct {
	mu           sync.Mutex
	file         string
	stamp        stamp
	organization release.Organization
	log          *zap.Logger
}

// stamp tells whether a file was written since.
type stamp struct {
	changed time.Time
	size    int64
}

func stampOf(file string) (stamp, error) {
	info, err := os.Stat(file)
	if err != nil {
		return stamp{}, err
	}
	return stamp{changed: info.ModTime(), size: info.Size()}, nil
}

func (f *follower) now() release.Organization {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == "" {
		return f.organization
	}
	is, _ := stampOf(f.file) // reading it says what is wrong
	if is == f.stamp {
		return f.organization
	}
	f.stamp = is
	c, err := Read(f.file)
	if err != nil {
		f.log.Error("the configuration was changed and does not hold: the organization stays as it was", zap.Error(err))
		return f.organization
	}
	f.organization = c.Organization
	f.log.Info("the organization was read again", zap.String("file", f.file))
	return f.organization
}

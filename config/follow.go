package config

import (
	"sync"

	"go.uber.org/zap"

	"slipway/release"
)

// Follow gives the organization as the configuration file and its inventory files have
// it by now: who leaves a board or loses a key does not vote until the worker's next
// start. Files that do not hold are told to the log, and the organization stays as it
// was.
func Follow(c Config, log *zap.Logger) func() release.Organization {
	f := &follower{file: c.File, files: c.files, organization: c.Organization, log: log}
	return f.now
}

type follower struct {
	mu           sync.Mutex
	file         string
	files        stamps
	organization release.Organization
	log          *zap.Logger
}

func (f *follower) now() release.Organization {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.files.changed() {
		return f.organization
	}
	c, err := read(f.file)
	f.files = c.files
	if err != nil {
		f.log.Error("the configuration was changed and does not hold: the organization stays as it was", zap.Error(err))
		return f.organization
	}
	f.organization = c.Organization
	f.log.Info("the organization was read again", zap.String("file", f.file), zap.Int("files", len(c.files)))
	return f.organization
}

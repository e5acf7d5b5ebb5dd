package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"slipway/activities"
	"slipway/activities/driver/attest"
	"slipway/activities/driver/cms"
	"slipway/activities/driver/dml"
	"slipway/activities/driver/notify"
	"slipway/activities/driver/probe"
	"slipway/activities/driver/source"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/http"
	"slipway/activities/driver/target/local"
	"slipway/activities/driver/target/ssh"
	"slipway/config"
	"slipway/release"
	"slipway/worker/library"
)

// trusted tells whether the roster lists a worker's key.
func trusted(o release.Organization, line string) bool {
	mine, err := release.Key{Line: line}.Public()
	return err == nil && slices.ContainsFunc(o.Workers, func(s release.Signer) bool {
		listed, err := s.Public()
		return err == nil && bytes.Equal(listed.Marshal(), mine.Marshal())
	})
}

// warn tells when auditors will not trust what this worker signs. A worker of zones
// may not have the organization's roster: then the others' has to list its key.
func warn(c config.Config, key string, log *zap.Logger) {
	switch {
	case trusted(c.Organization, key):
	case len(c.Zones) == 0:
		log.Warn("auditors will not trust what this worker attests: list its key under organization.workers", zap.String("key", key))
	case len(c.Organization.Workers) == 0:
		log.Info("this worker has no roster to look its key up in: builds that it signs are trusted where organization.workers lists the key",
			zap.String("key", key))
	default:
		log.Warn("auditors will not trust the builds of this worker: list its key under organization.workers, if it builds",
			zap.String("key", key))
	}
}

// checkContacts refuses a roster on which somebody could never be told anything.
func checkContacts(o release.Organization) error {
	for _, p := range o.Roster {
		if p.Contact == "" {
			continue
		}
		if err := notify.Check(p.Contact); err != nil {
			return fmt.Errorf("contact of %s: %w", p.ID, err)
		}
	}
	return nil
}

// open constructs the drivers; closeAll closes them.
func open(ctx context.Context, c config.Config, connection client.Client, log *zap.Logger) (_ *activities.Activities, closeAll func(), err error) {
	if err := checkContacts(c.Organization); err != nil {
		return nil, nil, err
	}
	marks, err := state(c)
	if err != nil {
		return nil, nil, err
	}
	activities.SweepWorkspace(c.Workspace)
	signer, err := attest.LoadOrCreate(c.SigningKey)
	if err != nil {
		return nil, nil, err
	}
	warn(c, signer.PublicKey(), log)
	media, err := dml.Open(c.DML, library.Access(c.Registry)...)
	if err == nil {
		err = media.Reach(ctx)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("dml: %w", err)
	}
	store, closeStore, err := openStore(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	packages, err := target.NewCache(ctx, filepath.Join(c.Workspace, "packages"), media.Pull)
	if err != nil {
		return nil, nil, errors.Join(err, closeStore())
	}
	targets, closeTargets, err := fleet(c, packages, marks)
	if err != nil {
		return nil, nil, errors.Join(err, closeStore(), packages.Close())
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return &activities.Activities{
		Organization: config.Follow(c, log),
		Library:      media,
		Store:        store,
		Sources:      source.New("go"),
		Targets:      targets,
		Prober:       probe.New(),
		Leases:       leases{client: connection, taskQueue: c.TaskQueue},
		Releases:     releases{client: connection},
		Waiters:      waiters{client: connection},
		Histories:    histories{client: connection},
		Notifier:     notify.New(),
		Attester:     signer,
		Workspace:    c.Workspace,
		Builder:      fmt.Sprintf("%s, process %d", host, os.Getpid()),
		Tools:        tools(ctx),
		Host:         host + ":" + marks,
	}, func() { _, _, _ = closeStore(), packages.Close(), media.Close(); closeTargets() }, nil
}

// openStore opens the CMS; a worker of zones, which may not reach it, has none.
func openStore(ctx context.Context, c config.Config) (activities.Store, func() error, error) {
	if len(c.Zones) > 0 {
		return nil, func() error { return nil }, nil
	}
	store, err := cms.Open(ctx, c.CMS, cms.Access{Password: c.CMSPassword})
	if err != nil {
		return nil, nil, err
	}
	return store, store.Close, nil
}

// fleet has a driver for each kind of target that this worker reaches.
func fleet(c config.Config, packages target.Packages, state string) (_ target.Fleet, closeAll func(), err error) {
	var known []http.Deployer
	for _, d := range c.Deployers {
		known = append(known, http.Deployer{Address: d.Address, Token: d.Token, CA: d.CA})
	}
	deployers, err := http.New(known)
	remote := ssh.New(ssh.Options(c.SSH), packages)
	return target.Fleet{
		release.TargetShell: local.New(packages, state),
		release.TargetSSH:   remote,
		release.TargetHTTP:  deployers,
	}, remote.Close, err
}

// state is the folder where marks of steps without a target outlast the worker.
func state(c config.Config) (string, error) {
	folder, err := filepath.Abs(filepath.Join(c.Workspace, "state"))
	if err != nil {
		return "", fmt.Errorf("state folder: %w", err)
	}
	return folder, nil
}

// tools asks the tools that builds use for their versions.
func tools(ctx context.Context) map[string]string {
	found := map[string]string{}
	for name, args := range map[string][]string{"go": {"version"}, "git": {"--version"}} {
		if out, err := exec.CommandContext(ctx, name, args...).Output(); err == nil {
			found[name] = strings.TrimSpace(string(out))
		}
	}
	return found
}

// Package worker wires configuration to drivers, drivers to activities, and both
// to a Temporal worker.
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
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/worker"
	"go.uber.org/zap"

	"slipway/activities"
	"slipway/activities/driver/attest"
	"slipway/activities/driver/cms"
	"slipway/activities/driver/dml"
	"slipway/activities/driver/notify"
	"slipway/activities/driver/probe"
	"slipway/activities/driver/source"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/local"
	"slipway/activities/driver/target/ssh"
	"slipway/config"
	"slipway/release"
	"slipway/workflows"
)

// Run serves the task queue, or else its zones, until the context ends, then lets
// what runs finish or hand over.
func Run(ctx context.Context, c config.Config, log *zap.Logger) error {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return fmt.Errorf("how to reach Temporal: %w", err)
	}
	options.Logger = logger{log.Sugar()}
	connection, err := client.DialContext(ctx, options)
	if err != nil {
		return fmt.Errorf("no Temporal server answers at %s (TEMPORAL_ADDRESS says where): %w", options.HostPort, err)
	}
	defer connection.Close()
	if err := registerAttributes(ctx, connection, options.Namespace); err != nil {
		return err
	}
	a, closeAll, err := open(ctx, c, connection, log)
	if err != nil {
		return err
	}
	defer closeAll()
	for _, w := range workers(connection, c, a) {
		if err := w.Start(); err != nil {
			return fmt.Errorf("worker: %w", err)
		}
		defer w.Stop()
	}
	log.Info("worker is ready", zap.String("taskQueue", c.TaskQueue), zap.Strings("zones", c.Zones), zap.String("dml", c.DML), zap.String("cms", c.CMS))
	<-ctx.Done()
	log.Info("worker stops")
	return nil
}

// workers gives the worker of the task queue, with all workflows and activities; or
// one for each zone, which reaches targets and does nothing else.
func workers(connection client.Client, c config.Config, a *activities.Activities) []worker.Worker {
	if len(c.Zones) == 0 {
		w := serve(connection, c.TaskQueue)
		workflows.Register(w)
		w.RegisterActivity(a)
		return []worker.Worker{w}
	}
	var all []worker.Worker
	for _, zone := range c.Zones {
		w := serve(connection, zone)
		for _, activity := range []any{a.Here, a.Ready, a.Audit, a.RunPass, a.Settle, a.Verify, a.Watch} {
			w.RegisterActivity(activity)
		}
		all = append(all, w)
	}
	return all
}

func serve(connection client.Client, taskQueue string) worker.Worker {
	return worker.New(connection, taskQueue, worker.Options{
		// Two pollers, the default, make bursts wait.
		MaxConcurrentWorkflowTaskPollers: 8,
		MaxConcurrentActivityTaskPollers: 8,
		// People watch builds through heartbeats.
		MaxHeartbeatThrottleInterval: time.Second,
		WorkerStopTimeout:            5 * time.Second,
	})
}

// trusted tells whether the roster lists a worker's key.
func trusted(o release.Organization, line string) bool {
	mine, err := release.Key{Line: line}.Public()
	return err == nil && slices.ContainsFunc(o.Workers, func(s release.Signer) bool {
		listed, err := s.Public()
		return err == nil && bytes.Equal(listed.Marshal(), mine.Marshal())
	})
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
	signer, err := attest.LoadOrCreate(c.SigningKey)
	if err != nil {
		return nil, nil, err
	}
	if !trusted(c.Organization, signer.PublicKey()) {
		log.Warn("auditors will not trust what this worker attests: list its key under organization.workers",
			zap.String("key", signer.PublicKey()))
	}
	library, err := dml.Open(c.DML)
	if err != nil {
		return nil, nil, fmt.Errorf("dml: %w", err)
	}
	store, closeStore, err := openStore(ctx, c)
	if err != nil {
		return nil, nil, fmt.Errorf("cms: %w", err)
	}
	packages, err := target.NewCache(ctx, filepath.Join(c.Workspace, "packages"), library.Pull)
	if err != nil {
		return nil, nil, errors.Join(err, closeStore())
	}
	remote := ssh.New(ssh.Options(c.SSH), packages)
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return &activities.Activities{
		Organization: config.Follow(c, log),
		Library:      library,
		Store:        store,
		Sources:      source.New("go"),
		// A driver for each kind of target that this worker reaches.
		Targets: target.Fleet{
			release.TargetShell: local.New(packages, marks),
			release.TargetSSH:   remote,
		},
		Prober:    probe.New(),
		Leases:    leases{client: connection, taskQueue: c.TaskQueue},
		Notifier:  notify.New(),
		Attester:  signer,
		Workspace: c.Workspace,
		Builder:   fmt.Sprintf("%s, process %d", host, os.Getpid()),
		Tools:     tools(ctx),
		Host:      host + ":" + marks,
	}, func() { _, _ = closeStore(), packages.Close(); remote.Close() }, nil
}

// openStore opens the CMS; a worker of zones, which may not reach it, has none.
func openStore(ctx context.Context, c config.Config) (activities.Store, func() error, error) {
	if len(c.Zones) > 0 {
		return nil, func() error { return nil }, nil
	}
	store, err := cms.Open(ctx, c.CMS)
	if err != nil {
		return nil, nil, err
	}
	return store, store.Close, nil
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

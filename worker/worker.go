// Package worker wires configuration to drivers, drivers to activities, and both
// to a Temporal worker.
package worker

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
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
	"slipway/activities/driver/folder"
	"slipway/activities/driver/notify"
	"slipway/activities/driver/probe"
	"slipway/activities/driver/source"
	"slipway/config"
	"slipway/release"
	"slipway/workflows"
)

// Run serves the task queue until the context ends, then lets what runs finish or
// hand over.
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
	w := New(connection, c, a)
	if err := w.Start(); err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	log.Info("worker is ready", zap.String("taskQueue", c.TaskQueue), zap.String("dml", c.DML), zap.String("cms", c.CMS))
	<-ctx.Done()
	log.Info("worker stops")
	w.Stop()
	return nil
}

// New gives a worker with all workflows and these activities.
func New(connection client.Client, c config.Config, a *activities.Activities) worker.Worker {
	w := worker.New(connection, c.TaskQueue, worker.Options{
		// Two pollers, the default, make bursts wait.
		MaxConcurrentWorkflowTaskPollers: 8,
		MaxConcurrentActivityTaskPollers: 8,
		// People watch builds through heartbeats.
		MaxHeartbeatThrottleInterval: time.Second,
		WorkerStopTimeout:            5 * time.Second,
	})
	workflows.Register(w)
	w.RegisterActivity(a)
	return w
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
	activities.SweepWorkspace(c.Workspace)
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
	store, err := cms.Open(ctx, c.CMS)
	if err != nil {
		return nil, nil, fmt.Errorf("cms: %w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return &activities.Activities{
		Organization: config.Follow(c, log),
		Library:      library,
		Store:        store,
		Sources:      source.New("go"),
		Targets:      &folder.Driver{},
		Prober:       probe.New(),
		Leases:       leases{client: connection, taskQueue: c.TaskQueue},
		Notifier:     notify.New(),
		Attester:     signer,
		Workspace:    c.Workspace,
		Builder:      fmt.Sprintf("%s, process %d", host, os.Getpid()),
		Tools:        tools(ctx),
	}, func() { _ = store.Close() }, nil
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

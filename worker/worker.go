// Package worker wires configuration to drivers, drivers to activities, and both
// to a Temporal worker.
package worker

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/worker"
	"go.uber.org/zap"

	"slipway/activities"
	"slipway/config"
	"slipway/workflows"
)

// Run serves the task queue, or else its zones, until the context ends, then lets
// what runs finish or hand over. A tune may change how the server is reached and the
// queues are polled: the bench tries what else could be done.
func Run(ctx context.Context, c config.Config, log *zap.Logger, tune ...func(*client.Options, *worker.Options)) error {
	server, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return fmt.Errorf("how to reach Temporal: %w", err)
	}
	server.Logger = logger{log.Sugar()}
	Plain(&server)
	polling := options()
	for _, t := range tune {
		t(&server, &polling)
	}
	connection, err := client.DialContext(ctx, server)
	if err != nil {
		return fmt.Errorf("no Temporal server answers at %s (TEMPORAL_ADDRESS says where): %w", server.HostPort, err)
	}
	defer connection.Close()
	if err := registerAttributes(ctx, connection, server.Namespace); err != nil {
		return err
	}
	a, closeAll, err := open(ctx, c, connection, log)
	if err != nil {
		return err
	}
	defer closeAll()
	if c.HeldWorkflows > 0 {
		worker.SetStickyWorkflowCacheSize(c.HeldWorkflows)
	}
	for _, w := range workers(connection, c, a, polling) {
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
// one for each zone, which reaches targets, builds and tests, and does nothing else.
func workers(connection client.Client, c config.Config, a *activities.Activities, polling worker.Options) []worker.Worker {
	if len(c.Zones) == 0 {
		w := worker.New(connection, c.TaskQueue, polling)
		workflows.Register(w)
		w.RegisterActivity(a)
		return []worker.Worker{w}
	}
	var all []worker.Worker
	for _, zone := range c.Zones {
		own := polling
		own.DisableWorkflowWorker = true
		w := worker.New(connection, zone, own)
		for _, activity := range []any{
			a.Here, a.Prepare, a.Build, a.Test, a.Follow, a.Ready, a.AssessReadiness, a.Audit, a.RunPass, a.Settle, a.Verify, a.Watch,
		} {
			w.RegisterActivity(activity)
		}
		all = append(all, w)
	}
	return all
}

// options are the SDK's but for a few. As they come, activities start eagerly: what a
// workflow task schedules, this worker takes up with the task's answer, where the server
// allows it. A thousand tasks of each kind may be worked on at a time.
func options() worker.Options {
	return worker.Options{
		// Of two pollers, the default, one asks for workflows that are held here and one for
		// all others: a burst of starts and votes waits for them. More that have nothing to do
		// cost a request a minute each, and need not be started when the burst is there, as
		// those would be whose number follows the load.
		MaxConcurrentWorkflowTaskPollers: 8,
		MaxConcurrentActivityTaskPollers: 8,
		// People watch builds through heartbeats.
		MaxHeartbeatThrottleInterval: time.Second,
		WorkerStopTimeout:            5 * time.Second,
	}
}

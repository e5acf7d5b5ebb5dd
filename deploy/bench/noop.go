package main

import (
	"context"
	"io"
	"sync"

	"go.temporal.io/sdk/worker"

	"slipway/activities"
	"slipway/activities/driver/dml"
	"slipway/activities/driver/target"
	"slipway/config"
	"slipway/release"
)

// noopQueue is the task queue of the environment whose targets are reached by the
// driver below.
const noopQueue = "noop"

// noop is a driver that does nothing but remember what its targets hold, so that
// what is left is what Slipway itself costs.
type noop struct {
	mu   sync.Mutex
	held map[string]release.Held
}

func (n *noop) Observe(_ context.Context, t release.Target, _ string) (target.Observation, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return target.Observation{Held: n.held[t.Folder]}, nil
}

func (n *noop) Do(_ context.Context, t release.Target, o target.Operation) (target.Outcome, error) {
	if o.Kind == target.Activate {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.held[t.Folder] = release.Held{
			Release: o.Release, Version: o.Version, Package: o.Package.Digest, Content: o.Package.Content, Intact: true,
		}
	}
	return target.Outcome{}, nil
}

// serveNoop serves the task queue of the driver as the worker of a zone does: it has
// the DML, and no CMS.
func serveNoop(ctx context.Context, file string, _ io.Writer) error {
	c, err := config.Read(file)
	if err != nil {
		return err
	}
	library, err := dml.Open(c.DML)
	if err != nil {
		return err
	}
	connection, err := connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	a := &activities.Activities{
		Organization: func() release.Organization { return c.Organization },
		Library:      library, Targets: &noop{held: map[string]release.Held{}}, Workspace: c.Workspace,
	}
	w := worker.New(connection, noopQueue, worker.Options{MaxConcurrentActivityTaskPollers: 8})
	for _, activity := range []any{a.Here, a.Ready, a.Audit, a.RunPass, a.Settle, a.Verify} {
		w.RegisterActivity(activity)
	}
	return attend(ctx, w)
}

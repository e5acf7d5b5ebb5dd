package starter_test

import (
	"context"
	"sync/atomic"
	"testing"

	"go.temporal.io/sdk/client"

	"slipway/starter"
)

// forgetful is a connection to a server that loses the first answer.
type forgetful struct {
	client.Client
	lost atomic.Bool
}

func (f *forgetful) QueryWorkflowWithOptions(ctx context.Context, r *client.QueryWorkflowWithOptionsRequest) (*client.QueryWorkflowWithOptionsResponse, error) {
	if f.lost.CompareAndSwap(false, true) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return f.Client.QueryWorkflowWithOptions(ctx, r)
}

func TestAnAnswerThatTheServerLosesIsAskedForOnceMore(t *testing.T) {
	work(t)
	server := &forgetful{Client: shared(t).Client()}
	c := starter.New(server, client.DefaultNamespace, t.Name())
	run, err := c.Start(t.Context(), definition("forgotten"))
	ok(t, err)
	record, err := c.Status(t.Context(), run.ID)
	ok(t, err)
	if !server.lost.Load() || record.ID != run.ID {
		t.Errorf("the status is of %q", record.ID)
	}
}

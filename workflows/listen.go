package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"
)

// ears hear every signal of a workflow in one coroutine, that of a name one after the
// other and of different names beside each other, also once the process is cancelled. A
// coroutine for each name would be run through at each workflow task, and kept in memory
// for as long as a release waits.
type ears struct{ all []*ear }

// ear hears the signals of one name.
type ear struct {
	name    string
	signals workflow.ReceiveChannel
	// take takes the first that waits; busy tells that somebody does.
	take func(ctx workflow.Context)
	busy bool
}

func (e *ear) called() bool { return !e.busy && e.signals.Len() > 0 }

// listen takes every signal of a name from now on, beside the process. A signal that
// cannot be read as T is dropped.
func listen[T any](ctx workflow.Context, e *ears, name, description string, take func(ctx workflow.Context, message T)) {
	signals := workflow.GetSignalChannelWithOptions(ctx, name, workflow.SignalChannelOptions{Description: description})
	e.all = append(e.all, &ear{name: name, signals: signals, take: func(ctx workflow.Context) {
		var message T
		if signals.ReceiveAsync(&message) {
			take(ctx, message)
		}
	}})
	if len(e.all) == 1 {
		detached, _ := workflow.NewDisconnectedContext(ctx)
		workflow.GoNamed(detached, "signals", e.hear)
	}
}

func (e *ears) hear(ctx workflow.Context) {
	for workflow.Await(ctx, func() bool { return slices.ContainsFunc(e.all, (*ear).called) }) == nil {
		for _, one := range e.all {
			if one.called() {
				one.busy = true
				workflow.GoNamed(ctx, one.name, one.answer)
			}
		}
	}
}

// answer takes all that has come, and what comes meanwhile.
func (e *ear) answer(ctx workflow.Context) {
	defer func() { e.busy = false }()
	for e.signals.Len() > 0 {
		e.take(ctx)
	}
}

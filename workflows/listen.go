package workflows

import "go.temporal.io/sdk/workflow"

// listen takes every signal of a name from now on, one after the other and beside the
// process, also once that is cancelled. A signal that cannot be read as T is dropped.
func listen[T any](ctx workflow.Context, name, description string, take func(ctx workflow.Context, message T)) {
	signals := workflow.GetSignalChannelWithOptions(ctx, name, workflow.SignalChannelOptions{Description: description})
	detached, _ := workflow.NewDisconnectedContext(ctx)
	workflow.GoNamed(detached, name, func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return signals.Len() > 0 }) == nil {
			var message T
			if signals.ReceiveAsync(&message) {
				take(ctx, message)
			}
		}
	})
}

package workflows

import (
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// desk is where people's actions arrive, as signals and as updates, are decoded,
// handled and recorded, whether they count or not.
type desk struct {
	journal *journal
	ears    *ears
	// record is told of every act.
	record func(ctx workflow.Context, act release.Act)
	// ledger, where there is one, takes every vote.
	ledger func(ctx workflow.Context, data []byte, message release.Message, refusal error)
	// relayed are the actions that are recorded where they are passed on to.
	relayed []release.Action
	// served are all actions that are taken.
	served []release.Action
	// asked is how long the history was when somebody sent the latest.
	asked int
}

// answers tells whether somebody waits for what comes of the workflow task: nothing that
// may take a while should be done in it.
func (d *desk) answers(ctx workflow.Context) bool {
	return d.asked > 0 && d.asked == workflow.GetInfo(ctx).GetCurrentHistoryLength()
}

// cleared tells whether nothing that was sent waits to be taken, or is being handled.
func (d *desk) cleared(ctx workflow.Context) bool {
	waiting := workflow.GetUnhandledSignalNames(ctx)
	return workflow.AllHandlersFinished(ctx) && !slices.ContainsFunc(waiting, func(name string) bool {
		return slices.Contains(d.served, release.Action(name))
	})
}

// handler does what an action asks for and says what came of it. An error that is
// a release.Refusal means that the action does not count.
type handler[M release.Message] func(ctx workflow.Context, message M) (string, error)

// serve takes an action from now on. Signals and updates run the same code; only
// the sender of an update is told the answer. An update that cannot be read is
// turned away before it enters the history; everything else is recorded.
func serve[M release.Message](ctx workflow.Context, d *desk, action release.Action, description string, handle handler[M]) error {
	d.served = append(d.served, action)
	take := func(ctx workflow.Context, data []byte) (release.Receipt, error) {
		d.asked = workflow.GetInfo(ctx).GetCurrentHistoryLength()
		message, err := release.DecodeMessage(action, data)
		act := release.Act{At: workflow.Now(ctx).UTC(), Action: action}
		said := ""
		if message == nil {
			act.Summary = excerpt(data)
		} else {
			act.By, act.Summary = message.Who(), message.Summary()
		}
		if err == nil {
			typed, matches := message.(M)
			if !matches {
				return release.Receipt{}, fmt.Errorf("action %s has messages of type %T", action, message)
			}
			said, err = handle(ctx, typed)
		}
		act.Counted = err == nil
		if act.Counted && slices.Contains(d.relayed, action) {
			return release.Receipt{Message: said}, nil
		}
		if err != nil {
			act.Refusal = err.Error()
		}
		d.note(ctx, act)
		if d.ledger != nil && action == release.ActAuthorize {
			d.ledger(ctx, data, message, err)
		}
		return release.Receipt{Message: said}, err
	}
	err := workflow.SetUpdateHandlerWithOptions(ctx, string(action),
		func(ctx workflow.Context, raw converter.RawValue) (release.Receipt, error) {
			receipt, err := take(ctx, raw.Payload().GetData())
			return receipt, refused(err)
		},
		workflow.UpdateHandlerOptions{
			Description: description,
			Validator: func(_ workflow.Context, raw converter.RawValue) error {
				message, err := release.DecodeMessage(action, raw.Payload().GetData())
				if message == nil {
					return refused(err)
				}
				return nil
			},
		})
	if err != nil {
		return fmt.Errorf("update %s: %w", action, err)
	}
	listen(ctx, d.ears, string(action), description, func(ctx workflow.Context, raw converter.RawValue) {
		if _, err := take(ctx, raw.Payload().GetData()); err != nil {
			workflow.GetLogger(ctx).Info("an action was refused", "action", action, "reason", err)
		}
	})
	return nil
}

// note records an act.
func (d *desk) note(ctx workflow.Context, act release.Act) {
	d.record(ctx, act)
	d.journal.act(ctx, act)
}

// refused turns a refusal into an error that reaches the sender of an update with
// its reason.
func refused(err error) error {
	var refusal release.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	return temporal.NewNonRetryableApplicationError(refusal.Error(), release.ErrorRefused, nil)
}

// excerpt shows what could not be read.
func excerpt(data []byte) string {
	const limit = 120
	if len(data) <= limit {
		return fmt.Sprintf("%q", data)
	}
	return fmt.Sprintf("%q and %d more bytes", data[:limit], len(data)-limit)
}

package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) resolveStepVerb() *cobra.Command {
	var (
		environment string
		message     release.ResolveStep
	)
	verb := a.actionVerb(action{
		use:   "resolve-step ID",
		short: "Decide about a step that is stuck",
		long: `Decide about a step that is stuck, after a look at the target: one that a worker was
lost in, one that people do by hand, a back-out that failed, or a check (readiness,
configuration-audit) that does not hold. Retry it, skip it, take it as done, or back out.`,
		example: `  starter resolve-step httpbin@2.26.0 --environment production --step switch --target prod-2 \
    --action done --by dora --reason "looked: the new version answers"`,
		needs: []string{"step", "action", "by", "reason"},
		check: func([]string) error {
			if !slices.Contains(release.Resolutions, message.Action) {
				return usage("--action %s is not known: use retry, skip, done or back-out", message.Action)
			}
			return nil
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.ResolveStep(ctx, args[0], environment, message)
		},
	})
	flags := verb.Flags()
	flags.StringVar(&message.Step, "step", "", "the step")
	flags.StringVar(&message.Target, "target", "", "the target that it ran on; none for a step that runs once or is done by hand, and for checks")
	flags.StringVar((*string)(&message.Action), "action", "", "retry, skip, done or back-out")
	flags.BoolVar(&message.OfBackOut, "of-back-out", false, "it is about the back-out of the step, which failed or is done by hand")
	reasonFlag(verb, &message.Reason)
	a.environmentFlag(verb, &environment)
	a.byFlag(verb, &message.By)
	return verb
}

package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) callVerb() *cobra.Command {
	var message release.ServiceDeskCall
	verb := a.actionVerb(action{
		use:   "call ID",
		short: "Record or update a service desk call about a release in early life support",
		example: `  starter call httpbin@2.26.0 --summary "where is the AVIF guide?" --by sue
  starter call update httpbin@2.26.0 CALL-1 --assignee olaf --by sue`,
		needs: []string{"summary", "by"},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.ServiceDeskCall(ctx, args[0], message)
		},
	})
	verb.Flags().StringVar(&message.Text, "summary", "", "what the caller said")
	verb.Flags().StringVar(&message.CI, "ci", "", "the configuration item that the call is about")
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	verb.AddCommand(a.callUpdateVerb())
	return verb
}

func (a *app) callUpdateVerb() *cobra.Command {
	var message release.UpdateCall
	verb := a.actionVerb(action{
		use:   "update ID CALL",
		short: "Assign a service desk call, or say how it was resolved",
		example: `  starter call update httpbin@2.26.0 CALL-1 --assignee olaf --by sue
  starter call update httpbin@2.26.0 CALL-1 --resolution "sent the guide" --by olaf`,
		needs: []string{"by"},
		args:  releaseAnd("a call"),
		check: func([]string) error {
			if message.Assignee == "" && message.Resolution == "" {
				return usage("nothing changes: give --assignee or --resolution")
			}
			return nil
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			message.Call = args[1]
			return client.UpdateCall(ctx, args[0], message)
		},
	})
	verb.ValidArgsFunction = a.completeReleaseAnd(openCalls)
	verb.Flags().StringVar(&message.Resolution, "resolution", "", "how it was resolved")
	assigneeFlag(verb, &message.Assignee)
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

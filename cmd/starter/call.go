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
		use:     "call ID",
		short:   "Record a service desk call about a release in early life support",
		example: `  starter call httpbin@2.26.0 --summary "where is the AVIF guide?" --by sue`,
		needs:   []string{"summary", "by"},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.ServiceDeskCall(ctx, args[0], message)
		},
	})
	verb.Flags().StringVar(&message.Text, "summary", "", "what the caller said")
	verb.Flags().StringVar(&message.CI, "ci", "", "the configuration item that the call is about")
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

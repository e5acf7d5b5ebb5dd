package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) backOutVerb() *cobra.Command {
	var message release.BackOut
	verb := a.actionVerb(action{
		use:     "back-out ID",
		short:   "Undo what a release has deployed",
		example: `  starter back-out httpbin@2.26.0 --by marc --reason "orders are lost"`,
		needs:   []string{"by", "reason"},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.BackOut(ctx, args[0], message)
		},
	})
	reasonFlag(verb, &message.Reason)
	a.byFlag(verb, &message.By)
	return verb
}

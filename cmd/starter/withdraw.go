package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) withdrawVerb() *cobra.Command {
	var message release.Withdraw
	verb := a.actionVerb(action{
		use:     "withdraw ID",
		short:   "Take back a release that is not being deployed",
		example: `  starter withdraw httpbin@2.26.0 --by rita --reason "2.26.1 is out"`,
		needs:   []string{"by", "reason"},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.Withdraw(ctx, args[0], message)
		},
	})
	reasonFlag(verb, &message.Reason)
	a.byFlag(verb, &message.By)
	return verb
}

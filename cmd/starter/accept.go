package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) acceptVerb() *cobra.Command {
	var message release.Accept
	verb := a.actionVerb(action{
		use:   "accept ID",
		short: "Sign off, for its users, that an environment works",
		example: `  starter accept httpbin@2.26.0 --by uwe
  starter accept httpbin@2.26.0 --environment production --by uwe --comment "all flows tried"`,
		needs: []string{"by"},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.Accept(ctx, args[0], message)
		},
	})
	verb.Flags().StringVar(&message.Comment, "comment", "", "what others should know")
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

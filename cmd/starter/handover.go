package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) handOverVerb() *cobra.Command {
	var message release.HandOver
	verb := a.actionVerb(action{
		use:   "hand-over ID",
		short: "Take an environment over into service operations",
		example: `  starter hand-over httpbin@2.26.0 --by olaf
  starter hand-over httpbin@2.26.0 --environment production --by olaf --comment "runbook read"`,
		needs: []string{"by"},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.HandOver(ctx, args[0], message)
		},
	})
	verb.Flags().StringVar(&message.Comment, "comment", "", "what others should know")
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

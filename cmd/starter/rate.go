package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) rateVerb() *cobra.Command {
	var message release.Rate
	verb := a.actionVerb(action{
		use:   "rate ID",
		short: "Say how satisfied you are with a release",
		long: `Say how satisfied you are with a release, from 1 (not at all) to 5 (very). Asked are
the customers that the release definition names and those whom the release model
names, when the release is in review, until the deadline that starter status shows.
Whoever rates again until then replaces what they said before.`,
		example: `  starter rate httpbin@2.26.0 --score 4 --by uwe
  starter rate httpbin@2.26.0 --score 2 --comment "down for an hour on Monday" --by uwe`,
		needs: []string{"by"},
		check: func([]string) error {
			if message.Score < 1 || message.Score > release.MaxScore {
				return usage("--score is missing or wrong: use 1 (not at all satisfied) to %d (very)", release.MaxScore)
			}
			return nil
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.Rate(ctx, args[0], message)
		},
	})
	verb.Flags().IntVar(&message.Score, "score", 0, "1 (not at all satisfied) to 5 (very)")
	verb.Flags().StringVar(&message.Comment, "comment", "", "why")
	a.byFlag(verb, &message.By)
	return verb
}

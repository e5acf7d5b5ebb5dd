package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) reviewVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:     "review",
		Short:   "Close the review of a release",
		Example: `  starter review close httpbin@2.26.0 --by marc --comment "as planned"`,
		RunE: func(verb *cobra.Command, _ []string) error {
			return usage("say close, as in: %s", example(verb))
		},
	}
	verb.AddCommand(a.reviewCloseVerb())
	return verb
}

func (a *app) reviewCloseVerb() *cobra.Command {
	var message release.CloseReview
	verb := a.actionVerb(action{
		use:   "close ID",
		short: "Close the review, and with it the release",
		long: `Close the post-implementation review of a release, and with it the release. It is
refused, with all that is missing, until those who are asked have rated it or their
time is over, and until there are as many lessons and improvements as the release
model wants. starter report shows what there is to look back on.`,
		example: `  starter review close httpbin@2.26.0 --by marc
  starter review close httpbin@2.26.0 --by marc --comment "as planned, but for the window"`,
		needs: []string{"by"},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.CloseReview(ctx, args[0], message)
		},
	})
	verb.Flags().StringVar(&message.Comment, "comment", "", "what you make of the release")
	a.byFlag(verb, &message.By)
	return verb
}

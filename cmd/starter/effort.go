package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) effortVerb() *cobra.Command {
	var message release.LogEffort
	verb := a.actionVerb(action{
		use:   "effort ID",
		short: "Record hours or money that you spent on a release",
		long: `Record hours or money that you spent on a release, at any time until it is closed.
Hours cost what the organization's rates say of the role that you name, else of the
first of your roles and groups that has a rate, else of "default".`,
		example: `  starter effort httpbin@2.26.0 --hours 2.5 --text "rehearsed the back-out" --by tess
  starter effort httpbin@2.26.0 --expense 300 --text "licence" --by marc
  starter effort httpbin@2.26.0 --hours 1 --role cab --by ana`,
		needs: []string{"by"},
		check: func([]string) error {
			switch {
			case message.Hours < 0 || message.Expense < 0:
				return usage("--hours and --expense cannot be negative")
			case message.Hours == 0 && message.Expense == 0:
				return usage("nothing was spent: give --hours or --expense")
			}
			return nil
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.LogEffort(ctx, args[0], message)
		},
	})
	flags := verb.Flags()
	flags.Float64Var(&message.Hours, "hours", 0, "hours of work")
	flags.Float64Var(&message.Expense, "expense", 0, "money spent beside them, in the organization's currency")
	flags.StringVar(&message.Role, "role", "", "the role by whose rate the hours are paid for")
	flags.StringVar(&message.Text, "text", "", "on what")
	a.byFlag(verb, &message.By)
	return verb
}

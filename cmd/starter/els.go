package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) supportVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:   "els",
		Short: "Let early life support last longer, or end it",
		Example: `  starter els extend httpbin@2.26.0 --period 3d --reason "one more weekend" --by olaf
  starter els end httpbin@2.26.0 --reason "INC-2 is with the supplier" --by olaf`,
		RunE: func(verb *cobra.Command, _ []string) error {
			return usage("say extend or end, as in: %s", example(verb))
		},
	}
	verb.AddCommand(a.supportExtendVerb(), a.supportEndVerb())
	return verb
}

func (a *app) supportExtendVerb() *cobra.Command {
	var (
		message release.ExtendSupport
		until   string
	)
	verb := a.actionVerb(action{
		use:   "extend ID",
		short: "Let early life support last longer",
		long: `Let early life support last longer: by a period from its planned end on, or from now
on when that is over; or until a time, local (2026-12-20, 2026-12-20T18:00) or with its
zone (2026-12-20T18:00:00Z), a year from now at most.`,
		example: `  starter els extend httpbin@2.26.0 --period 3d --reason "one more weekend" --by olaf
  starter els extend httpbin@2.26.0 --environment production --until 2026-12-20T18:00 --reason "until the sale is over" --by olaf`,
		needs: []string{"reason", "by"},
		check: func([]string) (err error) {
			if (until == "") == (message.Period == 0) {
				return usage("say how much longer, either with --period, as in 3d, or with --until, as in 2026-12-20T18:00")
			}
			if until != "" {
				message.Until, err = a.moment("until", until)
			}
			return err
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.ExtendSupport(ctx, args[0], message)
		},
	})
	flags := verb.Flags()
	flags.TextVar(&message.Period, "period", message.Period, "how much longer it lasts, as in 3d")
	flags.Lookup("period").DefValue = ""
	flags.StringVar(&until, "until", "", "until when it lasts")
	reasonFlag(verb, &message.Reason)
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

func (a *app) supportEndVerb() *cobra.Command {
	var message release.EndSupport
	verb := a.actionVerb(action{
		use:   "end ID",
		short: "End early life support before its time, or in spite of its exit criteria",
		long: `End early life support before its time, or in spite of exit criteria that do not hold;
those are issues of the release then. It cannot be ended before its minimum.`,
		example: `  starter els end httpbin@2.26.0 --reason "INC-2 is with the supplier" --by olaf`,
		needs:   []string{"reason", "by"},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.EndSupport(ctx, args[0], message)
		},
	})
	reasonFlag(verb, &message.Reason)
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

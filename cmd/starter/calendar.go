package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) calendarVerb() *cobra.Command {
	request := release.CalendarRequest{Days: release.DefaultCalendarDays}
	verb := &cobra.Command{
		Use:   "calendar",
		Short: "Show change windows and freezes, and the releases that wait for them",
		Long: `Show change windows and freezes of the next days, when each environment may be
changed, and the releases that still go there. Windows and freezes stand in slipway.yaml
(configuration), or were added by people; who may is for the organization to say.
-o ics writes them as appointments for a calendar.`,
		Example: `  starter calendar --days 30
  starter calendar --environment production -o ics > production.ics
  starter calendar add freeze --by marc --from 2026-12-20 --to 2027-01-04T06:00 --reason "year end"
  starter calendar remove freeze-1 --by marc --reason "it was moved"`,
		Args: noArguments,
		RunE: func(verb *cobra.Command, _ []string) error {
			if err := request.Check(); err != nil {
				return usage("--days: %v", err)
			}
			client, err := a.connect(verb.Context())
			if err != nil {
				return err
			}
			calendar, err := client.Calendar(verb.Context(), request)
			if err != nil {
				return err
			}
			if a.format == icsText {
				return a.writeAppointments(calendar)
			}
			return a.print(calendar, func(w io.Writer) { a.writeCalendar(w, calendar) })
		},
	}
	writesToo(verb, icsText)
	flags := verb.Flags()
	flags.IntVar(&request.Days, "days", request.Days, "how many days to show")
	flags.StringVar(&request.Environment, "environment", "", "only this environment")
	add := &cobra.Command{
		Use:     "add",
		Short:   "Add a freeze or a change window",
		Example: `  starter calendar add freeze --by marc --from 2026-12-20 --to 2027-01-04T06:00 --reason "year end"`,
		RunE: func(verb *cobra.Command, _ []string) error {
			return usage("say freeze or window, as in: %s", example(verb))
		},
	}
	add.AddCommand(a.addFreezeVerb(), a.addWindowVerb())
	verb.AddCommand(add, a.removeEntryVerb())
	return verb
}

func (a *app) addFreezeVerb() *cobra.Command {
	var (
		message  release.AddFreeze
		from, to string
	)
	verb := a.actionVerb(action{
		use:   "freeze",
		short: "Forbid changes for a while",
		long: `Forbid changes for a while. A freeze wins over every window. Releases that wait are
told at once; a step that runs is not stopped, and the next wave waits. Times are local
(2026-12-20, 2026-12-20T18:00) or with their zone (2026-12-20T18:00:00Z); the freeze
ends at --to.`,
		example: `  starter calendar add freeze --by marc --from 2026-12-20 --to 2027-01-04T06:00 --reason "year end"
  starter calendar add freeze --by marc --from 2026-12-24T12:00 --to 2026-12-27 --reason "on call only" --environment emea,apac`,
		args:  noArguments,
		needs: []string{"from", "to", "reason", "by"},
		check: func([]string) (err error) {
			if message.From, err = a.moment("from", from); err != nil {
				return err
			}
			message.To, err = a.moment("to", to)
			return err
		},
		send: func(ctx context.Context, client *starter.Client, _ []string) (release.Receipt, error) {
			return client.AddFreeze(ctx, message)
		},
	})
	verb.ValidArgsFunction = cobra.NoFileCompletions
	flags := verb.Flags()
	flags.StringVar(&from, "from", "", "the first moment of the freeze")
	flags.StringVar(&to, "to", "", "the first moment after it")
	flags.StringSliceVar(&message.Environments, "environment", nil, "the environments that are frozen (default all)")
	reasonFlag(verb, &message.Reason)
	a.byFlag(verb, &message.By)
	return verb
}

func (a *app) addWindowVerb() *cobra.Command {
	var message release.AddWindow
	verb := a.actionVerb(action{
		use:   "window",
		short: "Let an environment be changed in a window more",
		long: `Let an environment be changed in a window more. One that has no windows may be changed
at any time, and from then on in its windows only. What was authorized for other windows
is asked for again.`,
		example: `  starter calendar add window --by olga --environment emea --rule FREQ=DAILY --start 2026-03-03T22:00 --length 4h
  starter calendar add window --by olga --environment production --name nights --reason "migration of the accounts" \
    --rule "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20260630" --start 2026-03-03T22:00 --zone Europe/Zurich --length 4h`,
		args:  noArguments,
		needs: []string{"environment", "rule", "start", "by"},
		check: func([]string) error {
			if message.Length <= 0 {
				return usage("--length is missing or wrong: say how long the window stays open, as in 4h")
			}
			return nil
		},
		send: func(ctx context.Context, client *starter.Client, _ []string) (release.Receipt, error) {
			return client.AddWindow(ctx, message)
		},
	})
	verb.ValidArgsFunction = cobra.NoFileCompletions
	flags := verb.Flags()
	flags.StringVar(&message.Environment, "environment", "", "the environment")
	flags.StringVar(&message.Name, "name", "", "what people call the window")
	flags.StringVar(&message.Rule, "rule", "", "when it opens, by RFC 5545, as in FREQ=WEEKLY;BYDAY=FR")
	flags.StringVar(&message.Start, "start", "", "its first opening in local time, as in 2026-03-06T18:00")
	flags.StringVar(&message.Zone, "zone", "", "the IANA time zone of that time, as in Europe/Zurich (default UTC)")
	flags.TextVar(&message.Length, "length", message.Length, "how long it stays open, in elapsed `time`, as in 4h")
	flags.Lookup("length").DefValue = ""
	reasonFlag(verb, &message.Reason)
	a.byFlag(verb, &message.By)
	return verb
}

func (a *app) removeEntryVerb() *cobra.Command {
	var message release.RemoveCalendarEntry
	verb := a.actionVerb(action{
		use:     "remove ENTRY",
		short:   "Take out a freeze or window that somebody added",
		example: `  starter calendar remove freeze-1 --by marc --reason "it was moved"`,
		needs:   []string{"by", "reason"},
		args: func(verb *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("%s wants one entry of the calendar, as in: %s", verb.CommandPath(), example(verb))
			}
			return nil
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			message.ID = args[0]
			return client.RemoveCalendarEntry(ctx, message)
		},
	})
	verb.ValidArgsFunction = cobra.NoFileCompletions
	reasonFlag(verb, &message.Reason)
	a.byFlag(verb, &message.By)
	return verb
}

func (a *app) overrideFreezeVerb() *cobra.Command {
	var message release.OverrideFreeze
	verb := a.actionVerb(action{
		use:   "override-freeze ID",
		short: "Go on with a deployment in spite of a freeze",
		long: `Go on with a deployment that waits because of a freeze, under a release model that lets
a group do so (emergency). Its change windows still count.`,
		example: `  starter override-freeze httpbin@2.26.1 --by eva --reason "orders are lost"`,
		needs:   []string{"by", "reason"},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.OverrideFreeze(ctx, args[0], message)
		},
	})
	reasonFlag(verb, &message.Reason)
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

// moment reads a time: with its zone, or else as the clocks here show it.
func (a *app) moment(flag, text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	for _, form := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(form, text, a.zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usage("--%s: %q is not a time: write 2026-12-20, 2026-12-20T18:00 or 2026-12-20T18:00:00Z", flag, text)
}

package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) noteVerb() *cobra.Command {
	var message release.TakeNote
	verb := a.actionVerb(action{
		use:   "note ID",
		short: "Note a lesson, risk, issue or improvement about a release",
		long: `Note a lesson, risk, issue or improvement about a release, at any time until it is
closed. An improvement needs an owner, who looks after it; the others may have one.
A release model may ask for notes before the review is closed.`,
		example: `  starter note httpbin@2.26.0 --kind lesson --text "book the window before the gate" --by marc
  starter note httpbin@2.26.0 --kind improvement --text "probe AVIF in staging" --owner tess --by marc`,
		needs: []string{"kind", "text", "by"},
		check: func([]string) error {
			switch {
			case !slices.Contains(release.NoteKinds, message.Kind):
				return usage("--kind %s is not known: use %s", message.Kind, listed(release.NoteKinds))
			case message.Kind == release.NoteImprovement && message.Owner == "":
				return usage("--owner is missing: an improvement needs somebody who looks after it")
			}
			return nil
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.Note(ctx, args[0], message)
		},
	})
	flags := verb.Flags()
	flags.StringVar((*string)(&message.Kind), "kind", "", "lesson, risk, issue or improvement")
	flags.StringVar(&message.Text, "text", "", "what is to be noted")
	flags.StringVar(&message.Owner, "owner", "", "who looks after it")
	must(verb.RegisterFlagCompletionFunc("kind", fixed(release.NoteKinds)))
	a.byFlag(verb, &message.By)
	return verb
}

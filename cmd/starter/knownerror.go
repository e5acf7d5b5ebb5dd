package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) knownErrorVerb() *cobra.Command {
	var message release.NoteKnownError
	verb := a.actionVerb(action{
		use:   "known-error ID [KNOWN-ERROR]",
		short: "Record, change or resolve a known error of a release in early life support",
		long: `Record a known error: a fault whose cause stays for now, with a workaround. With the id
of one that is known, also of those that the release was shipped with, change what is
given, or say how it was resolved. Known errors that are not resolved are in the service
catalogue as long as the release runs.`,
		example: `  starter known-error httpbin@2.26.0 --summary "AVIF is slow" --workaround "use PNG" --incident INC-1 --by olaf
  starter known-error httpbin@2.26.0 KE-1 --assignee dora --by olaf
  starter known-error httpbin@2.26.0 KE-1 --resolution "more memory" --by dora`,
		needs: []string{"by"},
		args: func(verb *cobra.Command, args []string) error {
			if len(args) == 2 {
				args = args[:1]
			}
			return oneRelease(verb, args)
		},
		check: func(args []string) error {
			if len(args) == 2 {
				message.KnownError = args[1]
			}
			changed := message.Workaround != "" || message.Incident != "" || message.Assignee != "" || message.Resolution != ""
			if message.Text == "" && (message.KnownError == "" || !changed) {
				return usage("--summary is missing: say what the error is, or give the id of a known one and what changes")
			}
			return nil
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.NoteKnownError(ctx, args[0], message)
		},
	})
	verb.ValidArgsFunction = a.completeReleaseAnd(openErrors)
	flags := verb.Flags()
	flags.StringVar(&message.Text, "summary", "", "what the error is")
	flags.StringVar(&message.Workaround, "workaround", "", "what users can do")
	flags.StringVar(&message.Resolution, "resolution", "", "how it was resolved")
	assigneeFlag(verb, &message.Assignee)
	a.incidentFlag(verb, &message.Incident, "the incident that it was found by")
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

func (a *app) rfcVerb() *cobra.Command {
	var message release.RaiseRFC
	verb := a.actionVerb(action{
		use:   "rfc ID",
		short: "Raise a request for change from early life support",
		example: `  starter rfc httpbin@2.26.0 --title "more memory" --incident INC-1 --by olaf
  starter rfc httpbin@2.26.0 --title "more memory" --rfc RFC-1234 --reason "AVIF is slow" --by olaf`,
		needs: []string{"title", "by"},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.RaiseRFC(ctx, args[0], message)
		},
	})
	flags := verb.Flags()
	flags.StringVar(&message.RFC, "rfc", "", "its id, when it has one elsewhere (default: the next RFC-n)")
	flags.StringVar(&message.Title, "title", "", "what is to be changed")
	flags.StringVar(&message.CI, "ci", "", "the configuration item to be changed (default: that of the incident)")
	reasonFlag(verb, &message.Reason)
	a.incidentFlag(verb, &message.Incident, "the incident that led to it")
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

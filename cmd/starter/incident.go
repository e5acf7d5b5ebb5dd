package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) incidentVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:   "incident",
		Short: "Report or resolve an incident of early life support",
		Example: `  starter incident report httpbin@2.26.0 --severity 2 --summary "image/avif answers 500" --by sue
  starter incident resolve httpbin@2.26.0 INC-1 --resolution "restarted" --by olaf`,
		RunE: func(verb *cobra.Command, _ []string) error {
			return usage("say report or resolve, as in: %s", example(verb))
		},
	}
	verb.AddCommand(a.incidentReportVerb(), a.incidentResolveVerb())
	return verb
}

func (a *app) incidentReportVerb() *cobra.Command {
	var message release.ReportIncident
	verb := a.actionVerb(action{
		use:   "report ID",
		short: "Report that something broke",
		example: `  starter incident report httpbin@2.26.0 --severity 2 --summary "image/avif answers 500" --by sue
  starter incident report httpbin@2.26.0 --severity 4 --summary "typo" --ci httpbin-docs --unrelated --by sue`,
		needs: []string{"summary", "by"},
		check: func([]string) error {
			if message.Severity < 1 || message.Severity > 4 {
				return usage("--severity is missing or wrong: use 1 (worst) to 4 (mildest)")
			}
			return nil
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.ReportIncident(ctx, args[0], message)
		},
	})
	flags := verb.Flags()
	flags.IntVar(&message.Severity, "severity", 0, "1 (worst) to 4 (mildest)")
	flags.StringVar(&message.Text, "summary", "", "what is broken")
	flags.StringVar(&message.CI, "ci", "", "the configuration item that is broken")
	flags.BoolVar(&message.Unrelated, "unrelated", false, "this release did not cause it")
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

func (a *app) incidentResolveVerb() *cobra.Command {
	var message release.ResolveIncident
	verb := a.actionVerb(action{
		use:   "resolve ID INCIDENT",
		short: "Say how an incident was resolved",
		example: `  starter incident resolve httpbin@2.26.0 INC-1 --resolution "restarted" --by olaf
  starter incident resolve httpbin@2.26.0 INC-1 --resolution "known error KE-7" --workaround "use PNG" --by olaf`,
		needs: []string{"resolution", "by"},
		args: func(verb *cobra.Command, args []string) error {
			const both = 2
			if len(args) != both {
				return usage("%s wants a release id and an incident, as in: %s", verb.CommandPath(), example(verb))
			}
			return oneRelease(verb, args[:1])
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			message.Incident = args[1]
			return client.ResolveIncident(ctx, args[0], message)
		},
	})
	releases, incidents := a.completeReleases(true), a.completeFromStatus(openIncidents)
	verb.ValidArgsFunction = func(verb *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 1 {
			return incidents(verb, args, typed)
		}
		return releases(verb, args, typed)
	}
	flags := verb.Flags()
	flags.StringVar(&message.Resolution, "resolution", "", "how it was resolved")
	flags.StringVar(&message.Workaround, "workaround", "", "what users can do when it happens again")
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

func openIncidents(r release.Record) []string {
	var ids []string
	for _, e := range r.Environments {
		if e.Support == nil {
			continue
		}
		for _, incident := range e.Support.Incidents {
			if incident.Open() {
				ids = append(ids, incident.ID)
			}
		}
	}
	return ids
}

package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) incidentVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:   "incident",
		Short: "Report, update or resolve an incident of early life support",
		Example: `  starter incident report httpbin@2.26.0 --severity 2 --summary "image/avif answers 500" --by sue
  starter incident update httpbin@2.26.0 INC-1 --defect configuration --assignee dora --by sue
  starter incident resolve httpbin@2.26.0 INC-1 --resolution "restarted" --by olaf`,
		RunE: func(verb *cobra.Command, _ []string) error {
			return usage("say report, update or resolve, as in: %s", example(verb))
		},
	}
	verb.AddCommand(a.incidentReportVerb(), a.incidentUpdateVerb(), a.incidentResolveVerb())
	return verb
}

func (a *app) incidentReportVerb() *cobra.Command {
	var message release.ReportIncident
	verb := a.actionVerb(action{
		use:   "report ID",
		short: "Report that something broke",
		example: `  starter incident report httpbin@2.26.0 --severity 2 --summary "image/avif answers 500" --by sue
  starter incident report httpbin@2.26.0 --severity 1 --summary "down" --defect deployment --assignee dora --by sue
  starter incident report httpbin@2.26.0 --severity 4 --summary "typo" --ci httpbin-docs --unrelated --by sue`,
		needs: []string{"summary", "by"},
		check: func([]string) error {
			if message.Severity < 1 || message.Severity > 4 {
				return usage("--severity is missing or wrong: use 1 (worst) to 4 (mildest)")
			}
			return knownDefect(message.Defect)
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
	defectFlag(verb, &message.Defect)
	assigneeFlag(verb, &message.Assignee)
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

func (a *app) incidentUpdateVerb() *cobra.Command {
	var (
		message            release.UpdateIncident
		related, unrelated bool
	)
	verb := a.actionVerb(action{
		use:   "update ID INCIDENT",
		short: "Change what is known of an incident, or who looks after it",
		long: `Change what is known of an open incident: how bad it is, of what kind, whether the
release caused it, and who looks after it. What is left out stays as it is. Who is to
look after it is told at once, and reminded while it is open.`,
		example: `  starter incident update httpbin@2.26.0 INC-1 --defect configuration --assignee dora --by sue
  starter incident update httpbin@2.26.0 INC-1 --severity 1 --comment "it spreads" --by sue
  starter incident update httpbin@2.26.0 INC-1 --unrelated --by sue`,
		needs: []string{"by"},
		args:  releaseAnd("an incident"),
		check: func([]string) error {
			switch {
			case message.Severity < 0 || message.Severity > 4:
				return usage("--severity %d: use 1 (worst) to 4 (mildest)", message.Severity)
			case related && unrelated:
				return usage("--related and --unrelated exclude each other")
			case related || unrelated:
				message.Unrelated = &unrelated
			case message.Severity == 0 && message.Defect == "" && message.Assignee == "":
				return usage("nothing changes: give --severity, --defect, --related, --unrelated or --assignee")
			}
			return knownDefect(message.Defect)
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			message.Incident = args[1]
			return client.UpdateIncident(ctx, args[0], message)
		},
	})
	verb.ValidArgsFunction = a.completeReleaseAnd(openIncidents)
	flags := verb.Flags()
	flags.IntVar(&message.Severity, "severity", 0, "1 (worst) to 4 (mildest)")
	flags.BoolVar(&related, "related", false, "this release caused it")
	flags.BoolVar(&unrelated, "unrelated", false, "this release did not cause it")
	flags.StringVar(&message.Comment, "comment", "", "what others should know")
	defectFlag(verb, &message.Defect)
	assigneeFlag(verb, &message.Assignee)
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

func (a *app) incidentResolveVerb() *cobra.Command {
	var message release.ResolveIncident
	verb := a.actionVerb(action{
		use:   "resolve ID INCIDENT",
		short: "Say how an incident was resolved",
		long: `Say how an incident was resolved. When only a workaround helps and the cause is still
there, record that with starter known-error, too.`,
		example: `  starter incident resolve httpbin@2.26.0 INC-1 --resolution "restarted" --by olaf
  starter incident resolve httpbin@2.26.0 INC-1 --resolution "known error KE-7" --workaround "use PNG" --by olaf`,
		needs: []string{"resolution", "by"},
		args:  releaseAnd("an incident"),
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			message.Incident = args[1]
			return client.ResolveIncident(ctx, args[0], message)
		},
	})
	verb.ValidArgsFunction = a.completeReleaseAnd(openIncidents)
	flags := verb.Flags()
	flags.StringVar(&message.Resolution, "resolution", "", "how it was resolved")
	flags.StringVar(&message.Workaround, "workaround", "", "what users can do when it happens again")
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

// knownDefect refuses what is no defect type.
func knownDefect(d release.Defect) error {
	if d != "" && !slices.Contains(release.Defects, d) {
		return usage("--defect %s is not known: use %s", d, listed(release.Defects))
	}
	return nil
}

// defectFlag says of what kind an incident is.
func defectFlag(verb *cobra.Command, d *release.Defect) {
	verb.Flags().StringVar((*string)(d), "defect", "", "what kind of fault it comes from: "+listed(release.Defects))
	must(verb.RegisterFlagCompletionFunc("defect", fixed(release.Defects)))
}

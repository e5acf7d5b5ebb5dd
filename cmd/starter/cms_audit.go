package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) cmsAuditVerb() *cobra.Command {
	var service string
	verb := &cobra.Command{
		Use:   "audit ENVIRONMENT",
		Short: "Compare what an environment's targets really hold with what should run there",
		Long: `Compare what the targets of an environment really hold with what should run there, by
the records of the CMS (configuration audit), and record what is found. Nothing on the
targets is changed, and the environment is not lent for it: when a deployment has it
meanwhile, that is said, for what is found may be in flux. Targets that cannot be looked
at are told as such. Who asks for an audit that is under way gets what that one finds.

Exit status: 0 all targets hold what they should; 1 some do not, or could not be looked
at; 2 wrong use; 3 an audit of another service is under way there.`,
		Example: `  starter cms audit production
  starter cms audit production --service httpbin -o json`,
		Args:              oneEnvironment,
		ValidArgsFunction: a.completeEnvironments(),
		RunE: func(verb *cobra.Command, args []string) error {
			return a.auditEnvironment(verb.Context(), release.AuditRequest{Environment: args[0], Service: service})
		},
	}
	a.serviceFilter(verb, &service)
	return verb
}

// auditEnvironment compares what the targets of an environment hold with what should
// run there; the error says that this is not so everywhere.
func (a *app) auditEnvironment(ctx context.Context, request release.AuditRequest) error {
	client, err := a.connect(ctx)
	if err != nil {
		return err
	}
	w := watcher{app: a, shown: map[string]shown{}, live: newLive(ctx, a)}
	report, err := client.Audit(ctx, request, starter.AuditObserver{
		Joined: func(r release.AuditReport) {
			a.tell("an audit of %s is under way since %s; this is what it finds", r.Environment, a.clock(r.Started))
		},
		Working: w.working,
	})
	w.live.clear()
	if err != nil {
		return err
	}
	if err := a.print(report, func(w io.Writer) { a.writeAuditReport(w, report) }); err != nil {
		return err
	}
	return auditProblem(report)
}

// auditProblem says what does not hold, with the next step; nil when all does.
func auditProblem(r release.AuditReport) error {
	discrepancies, unreached := r.Found()
	var problems []string
	if discrepancies > 0 {
		problems = append(problems, release.ManyOf(discrepancies, "target")+" of "+r.Environment+
			" held something else than should run there: find out who changed that, put it right or deploy the release again, and audit again")
	}
	if unreached > 0 {
		problems = append(problems, release.ManyOf(unreached, "target")+" of "+r.Environment+" could not be looked at: audit again once that is mended")
	}
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(problems, "; "))
}

func (a *app) writeAuditReport(w io.Writer, r release.AuditReport) {
	fmt.Fprintf(w, "%s  audited %s to %s\n", r.Environment, a.clock(r.Started), a.clock(r.Ended))
	for _, holder := range r.Holders {
		fmt.Fprintf(w, "  %s has the environment: what was found may be in flux\n", holder)
	}
	for _, s := range r.Services {
		fmt.Fprintf(w, "\n%s %s, by %s\n", s.Service, s.Version, s.Release)
		if s.Note != "" {
			writeFact(w, "unknown", oneLine(s.Note))
			continue
		}
		verdict := "all hold what they should"
		if found := s.Audit.Found(); found > 0 {
			verdict = release.Grouped(found) + " held something else"
		}
		writeFact(w, "found", release.ManyOf(s.Audit.Targets, "target")+": "+verdict)
		for _, d := range s.Audit.Discrepancies {
			writeFact(w, "FAILS", fmt.Sprintf("%s holds %s, expected %s", d.Target, oneLine(d.Found), d.Expected))
		}
		if s.Audit.Unlisted > 0 {
			writeFact(w, "", "and "+release.Grouped(s.Audit.Unlisted)+" more")
		}
		for _, u := range s.Unread {
			writeFact(w, "unread", u.Target+": "+oneLine(u.Why))
		}
		if s.MoreUnread > 0 {
			writeFact(w, "", "and "+release.Grouped(s.MoreUnread)+" more")
		}
	}
}

// oneEnvironment wants the name of an environment, and nothing else.
func oneEnvironment(verb *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage("say what to audit, as in: %s", example(verb))
	}
	return nil
}

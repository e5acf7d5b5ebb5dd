package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/config"
	"slipway/release"
	"slipway/release/audit"
	"slipway/worker/library"
)

func (a *app) auditVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:     "audit",
		Short:   "Check what a release left behind",
		Example: `  starter audit verify httpbin@2.26.0 --roster slipway.yaml`,
		Args:    noArguments,
		RunE: func(verb *cobra.Command, _ []string) error {
			return usage("say what to audit, as in: %s", example(verb))
		},
	}
	verb.AddCommand(a.auditVerifyVerb())
	return verb
}

func (a *app) auditVerifyVerb() *cobra.Command {
	var roster, dml string
	verb := &cobra.Command{
		Use:   "verify ID",
		Short: "Check that what was deployed is what was authorized",
		Long: `Check that what a release deployed is what was authorized, by whom and on what
evidence. No server is asked: only the media library and the roster are read, and
nothing in them is changed.

The roster is the configuration file of the workers, with the keys of the people
who sign votes and of the workers that sign attestations. Take it from where it is
kept under control, not from a worker: what follows is as good as these keys.

Checks are made in this order, for each start of the release, and end with the
first that does not hold: attestation (it is signed by a worker of the roster),
ledger (no vote was taken out, put in or changed), package (every byte of it, its
build record, evidence and logs), plan, gates (what they were about, and whom they
asked), votes (who voted, and signed), decisions (the votes, counted again),
deployments (each was authorized).

Exit status: 0 all of it holds; 1 something does not hold, or could not be read;
2 wrong use, such as no such file or a roster that is not valid.`,
		Example: `  starter audit verify httpbin@2.26.0 --roster slipway.yaml
  starter audit verify httpbin@2.26.0 --roster slipway.yaml --dml oci-layout:/backup/dml
  starter audit verify httpbin@2.26.0 --roster slipway.yaml -o json`,
		Args: oneRelease,
		RunE: func(verb *cobra.Command, args []string) error {
			o, lib, err := archive(roster, dml)
			if err != nil {
				return err
			}
			report := audit.Verify(verb.Context(), lib, o, args[0])
			if err := a.print(report, func(w io.Writer) { writeAudit(w, report) }); err != nil {
				return err
			}
			if problem, found := report.Problem(); found {
				return fmt.Errorf("%s is not confirmed: check %s does not hold", report.Release, problem.Name)
			}
			return nil
		},
	}
	verb.Flags().StringVar(&roster, "roster", "slipway.yaml", "the configuration file with the organization")
	verb.Flags().StringVar(&dml, "dml", "", "the media library, oci-layout:FOLDER or REGISTRY/PREFIX (default: what the roster's file says)")
	must(verb.MarkFlagFilename("roster", "yaml", "yml"))
	return verb
}

// archive opens what an audit reads: the organization in a configuration file, and
// the media library, which the same file may name.
func archive(roster, dml string) (release.Organization, library.Library, error) {
	c, err := config.Read(roster)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return release.Organization{}, library.Library{}, usage("there is no file %s: name the configuration file of the workers with --roster", roster)
	case err != nil:
		return release.Organization{}, library.Library{}, err
	}
	lib, err := (&media{config: roster, dml: dml}).in(c)
	return c.Organization, lib, err
}

func writeAudit(w io.Writer, r audit.Report) {
	fmt.Fprintf(w, "%s\n", r.Release)
	columns(w, checked(r.Library))
	for _, start := range r.Attestations {
		fmt.Fprintln(w)
		if start.Started.IsZero() {
			fmt.Fprintf(w, "attestation %s\n", start.Envelope)
		} else {
			fmt.Fprintf(w, "started %s, closed %s: %s\n", utc(start.Started), utc(start.Closed), start.Outcome)
		}
		var rows [][]string
		for _, c := range start.Checks {
			rows = append(rows, checked(c))
		}
		columns(w, rows...)
	}
	if r.Holds {
		fmt.Fprintf(w, "\nAll of it holds: what was deployed is what was authorized.\n")
	}
}

// utc is how the records of the CMS have it, whoever audits where.
func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func checked(c audit.Check) []string {
	found := strings.Join(strings.Fields(c.Found), " ")
	if c.OK {
		return []string{"  ok", c.Name, found}
	}
	return []string{"  FAILS", c.Name, found}
}

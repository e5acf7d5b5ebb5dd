package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/report"
)

// reported is what "starter report" gives to programs.
type reported struct {
	Release release.Record `json:"release"`
	Plan    release.Plan   `json:"plan"`
}

func (a *app) reportVerb() *cobra.Command {
	var file string
	verb := &cobra.Command{
		Use:   "report ID",
		Short: "Report what became of a release, against its plan",
		Long: `Report what became of a release, against its plan: stages, authorizations, builds
and tests, deployment by target, downtime, incidents, outcome. The report is
Markdown unless -o says otherwise; --html writes a page for a browser.`,
		Example: `  starter report httpbin@2.26.0
  starter report httpbin@2.26.0 --html report.html
  starter report httpbin@2.26.0 -o json
  starter report portfolio --since 90d`,
		Args:              oneRelease,
		ValidArgsFunction: a.completeReleases(false),
		RunE: func(verb *cobra.Command, args []string) error {
			record, plan, err := a.documents(verb.Context(), args[0])
			switch {
			case err != nil:
				return err
			case file != "":
				return a.writePage(file, func(w io.Writer) error { return report.HTML(w, record, plan) })
			}
			return a.print(reported{record, plan}, func(w io.Writer) { fmt.Fprint(w, report.Markdown(record, plan)) })
		},
	}
	verb.Flags().StringVar(&file, "html", "", "write the report to this file as HTML; - writes it to stdout")
	must(verb.MarkFlagFilename("html", "html"))
	writesToo(verb, markdown)
	verb.AddCommand(a.portfolioVerb())
	return verb
}

// writePage writes a report to a file; - is stdout.
func (a *app) writePage(name string, write func(w io.Writer) error) error {
	if name == "-" {
		return write(a.out)
	}
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("the report cannot be written: %w", err)
	}
	if err := write(file); err != nil {
		_ = file.Close() // the first error is the one that tells
		return err
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("the report cannot be written: %w", err)
	}
	a.tell("wrote %s", name)
	return nil
}

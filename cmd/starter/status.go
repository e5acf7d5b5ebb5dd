package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"slipway/starter"
)

func (a *app) statusVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "status ID",
		Short: "Show how far a release is, and what it waits for",
		Example: `  starter status httpbin@2.26.0
  starter status httpbin@2.26.0 -o json`,
		Args:              oneRelease,
		ValidArgsFunction: a.completeReleases(false),
		RunE: func(verb *cobra.Command, args []string) error {
			client, err := a.connect(verb.Context())
			if err != nil {
				return err
			}
			record, err := client.Status(verb.Context(), args[0])
			if err != nil {
				return err
			}
			work, err := client.WorkingOn(verb.Context(), record)
			if err != nil {
				work = nil // how far it is can be told all the same
			}
			return a.print(record, func(w io.Writer) {
				a.writeStatus(w, record)
				a.writeWork(w, work)
			})
		},
	}
}

// writeWork shows what the release works on at the moment, builds and tests above all.
func (a *app) writeWork(w io.Writer, all []starter.Work) {
	lines := (&watcher{app: a}).allLines(all, a.now())
	if len(lines) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(lines, "\n"))
	}
}

package main

import (
	"io"

	"github.com/spf13/cobra"
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
			return a.print(record, func(w io.Writer) { a.writeStatus(w, record) })
		},
	}
}

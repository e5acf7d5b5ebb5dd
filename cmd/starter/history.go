package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"slipway/starter"
)

func (a *app) historyVerb() *cobra.Command {
	var raw bool
	verb := &cobra.Command{
		Use:   "history ID",
		Short: "List what happened in a release and its deployments",
		Long: `List what happened in a release, its deployments and its early life support, from
the histories of their workflows. ID may also be the workflow id of a deployment
or an early life support.

--json exports the history of that one workflow as Temporal's own JSON, as the
Web UI and the replayer read it.`,
		Example: `  starter history httpbin@2.26.0
  starter history httpbin@2.26.0:production
  starter history httpbin@2.26.0 --json > history.json`,
		Args:              oneWorkflow,
		ValidArgsFunction: a.completeReleases(false),
		RunE: func(verb *cobra.Command, args []string) error {
			client, err := a.connect(verb.Context())
			if err != nil {
				return err
			}
			if raw {
				data, err := client.RawHistory(verb.Context(), args[0])
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(a.out, "%s\n", data)
				return err
			}
			events, err := client.History(verb.Context(), args[0])
			if err != nil {
				return err
			}
			return a.print(events, func(w io.Writer) { a.writeHistory(w, args[0], events) })
		},
	}
	verb.Flags().BoolVar(&raw, "json", false, "export the raw history of this one workflow")
	return verb
}

// oneWorkflow wants the id of a release or of one of its parts.
func oneWorkflow(verb *cobra.Command, args []string) error {
	if len(args) == 1 {
		id, _, _ := strings.Cut(args[0], ":")
		return oneRelease(verb, []string{id})
	}
	return oneRelease(verb, args)
}

func (a *app) writeHistory(w io.Writer, id string, events []starter.Event) {
	rows := [][]string{{"TIME", "WHERE", "WHAT", "BY", "RESULT", "TOOK"}}
	for _, e := range events {
		where := strings.TrimPrefix(strings.TrimPrefix(e.Workflow, id), ":")
		if where == "" {
			where = "-"
		}
		length := ""
		if e.Took > 0 {
			length = took(e.Took)
		}
		rows = append(rows, []string{a.clock(e.At), where, oneLine(e.What), orDash(e.By), orDash(oneLine(e.Result)), length})
	}
	columns(w, rows...)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

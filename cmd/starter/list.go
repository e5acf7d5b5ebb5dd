package main

import (
	"cmp"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"slipway/starter"
)

func (a *app) listVerb() *cobra.Command {
	var filter starter.Filter
	verb := &cobra.Command{
		Use:   "list",
		Short: "List releases, the latest first",
		Example: `  starter list --open
  starter list --service httpbin --outcome backed-out
  starter list --awaiting deploy:production -o jsonl`,
		Args: noArguments,
		RunE: func(verb *cobra.Command, _ []string) error {
			client, err := a.connect(verb.Context())
			if err != nil {
				return err
			}
			list, err := client.List(verb.Context(), filter)
			if err != nil {
				return err
			}
			if filter.Limit > 0 && len(list) == filter.Limit {
				a.tell("these are the latest %d; --limit 0 lists all", filter.Limit)
			}
			return a.print(list, func(w io.Writer) { a.writeList(w, list) })
		},
	}
	flags := verb.Flags()
	flags.StringVar(&filter.Service, "service", "", "only releases of this service")
	flags.StringVar(&filter.Model, "model", "", "only releases of this model")
	flags.StringVar(&filter.Environment, "environment", "", "only releases that are in this environment")
	flags.StringVar(&filter.Phase, "phase", "", "only releases in this phase, as in build or deploy:production")
	flags.StringVar(&filter.Awaiting, "awaiting", "", "only releases that wait for this, as in plan or acceptance")
	flags.StringVar((*string)(&filter.Outcome), "outcome", "", "only releases that ended so, as in completed or backed-out")
	flags.BoolVar(&filter.Open, "open", false, "only releases that have not ended")
	const most = 100
	flags.IntVar(&filter.Limit, "limit", most, "how many to list at most; 0 lists all")
	return verb
}

func (a *app) writeList(w io.Writer, list []starter.Listed) {
	rows := [][]string{{"RELEASE", "PHASE", "AWAITING", "RISK", "OUTCOME", "STARTED"}}
	for _, l := range list {
		rows = append(rows, []string{
			l.ID, cmp.Or(l.Phase, "-"), cmp.Or(l.Awaiting, "-"), strconv.Itoa(l.Risk),
			cmp.Or(string(l.Outcome), "open"), a.clock(l.Started),
		})
	}
	columns(w, rows...)
}

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

// shownPage is what "starter show" gives to programs.
type shownPage struct {
	ID       string             `json:"id"`
	Awaiting []release.Awaiting `json:"awaiting"`
	Gate     *release.Gate      `json:"gate,omitempty"`
	Details  string             `json:"details"`
}

func (a *app) showVerb() *cobra.Command {
	var gate string
	verb := &cobra.Command{
		Use:   "show ID",
		Short: "Show what a release waits for, what changes, and the evidence",
		Long: `Show the page that the Temporal Web UI shows to approvers: what is waited for and
why, what changes against what runs there now, how risky that is, the evidence, and
the votes so far. With --gate, it is about that gate and its environment only.`,
		Example: `  starter show httpbin@2.26.0
  starter show httpbin@2.26.0 --gate deploy:production`,
		Args:              oneRelease,
		ValidArgsFunction: a.completeReleases(true),
		RunE: func(verb *cobra.Command, args []string) error {
			page, err := a.page(verb.Context(), args[0], gate)
			if err != nil {
				return err
			}
			return a.print(page, func(w io.Writer) { fmt.Fprintln(w, strings.TrimSpace(page.Details)) })
		},
	}
	verb.Flags().StringVar(&gate, "gate", "", "only this gate, as in plan or deploy:production")
	must(verb.RegisterFlagCompletionFunc("gate", a.completeGates()))
	return verb
}

func (a *app) page(ctx context.Context, id, gate string) (shownPage, error) {
	record, plan, err := a.documents(ctx, id)
	if err != nil {
		return shownPage{}, err
	}
	if gate == "" {
		return shownPage{ID: id, Awaiting: record.Awaiting, Details: release.Details(record, plan)}, nil
	}
	shown := record.Gate(gate)
	if shown == nil {
		return shownPage{}, fmt.Errorf("gate %s of %s was not opened (yet): it has %s", gate, id, gateNames(record))
	}
	return shownPage{
		ID: id, Gate: shown, Details: release.GateDetails(record, plan, gate),
		Awaiting: slices.DeleteFunc(slices.Clone(record.Awaiting), func(a release.Awaiting) bool { return a.Gate != gate }),
	}, nil
}

func gateNames(r release.Record) string {
	if len(r.Gates) == 0 {
		return "none"
	}
	var names []string
	for _, g := range r.Gates {
		names = append(names, g.Name)
	}
	return strings.Join(names, ", ")
}

// documents gives the status and the plan of a release. When no worker can tell
// the plan, what a closed release left has to do.
func (a *app) documents(ctx context.Context, id string) (release.Record, release.Plan, error) {
	client, err := a.connect(ctx)
	if err != nil {
		return release.Record{}, release.Plan{}, err
	}
	record, err := client.Status(ctx, id)
	if err != nil {
		return record, release.Plan{}, err
	}
	plan, err := client.PlanOf(ctx, id)
	if err != nil && starter.CodeOf(err) == starter.NoWorker {
		a.tell("without the plan: %v", err)
		err = nil
	}
	return record, plan, err
}

package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"slipway/release"
)

func (a *app) planVerb() *cobra.Command {
	var file string
	verb := &cobra.Command{
		Use:   "plan -f FILE",
		Short: "Check a release definition and show its plan; nothing is started",
		Long: `Check a release definition against the organization's rules and the records, and
show the plan that a release of it would have. Nothing is started.`,
		Example: `  starter plan -f release.yaml
  starter plan -f release.yaml -o json`,
		Args: noArguments,
		RunE: func(verb *cobra.Command, _ []string) error {
			if err := need(verb, "file"); err != nil {
				return err
			}
			f, err := a.readDefinition(file)
			if err != nil {
				return err
			}
			plan, err := a.plan(verb.Context(), f)
			if err != nil {
				return err
			}
			return a.print(plan, func(w io.Writer) { a.writePlan(w, plan) })
		},
	}
	fileFlag(verb, &file)
	return verb
}

// plan asks a worker for the plan of a definition.
func (a *app) plan(ctx context.Context, f definitionFile) (release.Plan, error) {
	client, err := a.connect(ctx)
	if err != nil {
		return release.Plan{}, err
	}
	defer a.meanwhile("waiting for a worker on task queue %s to plan the release", client.TaskQueue())()
	plan, err := client.Plan(ctx, f.definition)
	var problems release.Problems
	if errors.As(err, &problems) {
		return plan, release.LocateProblems(f.name, f.text, problems)
	}
	return plan, err
}

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"slipway/starter"
)

func (a *app) startVerb() *cobra.Command {
	var (
		file  string
		watch bool
	)
	verb := &cobra.Command{
		Use:   "start -f FILE",
		Short: "Start a release",
		Long: `Start a release from its definition. The definition is checked first; with
anything wrong in it, nothing is started.`,
		Example: `  starter start -f release.yaml
  starter start -f release.yaml --watch`,
		Args: noArguments,
		RunE: func(verb *cobra.Command, _ []string) error {
			if err := need(verb, "file"); err != nil {
				return err
			}
			run, err := a.start(verb.Context(), file)
			if err != nil {
				return err
			}
			if watch {
				a.tell("started %s, run %s", run.ID, run.RunID)
				return a.watch(verb.Context(), run.ID)
			}
			return a.print(run, func(w io.Writer) {
				fmt.Fprintf(w, "started %s, run %s\nfollow it with: starter watch %s\n", run.ID, run.RunID, run.ID)
			})
		},
	}
	fileFlag(verb, &file)
	verb.Flags().BoolVar(&watch, "watch", false, "follow the release until it is closed")
	return verb
}

// start checks a definition as far as it can be checked, and starts the release.
func (a *app) start(ctx context.Context, file string) (starter.Run, error) {
	f, err := a.readDefinition(file)
	if err != nil {
		return starter.Run{}, err
	}
	_, err = a.plan(ctx, f)
	if starter.CodeOf(err) == starter.NoWorker {
		a.tell("no worker polls task queue %s: the release will wait until one does; start one with bin/worker", a.client.TaskQueue())
		err = nil
	}
	if err != nil {
		return starter.Run{}, err
	}
	return a.client.Start(ctx, f.definition)
}

package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) reviseVerb() *cobra.Command {
	var (
		file    string
		message release.Revise
	)
	verb := a.actionVerb(action{
		use:   "revise ID -f FILE",
		short: "Replace the definition of a release; votes on the old plan are void",
		example: `  starter revise httpbin@2.26.0 -f release.yaml --by marc --reason "one wave per rack"
  starter revise httpbin@2.26.0 -f - --by marc --reason "smaller first wave" < release.yaml`,
		needs: []string{"file", "by", "reason"},
		check: func(args []string) error {
			f, err := a.readDefinition(file)
			if err != nil {
				return err
			}
			if id := release.ID(f.definition.Service, f.definition.Version); id != args[0] {
				return usage("%s defines %s, not %s: a revision keeps service and version", f.name, id, args[0])
			}
			message.Definition = &f.definition
			return nil
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.Revise(ctx, args[0], message)
		},
	})
	fileFlag(verb, &file)
	reasonFlag(verb, &message.Reason)
	a.byFlag(verb, &message.By)
	return verb
}

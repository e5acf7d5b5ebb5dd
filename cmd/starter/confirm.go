package main

import (
	"context"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) confirmVerb() *cobra.Command {
	var message release.Confirm
	verb := a.actionVerb(action{
		use:   "confirm ID ITEM",
		short: "Confirm that something is ready for a deployment",
		long: `Confirm an item of readiness: that the service desk is trained, that support staff
is named, that a document is there. It may be done as soon as there is a plan; the
deployment waits for what is still missing. During early life support, confirm item
knowledge: that what support has to know was transferred to service operations.`,
		example: `  starter confirm httpbin@2.26.0 desk-trained --by sam
  starter confirm httpbin@2.26.0 desk-trained --environment production --by sam --comment "all five, on Monday"`,
		needs: []string{"by"},
		args:  releaseAnd("an item"),
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			message.Item = args[1]
			return client.Confirm(ctx, args[0], message)
		},
	})
	verb.ValidArgsFunction = a.completeReleaseAnd(neededItems)
	verb.Flags().StringVar(&message.Comment, "comment", "", "what others should know")
	a.environmentFlag(verb, &message.Environment)
	a.byFlag(verb, &message.By)
	return verb
}

// neededItems lists the items that a release waits for.
func neededItems(r release.Record) []string {
	var items []string
	for _, w := range r.Awaiting {
		if w.Item != "" {
			items = append(items, w.Item)
		}
	}
	return items
}

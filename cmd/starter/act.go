package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

// action describes a verb by which people act on a release.
type action struct {
	use     string
	short   string
	long    string
	example string
	// needs are the flags without which it cannot be sent.
	needs []string
	// args checks the arguments; the default wants one release id.
	args cobra.PositionalArgs
	// check refuses wrong use before anything is sent.
	check func(args []string) error
	send  func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error)
}

// actionVerb makes the verb of an action: it is sent, and the receipt shown.
func (a *app) actionVerb(act action) *cobra.Command {
	if act.args == nil {
		act.args = oneRelease
	}
	return &cobra.Command{
		Use: act.use, Short: act.short, Long: act.long, Example: act.example,
		Args:              act.args,
		ValidArgsFunction: a.completeReleases(true),
		RunE: func(verb *cobra.Command, args []string) error {
			if err := need(verb, act.needs...); err != nil {
				return err
			}
			if act.check != nil {
				if err := act.check(args); err != nil {
					return err
				}
			}
			client, err := a.connect(verb.Context())
			if err != nil {
				return err
			}
			receipt, err := act.send(verb.Context(), client, args)
			if err != nil {
				return err
			}
			return a.print(receipt, func(w io.Writer) { fmt.Fprintln(w, receipt.Message) })
		},
	}
}

package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) authorizeVerb() *cobra.Command {
	var vote release.Authorization
	verb := a.actionVerb(action{
		use:   "authorize ID --gate GATE",
		short: "Vote at a gate: authorize, reject, or ask for a revision",
		long: `Vote at a gate: authorize what it shows, reject it, or ask for a revision. With
--digest the vote only counts while the gate still shows what you read; the first
12 digits are enough.`,
		example: `  starter authorize httpbin@2.26.0 --gate plan --by ana
  starter authorize httpbin@2.26.0 --gate deploy:production --by ana --digest 3f9a0c1b7d22
  starter authorize httpbin@2.26.0 --gate plan --decision reject --by ben --comment "no way back from step 3"`,
		needs: []string{"gate", "by"},
		check: func([]string) error {
			if !slices.Contains(release.Votes, vote.Decision) {
				return usage("--decision %s is not known: use authorize, reject or revise", vote.Decision)
			}
			return nil
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			return client.Authorize(ctx, args[0], vote)
		},
	})
	flags := verb.Flags()
	flags.StringVar(&vote.Gate, "gate", "", "the gate, as in plan, build or deploy:production")
	flags.StringVar((*string)(&vote.Decision), "decision", string(release.Authorize), "authorize, reject or revise")
	flags.StringVar(&vote.Comment, "comment", "", "what others should know about the vote")
	flags.StringVar(&vote.Digest, "digest", "", "what is voted on, as the gate shows it")
	a.byFlag(verb, &vote.By)
	must(verb.RegisterFlagCompletionFunc("gate", a.completeGates()))
	must(verb.RegisterFlagCompletionFunc("decision", cobra.FixedCompletions(
		[]string{string(release.Authorize), string(release.Reject), string(release.ReviseIt)}, cobra.ShellCompDirectiveNoFileComp)))
	return verb
}

package main

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

const (
	// completionLimit is how long a shell may be kept waiting for completions.
	completionLimit = 2 * time.Second
	completionCount = 50
)

// completeReleases offers the ids of releases.
func (a *app) completeReleases(openOnly bool) cobra.CompletionFunc {
	return func(verb *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(verb.Context(), completionLimit)
		defer cancel()
		var offers []cobra.Completion
		client, err := a.connect(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		list, err := client.List(ctx, starter.Filter{Open: openOnly, Limit: completionCount})
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		for _, l := range list {
			offers = append(offers, cobra.CompletionWithDesc(l.ID, cmp.Or(string(l.Outcome), l.Awaiting, l.Phase)))
		}
		return offers, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFromStatus offers names that stand in the status of the release.
func (a *app) completeFromStatus(names func(release.Record) []string) cobra.CompletionFunc {
	return func(verb *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(verb.Context(), completionLimit)
		defer cancel()
		client, err := a.connect(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		record, err := client.Status(ctx, args[0])
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return names(record), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeGates offers the gates that wait for votes, or else all there were.
func (a *app) completeGates() cobra.CompletionFunc {
	return a.completeFromStatus(func(r release.Record) []string {
		var waiting, all []string
		for _, w := range r.Awaiting {
			if w.Gate != "" {
				waiting = append(waiting, w.Gate)
			}
		}
		for _, g := range r.Gates {
			all = append(all, g.Name)
		}
		if len(waiting) > 0 {
			return waiting
		}
		return all
	})
}

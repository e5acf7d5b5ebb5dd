package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
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

// completing offers what find gives in time, and nothing when that fails.
func completing(find func(ctx context.Context, verb *cobra.Command, args []string) ([]cobra.Completion, error)) cobra.CompletionFunc {
	return func(verb *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(verb.Context(), completionLimit)
		defer cancel()
		offers, err := find(ctx, verb, args)
		if err != nil {
			offers = nil
		}
		return offers, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeReleases offers the ids of releases.
func (a *app) completeReleases(openOnly bool) cobra.CompletionFunc {
	return a.completeFromList(starter.Filter{Open: openOnly, Limit: completionCount}, func(list []starter.Listed) []cobra.Completion {
		offers := make([]cobra.Completion, len(list))
		for i, l := range list {
			offers[i] = cobra.CompletionWithDesc(l.ID, cmp.Or(string(l.Outcome), l.Awaiting, l.Phase))
		}
		return offers
	})
}

// completeServices offers the services that were released last.
func (a *app) completeServices() cobra.CompletionFunc {
	return a.completeFromList(starter.Filter{Limit: completionCount}, func(list []starter.Listed) []cobra.Completion {
		var services []cobra.Completion
		for _, l := range list {
			if service, _, err := release.ParseID(l.ID); err == nil && !slices.Contains(services, service) {
				services = append(services, service)
			}
		}
		return services
	})
}

// completeFromList offers as the first argument what a list of releases tells.
func (a *app) completeFromList(filter starter.Filter, offers func([]starter.Listed) []cobra.Completion) cobra.CompletionFunc {
	return a.completeFirst(func(ctx context.Context, client *starter.Client) ([]cobra.Completion, error) {
		list, err := client.List(ctx, filter)
		return offers(list), err
	})
}

// completeFirst offers as the first argument what the server or a worker tells.
func (a *app) completeFirst(ask func(ctx context.Context, client *starter.Client) ([]cobra.Completion, error)) cobra.CompletionFunc {
	return completing(func(ctx context.Context, _ *cobra.Command, args []string) ([]cobra.Completion, error) {
		if len(args) > 0 {
			return nil, nil
		}
		client, err := a.connect(ctx)
		if err != nil {
			return nil, err
		}
		return ask(ctx, client)
	})
}

// completeFromStatus offers names that stand in the status of the release.
func (a *app) completeFromStatus(names func(release.Record) []string) cobra.CompletionFunc {
	return completing(func(ctx context.Context, _ *cobra.Command, args []string) ([]cobra.Completion, error) {
		if len(args) == 0 {
			return nil, nil
		}
		client, err := a.connect(ctx)
		if err != nil {
			return nil, err
		}
		record, err := client.Status(ctx, args[0])
		return names(record), err
	})
}

// fixed offers the words of a list.
func fixed[S ~string](words []S) cobra.CompletionFunc {
	return cobra.FixedCompletions(texts(words), cobra.ShellCompDirectiveNoFileComp)
}

// listed names the words of a list to people.
func listed[S ~string](words []S) string { return strings.Join(texts(words), ", ") }

func texts[S ~string](words []S) []string {
	plain := make([]string, len(words))
	for i, word := range words {
		plain[i] = string(word)
	}
	return plain
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

// completeGatesOfAny offers the gates of the release that is named, or else those at which
// the latest open releases wait.
func (a *app) completeGatesOfAny() cobra.CompletionFunc {
	ofOne, ofAll := a.completeGates(), a.completeWaiting()
	return func(verb *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return ofOne(verb, args, typed)
		}
		return ofAll(verb, nil, typed)
	}
}

// completeWaiting offers the gates at which the latest open releases wait.
func (a *app) completeWaiting() cobra.CompletionFunc {
	return a.completeFromList(starter.Filter{Open: true, Limit: completionCount}, func(list []starter.Listed) []cobra.Completion {
		var gates []cobra.Completion
		for _, l := range list {
			if starter.IsGate(l.Awaiting) && !slices.Contains(gates, l.Awaiting) {
				gates = append(gates, l.Awaiting)
			}
		}
		return gates
	})
}

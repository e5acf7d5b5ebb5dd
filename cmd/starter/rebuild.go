package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) rebuildVerb() *cobra.Command {
	var (
		components []string
		given      map[string]release.Source
		message    release.Rebuild
	)
	verb := a.actionVerb(action{
		use:   "rebuild ID",
		short: "Ask for another build, possibly from other sources",
		long: `Ask for another build, when tests failed for good or before a deployment. With
--component it is built from another version of a component, named with its
content sum; a component that is a folder takes a path in place of the version.`,
		example: `  starter rebuild httpbin@2.26.0 --by marc --reason "the proxy was down"
  starter rebuild httpbin@2.26.0 --by marc --reason "fixed upstream" \
    --component httpbin=v2.26.1@h1:JbKBrX9F9wjwXedIJkWe+jjYRjysHZrWKgJRPDSIxVw=`,
		needs: []string{"by", "reason"},
		check: func([]string) (err error) {
			given, err = parseSources(components)
			return err
		},
		send: func(ctx context.Context, client *starter.Client, args []string) (release.Receipt, error) {
			sources, err := newSources(ctx, client, args[0], given)
			if err != nil {
				return release.Receipt{}, err
			}
			message.Components = sources
			return client.Rebuild(ctx, args[0], message)
		},
	})
	verb.Flags().StringArrayVar(&components, "component", nil, "another source of a component, NAME=VERSION@SUM; may be given again")
	reasonFlag(verb, &message.Reason)
	a.byFlag(verb, &message.By)
	return verb
}

// parseSources reads components as NAME=VERSION@SUM.
func parseSources(texts []string) (map[string]release.Source, error) {
	sources := map[string]release.Source{}
	for _, text := range texts {
		name, rest, named := strings.Cut(text, "=")
		at := strings.LastIndex(rest, "@")
		if !named || name == "" || at < 0 || !strings.HasPrefix(rest[at+1:], "h1:") {
			return nil, usage("--component %s: write it as NAME=VERSION@SUM, as in httpbin=v2.26.1@h1:…", text)
		}
		sources[name] = release.Source{Version: rest[:at], Sum: rest[at+1:]}
	}
	return sources, nil
}

// newSources completes what was given from the components of the release's plan.
func newSources(ctx context.Context, client *starter.Client, id string, given map[string]release.Source) (map[string]release.Source, error) {
	if len(given) == 0 {
		return nil, nil
	}
	plan, err := client.PlanOf(ctx, id)
	if err != nil {
		return nil, err
	}
	planned := plan.Definition.Components
	sources := map[string]release.Source{}
	for name, source := range given {
		i := slices.IndexFunc(planned, func(c release.Component) bool { return c.Name == name })
		if i < 0 {
			return nil, usage("--component %s: %s has no such component", name, id)
		}
		sources[name], err = newSource(planned[i].Source, source)
		if err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// newSource gives a planned source another version, or another folder, and sum.
func newSource(planned, given release.Source) (release.Source, error) {
	planned.Sum = given.Sum
	switch {
	case given.Version == "":
	case planned.Module != "":
		planned.Version = given.Version
	default:
		dir, err := filepath.Abs(given.Version)
		if err != nil {
			return planned, err
		}
		planned.Dir = dir
	}
	return planned, nil
}

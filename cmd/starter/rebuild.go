package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) rebuildVerb() *cobra.Command {
	var (
		components []string
		given      map[string]string
		message    release.Rebuild
	)
	verb := a.actionVerb(action{
		use:   "rebuild ID",
		short: "Ask for another build, possibly from other sources",
		long: `Ask for another build, when tests failed for good or before a deployment. With
--component it is built from another revision of a component, pinned like the one
of the plan and of the same kind:

  module   NAME=VERSION@h1:SUM
  git      NAME=COMMIT or NAME=TAG@COMMIT, of the same repository
  archive  NAME=URL@sha256:DIGEST
  oci      NAME=sha256:DIGEST, of the same repository, or NAME=REPOSITORY@sha256:DIGEST
  dir      NAME=FOLDER@h1:SUM

A source of another kind takes a revised definition (starter revise).`,
		example: `  starter rebuild httpbin@2.26.0 --by marc --reason "the proxy was down"
  starter rebuild httpbin@2.26.0 --by marc --reason "fixed upstream" \
    --component httpbin=v2.26.1@h1:JbKBrX9F9wjwXedIJkWe+jjYRjysHZrWKgJRPDSIxVw=
  starter rebuild shop@1.4.0 --by marc --reason "fixed" \
    --component web=v1.4.1@8a5edab282632443219e051e4ade2d1d5bbc671c`,
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
	verb.Flags().StringArrayVar(&components, "component", nil, "another revision of a component, NAME=REVISION; may be given again")
	reasonFlag(verb, &message.Reason)
	a.byFlag(verb, &message.By)
	return verb
}

// parseSources reads components as NAME=REVISION.
func parseSources(texts []string) (map[string]string, error) {
	revisions := map[string]string{}
	for _, text := range texts {
		name, revision, _ := strings.Cut(text, "=")
		if name == "" || revision == "" {
			return nil, usage("--component %s: write it as NAME=REVISION, as in httpbin=v2.26.1@h1:…", text)
		}
		revisions[name] = revision
	}
	return revisions, nil
}

// newSources completes what was given from the components of the release's plan.
func newSources(ctx context.Context, client *starter.Client, id string, given map[string]string) (map[string]release.Source, error) {
	if len(given) == 0 {
		return nil, nil
	}
	plan, err := client.PlanOf(ctx, id)
	if err != nil {
		return nil, err
	}
	planned := plan.Definition.Components
	sources := map[string]release.Source{}
	for name, revision := range given {
		i := slices.IndexFunc(planned, func(c release.Component) bool { return c.Name == name })
		if i < 0 {
			return nil, usage("--component %s: %s has no such component", name, id)
		}
		sources[name], err = revised(planned[i].Source, revision)
		if err != nil {
			return nil, usage("--component %s=%s: %v", name, revision, err)
		}
	}
	return sources, nil
}

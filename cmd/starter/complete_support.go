package main

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"slipway/release"
)

// releaseAnd wants the id of a release and that of something of it.
func releaseAnd(what string) cobra.PositionalArgs {
	return func(verb *cobra.Command, args []string) error {
		const both = 2
		if len(args) != both {
			return usage("%s wants a release id and %s, as in: %s", verb.CommandPath(), what, example(verb))
		}
		return oneRelease(verb, args[:1])
	}
}

// completeReleaseAnd offers releases, then what stands in the status of one.
func (a *app) completeReleaseAnd(names func(release.Record) []string) cobra.CompletionFunc {
	releases, others := a.completeReleases(true), a.completeFromStatus(names)
	return func(verb *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		switch len(args) {
		case 0:
			return releases(verb, args, typed)
		case 1:
			return others(verb, args, typed)
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// supports gives what is known of early life support in each environment.
func supports(r release.Record) []*release.SupportStatus {
	var all []*release.SupportStatus
	for _, e := range r.Environments {
		if e.Support != nil {
			all = append(all, e.Support)
		}
	}
	return all
}

func allIncidents(r release.Record) []string {
	return incidents(r, func(release.Incident) bool { return true })
}

func openIncidents(r release.Record) []string { return incidents(r, release.Incident.Open) }

func incidents(r release.Record, wanted func(release.Incident) bool) []string {
	var ids []string
	for _, s := range supports(r) {
		for _, i := range s.Incidents {
			if wanted(i) {
				ids = append(ids, i.ID)
			}
		}
	}
	return ids
}

func openCalls(r release.Record) []string {
	var ids []string
	for _, s := range supports(r) {
		for _, c := range s.Calls {
			if c.ID != "" && c.Resolved.IsZero() {
				ids = append(ids, c.ID)
			}
		}
	}
	return ids
}

// openErrors lists the known errors, shipped or found, that are not resolved.
func openErrors(r release.Record) []string {
	open := map[string]bool{}
	for _, k := range r.KnownErrors {
		open[k.ID] = true
	}
	for _, s := range supports(r) {
		for _, k := range s.KnownErrors {
			open[k.ID] = k.Resolved.IsZero()
		}
	}
	maps.DeleteFunc(open, func(_ string, open bool) bool { return !open })
	return slices.Sorted(maps.Keys(open))
}

// assigneeFlag says who is to look after something.
func assigneeFlag(verb *cobra.Command, assignee *string) {
	verb.Flags().StringVar(assignee, "assignee", "", "who looks after it, as on the roster; is told at once, and reminded")
}

// incidentFlag names an incident of the release.
func (a *app) incidentFlag(verb *cobra.Command, incident *string, why string) {
	verb.Flags().StringVar(incident, "incident", "", why)
	must(verb.RegisterFlagCompletionFunc("incident", a.completeFromStatus(allIncidents)))
}

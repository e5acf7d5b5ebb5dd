package main

import (
	"cmp"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/records"
)

func (a *app) cmsReleasesVerb() *cobra.Command {
	var filter records.Releases
	var since string
	verb := &cobra.Command{
		Use:   "releases",
		Short: "List the releases that are recorded, the latest first",
		Long: `List the releases that are recorded, the latest first; one that was started several
times is there with each of its starts. Unlike starter list, which asks the server,
this knows them for as long as the CMS is kept.`,
		Example: `  starter cms releases --service httpbin --since 90d
  starter cms releases --outcome backed-out -o csv
  starter cms releases --rfc RFC-2041
  starter cms releases --person ana --open`,
		Args: noArguments,
	}
	flags := verb.Flags()
	flags.StringVar(&filter.Model, "type", "", "only of this release model, as in standard, normal or emergency")
	flags.StringVar((*string)(&filter.Outcome), "outcome", "", "only those that ended so, as in completed or backed-out")
	flags.StringVar(&since, "since", "", "only those that were started since, as in 90d or 2026-03-01")
	flags.StringVar(&filter.RFC, "rfc", "", "only those that carry out this request for change, or led to it")
	flags.StringVar(&filter.Person, "person", "", "only those that this person requested, manages, or did something in")
	flags.BoolVar(&filter.Open, "open", false, "only those that have not ended")
	must(verb.RegisterFlagCompletionFunc("outcome", fixed(release.Outcomes)))
	a.serviceFilter(verb, &filter.Service)
	a.environmentFilter(verb, &filter.Environment)
	return a.inquire(inquiry{
		Command: verb,
		request: func([]string) (r records.Request, err error) {
			filter.Since, err = a.past("since", since)
			return records.Request{Releases: &filter}, err
		},
		rows: func(found records.Answer) any { return found.Releases },
		show: func(w io.Writer, found records.Answer) { a.writeRecordedReleases(w, found.Releases) },
	})
}

func (a *app) writeRecordedReleases(w io.Writer, list []records.Release) {
	if len(list) == 0 {
		noneRecorded(w, "release")
		return
	}
	rows := [][]string{{"RELEASE", "TYPE", "OUTCOME", "STARTED", "CLOSED", "MANAGER", "ENVIRONMENTS", "CHANGES", "RFCS"}}
	for _, r := range list {
		rows = append(rows, []string{
			r.ID, r.Model, outcomeText(r.Outcome, r.Phase), a.clock(r.Started), orDash(a.clock(r.Closed)), r.Manager,
			orDash(strings.Join(r.Environments, ", ")), orDash(strings.Join(r.ConfigurationItems, ", ")), orDash(strings.Join(r.RFCs, ", ")),
		})
	}
	columns(w, rows...)
}

// outcomeText says how a release ended, or where it is.
func outcomeText(outcome release.Outcome, phase release.StageName) string {
	return cmp.Or(string(outcome), "in "+string(phase))
}

// noneRecorded says that a list is empty.
func noneRecorded(w io.Writer, what string) {
	_, _ = io.WriteString(w, "No "+what+" like this is recorded.\n") // it goes to memory first
}

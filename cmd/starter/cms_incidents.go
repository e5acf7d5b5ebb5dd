package main

import (
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/records"
)

func (a *app) cmsIncidentsVerb() *cobra.Command {
	var filter records.Incidents
	var since string
	var defects []string
	var unrelated bool
	verb := &cobra.Command{
		Use:   "incidents",
		Short: "List the incidents that are recorded, the latest first",
		Example: `  starter cms incidents --service httpbin --open
  starter cms incidents --severity 1,2 --since 90d --unrelated=false
  starter cms incidents --defect data --defect performance -o csv`,
		Args: noArguments,
	}
	flags := verb.Flags()
	flags.StringVar(&filter.Release, "release", "", "only those of this release")
	flags.IntSliceVar(&filter.Severities, "severity", nil, "only those of these severities, 1 (worst) to 4 (mildest)")
	flags.StringSliceVar(&defects, "defect", nil, "only those of these defect types, as in data or performance")
	flags.StringVar(&filter.Assignee, "assignee", "", "only those that this person looks after")
	flags.StringVar(&since, "since", "", "only those that were opened since, as in 90d or 2026-03-01")
	flags.BoolVar(&filter.Open, "open", false, "only those that are not resolved")
	flags.BoolVar(&unrelated, "unrelated", false, "only those that the release did not cause; =false, only those that it did")
	must(verb.RegisterFlagCompletionFunc("release", a.completeReleases(false)))
	must(verb.RegisterFlagCompletionFunc("defect", fixed(release.Defects)))
	a.serviceFilter(verb, &filter.Service)
	a.environmentFilter(verb, &filter.Environment)
	return a.inquire(inquiry{
		Command: verb,
		request: func([]string) (r records.Request, err error) {
			if flags.Changed("unrelated") {
				filter.Unrelated = &unrelated
			}
			filter.Defects = nil
			for _, d := range defects {
				filter.Defects = append(filter.Defects, release.Defect(d))
			}
			filter.Since, err = a.past("since", since)
			return records.Request{Incidents: &filter}, err
		},
		rows: func(found records.Answer) any { return found.Incidents },
		show: func(w io.Writer, found records.Answer) { a.writeRecordedIncidents(w, found.Incidents) },
	})
}

func (a *app) writeRecordedIncidents(w io.Writer, list []records.Incident) {
	if len(list) == 0 {
		noneRecorded(w, "incident")
		return
	}
	rows := [][]string{{"INCIDENT", "RELEASE", "ENVIRONMENT", "SEVERITY", "CI", "DEFECT", "OPENED", "RESOLVED", "ASSIGNEE", "SUMMARY"}}
	for _, i := range list {
		resolved := "open"
		if !i.Open() {
			resolved = a.clock(i.Resolved)
		}
		text := i.Summary
		if i.Unrelated {
			text += " (not caused by the release)"
		}
		rows = append(rows, []string{
			i.ID, i.Release, i.Environment, strconv.Itoa(i.Severity), orDash(i.CI), orDash(string(i.Defect)),
			a.clock(i.Opened), resolved, orDash(i.Assignee), oneLine(text),
		})
	}
	columns(w, rows...)
}

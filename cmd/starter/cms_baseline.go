package main

import (
	"cmp"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/records"
)

func (a *app) cmsBaselineVerb() *cobra.Command {
	var filter records.Baselines
	var at string
	verb := &cobra.Command{
		Use:   "baseline [ENVIRONMENT]",
		Short: "Show what runs where, since when, and who authorized it",
		Long: `Show what runs where, or ran at a time, since when, by which release, and who
authorized that, by the ledger's counted votes at its gate. --history lists everything
that ever ran, the latest first. starter cms audit compares this with what the targets
really hold.`,
		Example: `  starter cms baseline
  starter cms baseline production --at 2026-03-01
  starter cms baseline production --service httpbin --history -o csv`,
		Args: func(verb *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("%s wants one environment, or none for all of them, as in: %s", verb.CommandPath(), example(verb))
			}
			return nil
		},
		ValidArgsFunction: a.completeEnvironments(),
	}
	verb.Flags().StringVar(&at, "at", "", "what ran then, as in 2026-03-01T09:30:00Z or 90d for so long ago")
	verb.Flags().BoolVar(&filter.History, "history", false, "everything that ever ran")
	a.serviceFilter(verb, &filter.Service)
	return a.inquire(inquiry{
		Command: verb,
		request: func(args []string) (r records.Request, err error) {
			filter.Environment = strings.Join(args, "")
			filter.At, err = a.past("at", at)
			return records.Request{Baselines: &filter}, err
		},
		rows: func(found records.Answer) any { return found.Baselines },
		show: func(w io.Writer, found records.Answer) { a.writePlacements(w, found.Baselines) },
	})
}

// writePlacements shows what ran where, a row each.
func (a *app) writePlacements(w io.Writer, list []records.Placement) {
	if len(list) == 0 {
		noneRecorded(w, "baseline")
		return
	}
	rows := [][]string{{"ENVIRONMENT", "SERVICE", "VERSION", "SINCE", "UNTIL", "PUT THERE BY", "AUTHORIZED BY", "RFCS"}}
	for _, p := range list {
		rows = append(rows, []string{
			p.Environment, p.Service, p.Version + exceptionsText(p.Others), a.clock(p.Since), orDash(a.clock(p.Until)),
			putThereText(p), authorizedText(p.Authorized), orDash(strings.Join(p.RFCs, ", ")),
		})
	}
	columns(w, rows...)
}

// putThereText names the release that put something there, or the one whose back-out
// did.
func putThereText(p records.Placement) string {
	if p.BackedOutOf() {
		return "back-out of " + p.SetBy
	}
	return p.Release
}

// authorizedText says who authorized something.
func authorizedText(by records.Authorized) string {
	switch {
	case by.Gate == "":
		return "no gate"
	case by.Decision == release.PreAuthorized:
		return "its release model"
	}
	return cmp.Or(strings.Join(by.By, ", "), "nobody on record")
}

// exceptionsText tells of targets that hold something else.
func exceptionsText(others []records.Exception) string {
	var texts []string
	for _, x := range others {
		texts = append(texts, x.String())
	}
	if len(texts) == 0 {
		return ""
	}
	return ", but " + strings.Join(texts, ", ")
}

package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release/records"
)

func (a *app) cmsKnownErrorsVerb() *cobra.Command {
	var filter records.KnownErrors
	verb := &cobra.Command{
		Use:   "known-errors [WORD]…",
		Short: "Search the known errors and their workarounds",
		Long: `Search the known errors, those that releases were shipped with and those that early
life support found: words are looked for in id, summary and workaround, and what has
most of them comes first. Without words the latest come first.`,
		Example: `  starter cms known-errors avif slow
  starter cms known-errors --service httpbin --open
  starter cms known-errors KE-7 -o json`,
	}
	verb.Flags().BoolVar(&filter.Open, "open", false, "only those that are not resolved")
	a.serviceFilter(verb, &filter.Service)
	verb.ValidArgsFunction = cobra.NoFileCompletions
	return a.inquire(inquiry{
		Command: verb,
		request: func(args []string) (records.Request, error) {
			filter.Words = nil
			for _, arg := range args {
				filter.Words = append(filter.Words, strings.Fields(arg)...)
			}
			return records.Request{KnownErrors: &filter}, nil
		},
		rows: func(found records.Answer) any { return found.KnownErrors },
		show: func(w io.Writer, found records.Answer) { a.writeKnownErrors(w, found.KnownErrors) },
	})
}

func (a *app) writeKnownErrors(w io.Writer, list []records.KnownError) {
	if len(list) == 0 {
		noneRecorded(w, "known error")
	}
	for i, k := range list {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s %s  %s\n", k.Service, k.ID, oneLine(k.Summary))
		writeFact(w, "", "Workaround: "+cmp.Or(oneLine(k.Workaround), "none"))
		var runs []string
		for _, r := range k.Runs {
			runs = append(runs, r.String())
		}
		writeFact(w, "runs in", cmp.Or(strings.Join(runs, ", "), "no environment"))
		writeFact(w, "known", "since "+a.clock(k.Since)+" of "+strings.Join(some(k.Releases), ", "))
		if k.Incident != "" {
			writeFact(w, "found by", k.Incident)
		}
		resolved := "open"
		if !k.Resolved.IsZero() {
			resolved = with("resolved "+a.clock(k.Resolved), oneLine(k.Resolution))
		}
		writeFact(w, "state", resolved)
	}
}

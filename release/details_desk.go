package release

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// deskShown is how much of each kind the page of an early life support lists, the
// latest of it.
const deskShown = 20

// writeDesk shows what people recorded during early life support: what is open first,
// with the line that resolves it.
func writeDesk(w writer, s SupportStatus) {
	writeMatters(w, s.Matters())
	var resolved, calls, known, raised []string
	for _, i := range s.Incidents {
		if !i.Open() {
			resolved = append(resolved, fmt.Sprintf("%s, severity %d, %s: resolved by %s: %s%s", i.ID, i.Severity, cell(i.Summary),
				cell(i.ResolvedBy), cell(i.Resolution), when(i.RFC+i.KnownError != "", "; led to "+list(filled(i.KnownError, i.RFC)))))
		}
	}
	for _, c := range s.Calls {
		calls = append(calls, fmt.Sprintf("%s at %s, %s: %s%s", cell(cmp.Or(c.ID, "Call")), clock(c.At), cell(c.By), cell(c.Summary),
			when(!c.Resolved.IsZero(), "; resolved by "+cell(c.ResolvedBy)+": "+cell(c.Resolution))))
	}
	for _, k := range s.KnownErrors {
		known = append(known, fmt.Sprintf("%s: %s%s%s", cell(k.ID), cell(k.Summary), when(k.Workaround != "", "; workaround: "+cell(k.Workaround)),
			when(!k.Resolved.IsZero(), "; resolved by "+cell(k.ResolvedBy)+": "+cell(k.Resolution))))
	}
	for _, r := range s.RFCs {
		raised = append(raised, fmt.Sprintf("%s by %s: %s%s", cell(r.ID), cell(r.By), cell(r.Title), when(r.Incident != "", ", from "+cell(r.Incident))))
	}
	writeLatest(w, "Resolved incidents", resolved, len(resolved))
	writeLatest(w, "Service desk calls", calls, s.CallCount())
	writeLatest(w, "Known errors", known, len(known))
	writeLatest(w, "Requests for change", raised, len(raised))
}

// mattersShown is how many open matters the page shows with the line that resolves
// them.
const mattersShown = 10

// writeMatters shows what is open and to be looked after, the oldest first, and what to
// send when it is resolved.
func writeMatters(w writer, all []Matter) {
	if len(all) == 0 {
		return
	}
	w("### Open\n")
	for _, m := range all[:min(len(all), mattersShown)] {
		keeper := "nobody looks after it"
		if m.Assignee != "" {
			keeper = "for " + cell(m.Assignee) + " since " + clock(m.Assigned)
		}
		w("**%s: %s**, %s since %s, %s. When it is resolved, send `%s`:\n", cell(m.ID), cell(m.Summary), m.Kind, clock(m.Since), keeper, m.Action)
		if line, err := json.Marshal(m.Message); err == nil {
			w("`%s`\n", verbatim(string(line)))
		}
	}
	if more := len(all) - mattersShown; more > 0 {
		w("And %s more.\n", Grouped(more))
	}
}

// writeLatest lists the latest of many under a heading, and how many there are in all.
func writeLatest(w writer, title string, items []string, count int) {
	if len(items) == 0 {
		return
	}
	w("### %s\n", title)
	if count > deskShown {
		w("The latest of %s:\n", Grouped(count))
	}
	for _, item := range items[max(0, len(items)-deskShown):] {
		w("- %s", item)
	}
	w("")
}

// filled keeps the texts that are not empty.
func filled(texts ...string) []string {
	var kept []string
	for _, text := range texts {
		if strings.TrimSpace(text) != "" {
			kept = append(kept, cell(text))
		}
	}
	return kept
}

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"slipway/release"
)

// writeDesk shows what people recorded during early life support: incidents, what is
// open of the rest, and the RFCs that it led to.
func (a *app) writeDesk(w io.Writer, s *release.SupportStatus) {
	for _, i := range s.Incidents {
		facts := []string{fmt.Sprintf("severity %d", i.Severity)}
		if i.Defect != "" {
			facts = append(facts, string(i.Defect))
		}
		if i.Unrelated {
			facts = append(facts, "not caused by the release")
		}
		facts = append(facts, a.courseText(i.Assignment, i.Resolved, i.ResolvedBy))
		for _, led := range []string{i.KnownError, i.RFC} {
			if led != "" {
				facts = append(facts, "see "+led)
			}
		}
		fmt.Fprintf(w, "  %s, %s: %s\n", i.ID, strings.Join(facts, ", "), oneLine(i.Summary))
	}
	if n := s.CallCount(); n > 0 {
		fmt.Fprintf(w, "  %s\n", release.ManyOf(n, "service desk call"))
	}
	for _, c := range s.Calls {
		if c.ID != "" && c.Resolved.IsZero() {
			fmt.Fprintf(w, "  %s, %s: %s\n", c.ID, a.courseText(c.Assignment, c.Resolved, c.ResolvedBy), oneLine(c.Summary))
		}
	}
	for _, k := range s.KnownErrors {
		fmt.Fprintf(w, "  %s, %s: %s\n", k.ID, a.courseText(k.Assignment, k.Resolved, k.ResolvedBy), oneLine(with(k.Summary, k.Workaround)))
	}
	for _, r := range s.RFCs {
		fmt.Fprintf(w, "  %s, raised by %s: %s\n", r.ID, r.By, oneLine(r.Title))
	}
}

// courseText says who looks after something since when, or who resolved it.
func (a *app) courseText(s release.Assignment, resolved time.Time, by string) string {
	switch {
	case !resolved.IsZero():
		return "resolved by " + by
	case s.Assignee != "":
		return "open, for " + s.Assignee + " since " + a.clock(s.Assigned)
	}
	return "open"
}

package main

import (
	"cmp"
	"fmt"
	"io"

	"slipway/release"
)

// writeSupport shows how early life support stands: how long it lasts, what the probes saw,
// and its exit criteria.
func (a *app) writeSupport(w io.Writer, s *release.SupportStatus) {
	fmt.Fprintf(w, "\nEarly life support in %s until %s, longest downtime %s\n", s.Environment, a.clock(s.Until), took(s.Downtime()))
	if seen := s.Sight(); seen.Others != nil {
		fmt.Fprintf(w, "  %s of %s never seen down\n", release.Grouped(seen.Calm()), release.ManyOf(seen.Targets(), "target"))
	}
	for _, c := range s.Criteria {
		met := "met"
		if !c.Met {
			met = "NOT MET"
		}
		fmt.Fprintf(w, "  %s: %s: %s (wanted: %s)\n", c.Name, met, oneLine(c.Actual), c.Wanted)
	}
	for _, x := range s.Extensions {
		fmt.Fprintf(w, "  extended until %s by %s: %s\n", a.clock(x.Until), cmp.Or(x.By, "the release model"), oneLine(x.Reason))
	}
	switch {
	case s.BackOut != "":
		fmt.Fprintf(w, "  backed out automatically: %s\n", oneLine(s.BackOut))
	case s.EndedBy != nil:
		fmt.Fprintf(w, "  ended by %s: %s\n", s.EndedBy.By, oneLine(s.EndedBy.Summary))
	}
	if s.Document != nil {
		fmt.Fprintf(w, "  support report %s\n", s.Document.Digest.Short())
	}
}

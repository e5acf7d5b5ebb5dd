package release

// writeCriteria shows how long early life support lasts and why, what the probes saw, and
// how far its exit criteria hold.
func writeCriteria(w writer, s SupportStatus) {
	for _, x := range s.Extensions {
		by := "the release model"
		if x.By != "" {
			by = x.By
		}
		w("Extended until %s by %s: %s.\n", clock(x.Until), by, cell(x.Reason))
	}
	switch {
	case s.BackOut != "":
		w("**The release is backed out automatically: %s.**\n", cell(s.BackOut))
	case s.EndedBy != nil:
		w("Ended by **%s**: %s.\n", s.EndedBy.By, cell(s.EndedBy.Summary))
	}
	sight := s.Sight()
	switch target, downtime := sight.Worst(); {
	case target != "":
		w("Never seen down: %s of %s. Longest downtime: %s (%s).\n", Grouped(sight.Calm()), ManyOf(sight.Targets(), "target"), Roughly(downtime), target)
	case sight.Targets() > 0:
		w("None of %s was seen down.\n", ManyOf(sight.Targets(), "target"))
	}
	if len(s.Criteria) > 0 {
		w("| exit criterion | wanted | actual | |")
		w("|---|---|---|---|")
		for _, c := range s.Criteria {
			met := "met"
			if !c.Met {
				met = "**not met**"
			}
			w("| %s | %s | %s | %s |", c.Name, cell(c.Wanted), cell(c.Actual), met)
		}
		w("")
	}
	if len(s.Criteria) == 0 && len(s.Unmet) > 0 { // it is from before they were all told
		for _, unmet := range s.Unmet {
			w("- Not met: %s", cell(unmet))
		}
		w("")
	}
	switch {
	case s.Document != nil:
		w("Its report is in the DML: `%s`.\n", s.Document.Digest.Short())
	case s.Undocumented != "":
		w("%s.\n", cell(s.Undocumented))
	}
}

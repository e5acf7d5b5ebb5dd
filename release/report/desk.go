package report

import (
	"strings"

	"slipway/release"
)

// supports gives the early life supports of the release, by environment.
func (c composer) supports(visit func(environment string, s *release.SupportStatus)) {
	for _, e := range c.Environments {
		if e.Support != nil {
			visit(e.Name, e.Support)
		}
	}
}

func (c composer) incidents() []block {
	incidents, calls, earlier := c.incidentRows(), c.callRows(), 0
	c.supports(func(_ string, s *release.SupportStatus) { earlier += s.EarlierCalls })
	if len(incidents)+len(calls) == 0 && !c.deployed() {
		return nil
	}
	var blocks []block
	if len(incidents) == 0 {
		blocks = append(blocks, paragraph("No incidents were reported."))
	} else {
		blocks = append(blocks, columns(incidents, "Incident", "Severity", "In", "Summary", "Opened", "Looked after by", "Resolved", "Resolution", "Workaround"))
	}
	if len(calls) == 0 {
		return append(blocks, paragraph("No service desk calls were recorded."))
	}
	blocks = append(blocks, heading("Service desk calls"), columns(calls, "Call", "At", "In", "By", "CI", "Summary", "Looked after by", "Resolved", "Resolution"))
	if earlier > 0 {
		blocks = append(blocks, paragraph("%s before these, in the CMS only.", release.ManyOf(earlier, "call")))
	}
	return blocks
}

func (c composer) incidentRows() (rows [][]cell) {
	c.supports(func(environment string, s *release.SupportStatus) {
		for _, i := range s.Incidents {
			resolved := toned(bad, "open")
			if !i.Open() {
				resolved = lines(
					toned(good, "after %s", human(release.Duration(i.Resolved.Sub(i.Opened)))),
					text("by "+c.who(i.ResolvedBy)),
				)
			}
			summary := text(i.Summary)
			if i.Unrelated {
				summary = lines(summary, toned(muted, "not caused by this release"))
			}
			if led := code(i.KnownError).with(code(i.RFC)); len(led) > 0 {
				summary = lines(summary, text("led to").with(led))
			}
			rows = append(rows, []cell{
				text(i.ID), lines(severity(i.Severity), text(string(i.Defect))), lines(text(environment), text(i.CI)), summary,
				lines(c.clock.at(i.Opened), text("by "+c.who(i.By))), c.keeper(i.Assignment), resolved, text(i.Resolution), text(i.Workaround),
			})
		}
	})
	return rows
}

// keeper is who looks after something, since when.
func (c composer) keeper(a release.Assignment) cell {
	if a.Assignee == "" {
		return nil
	}
	return lines(text(c.who(a.Assignee)), text("since "+c.clock.text(a.Assigned)))
}

func severity(n int) cell {
	switch n {
	case 1:
		return toned(bad, "1 (worst)")
	case 2:
		return toned(warn, "2")
	}
	return textf("%d", n)
}

func (c composer) callRows() (rows [][]cell) {
	c.supports(func(environment string, s *release.SupportStatus) {
		for _, call := range s.Calls {
			var resolved cell
			switch {
			case !call.Resolved.IsZero():
				resolved = toned(good, "by %s", c.who(call.ResolvedBy))
			case call.Assignee != "":
				resolved = toned(pending, "open")
			}
			rows = append(rows, []cell{
				text(call.ID), c.clock.at(call.At), text(environment), text(c.who(call.By)), text(call.CI), text(call.Summary),
				c.keeper(call.Assignment), resolved, text(call.Resolution),
			})
		}
	})
	return rows
}

// knownErrors lists those that the release was shipped with, and those that early life
// support found or changed.
func (c composer) knownErrors() []block {
	var found [][]cell
	changed := map[string]bool{}
	c.supports(func(environment string, s *release.SupportStatus) {
		for _, e := range s.KnownErrors {
			changed[e.ID] = true
			state := toned(pending, "open")
			if !e.Resolved.IsZero() {
				state = lines(toned(good, "resolved by %s", c.who(e.ResolvedBy)), text(e.Resolution))
			}
			found = append(found, []cell{
				code(e.ID), text(environment), text(e.Summary), text(e.Workaround), text(e.Incident),
				lines(c.clock.at(e.At), text("by "+c.who(e.By))), c.keeper(e.Assignment), state,
			})
		}
	})
	var rows [][]cell
	for _, e := range c.KnownErrors {
		if !changed[e.ID] {
			rows = append(rows, []cell{code(e.ID), nil, text(e.Summary), text(e.Workaround), nil, nil, nil, nil})
		}
	}
	if rows = append(rows, found...); len(rows) == 0 {
		return nil
	}
	return []block{columns(rows, "Known error", "In", "Summary", "Workaround", "Found by", "Noted", "Looked after by", "State")}
}

// raised lists the requests for change that early life support led to.
func (c composer) raised() []block {
	var rows [][]cell
	c.supports(func(environment string, s *release.SupportStatus) {
		for _, r := range s.RFCs {
			rows = append(rows, []cell{
				code(r.ID), text(r.Title), text(r.Reason), text(environment), text(strings.TrimSpace(r.Incident + " " + r.CI)),
				lines(c.clock.at(r.At), text("by "+c.who(r.By))),
			})
		}
	})
	if len(rows) == 0 {
		return nil
	}
	return []block{columns(rows, "RFC", "Title", "Reason", "From", "About", "Raised")}
}

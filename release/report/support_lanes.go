package report

import (
	"fmt"

	"slipway/release"
)

func (c composer) incidentLanes(s scale, support release.SupportStatus) []lane {
	var lanes []lane
	for _, i := range support.Incidents {
		to, note := i.Resolved, ""
		if i.Open() {
			to, note = c.now, " so far"
		}
		what := fmt.Sprintf("%s, severity %d: %s", i.ID, i.Severity, i.Summary)
		lanes = append(lanes, lane{
			Title: i.ID, Note: fmt.Sprintf("severity %d, %s%s", i.Severity, human(release.Duration(to.Sub(i.Opened))), note),
			Bars: []bar{c.bar(s, incident, what, i.Opened, to)},
		})
	}
	if len(support.Calls) > 0 {
		calls := lane{Title: "Service desk", Note: release.ManyOf(support.CallCount(), "call")}
		for _, call := range support.Calls {
			calls.Marks = append(calls.Marks, mark{callMarked, s.at(call.At), c.clock.text(call.At) + ", " + call.Summary})
		}
		lanes = append(lanes, calls)
	}
	return lanes
}

// mostTargets is how many targets have a lane each; of more, only those do that
// were seen down.
const mostTargets = 12

func (c composer) availabilityLanes(s scale, support release.SupportStatus) []lane {
	var lanes []lane
	calm := 0
	for _, a := range support.Availability {
		if len(support.Availability) > mostTargets && len(a.Down) == 0 {
			calm++
			continue
		}
		l := lane{Title: a.Target, Note: "not measured"}
		if a.Probes > 0 {
			l.Note = human(a.Downtime()) + " down"
			l.Bars = append(l.Bars, c.bar(s, up, a.Target+" serving", a.Since, a.Last))
		}
		for _, i := range a.Unobserved {
			l.Bars = append(l.Bars, c.bar(s, unseen, because("not observed", i.Reason), i.From, i.To))
		}
		for _, i := range a.Down {
			l.Bars = append(l.Bars, c.bar(s, down, because("down", i.Reason), i.From, i.To))
		}
		lanes = append(lanes, l)
	}
	if calm > 0 {
		lanes = append(lanes, lane{Title: release.ManyOf(calm, "other target"), Note: "never seen down"})
	}
	return lanes
}

package report

import (
	"reflect"

	"slipway/release"
)

// Support gives the report of an early life support that has ended, as Markdown: its exit
// criteria, what the probes measured, and what people recorded. The roster gives them
// their names.
func Support(releaseID string, roster []release.Person, s release.SupportStatus) string {
	latest := s.Until
	if s.Ended.After(latest) {
		latest = s.Ended
	}
	c := composer{
		Record: release.Record{ID: releaseID, Environments: []release.EnvironmentRecord{{Name: s.Environment, Support: &s}}},
		plan:   release.Plan{Roster: roster}, now: s.Ended, clock: newClock(s.Started, latest), acts: s.Acts,
	}
	d := document{
		Title: releaseID, Subtitle: "early life support in " + s.Environment, State: supportState(s), Zone: c.clock.zone,
	}
	for _, part := range []section{
		{"", "", []block{{Facts: c.supportCourse(s)}}},
		{"criteria", "Exit criteria", criteria(s)},
		{"extensions", "Extensions", c.extensions(s)},
		{"availability", "Availability and downtime", c.measurements(s)},
		{"latency", "Latency by window of time", c.latencies(s)},
		{"incidents", "Incidents and service desk calls", c.incidents()},
		{"known-errors", "Known errors", c.knownErrors()},
		{"rfcs", "Requests for change", c.raised()},
		{"actions", "Other actions by people", c.otherActions()},
	} {
		if len(part.Blocks) > 0 {
			d.Sections = append(d.Sections, part)
		}
	}
	scrub(reflect.ValueOf(&d))
	return markdown(d)
}

func supportState(s release.SupportStatus) span {
	switch {
	case s.BackOut != "":
		return span{Text: "backed out automatically", Tone: bad}
	case len(s.Unmet) > 0:
		return span{Text: "ended with exit criteria not met", Tone: warn}
	}
	return span{Text: "ended well", Tone: good}
}

func (c composer) supportCourse(s release.SupportStatus) []fact {
	return known(
		fact{"Began", c.clock.at(s.Started)},
		fact{"Was to last until", c.clock.at(s.Until)},
		fact{"Ended", c.clock.at(s.Ended)},
		fact{"Ended by", endedBy(c, s)},
		fact{"Backed out because", text(s.BackOut)},
		fact{"Longest downtime", text(human(s.Downtime()))},
		fact{"Targets", textf("%s probed, %s never seen down", release.Grouped(s.Sight().Targets()), release.Grouped(s.Sight().Calm()))},
		fact{"Incidents", textf("%d, and %s", len(s.Incidents), release.ManyOf(s.CallCount(), "service desk call"))},
	)
}

// criteria lists the exit criteria with what there was of each.
func criteria(s release.SupportStatus) []block {
	var rows [][]cell
	for _, k := range s.Criteria {
		met := toned(good, "met")
		if !k.Met {
			met = toned(bad, "not met")
		}
		rows = append(rows, []cell{text(k.Name), text(k.Wanted), text(k.Actual), met})
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{columns(rows, "Criterion", "Wanted", "Actual", "")}
}

func (c composer) extensions(s release.SupportStatus) []block {
	var rows [][]cell
	for _, x := range s.Extensions {
		by := text("the release model")
		if x.By != "" {
			by = text(c.who(x.By))
		}
		rows = append(rows, []cell{c.clock.at(x.At), c.clock.at(x.From), c.clock.at(x.Until), by, text(x.Reason)})
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{columns(rows, "At", "From", "Until", "By", "Reason")}
}

func (c composer) latencies(s release.SupportStatus) []block {
	var rows [][]cell
	for _, w := range s.Latency {
		row := []cell{text(c.clock.stretch(w.From, w.To)), textf("%s, %d failed", release.Grouped(w.Probes), w.Failed), nil, nil}
		if w.Probes > w.Failed {
			row[2], row[3] = text(human(w.Mean)), text(human(w.Max))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{columns(rows, "Window", "Probes", "Mean", "Worst")}
}

package report

import (
	"fmt"
	"slices"
	"time"

	"slipway/release"
)

// stageRow is a stage, planned against actual. A stage that is gone through
// again has a row each time.
type stageRow struct {
	Name     release.StageName
	Again    int // which time it is, 1 for the first
	Expected release.Duration
	Entered  bool
	Started  time.Time
	// Until is when it ended, or the present when it goes on.
	Until time.Time
	Open  bool
	Waits []wait
	Note  string
}

// Actual is how long the stage took, so far if it goes on.
func (s stageRow) Actual() release.Duration { return release.Duration(s.Until.Sub(s.Started)) }

// wait is a time in which nothing went on because something was missing.
type wait struct {
	For         string
	Environment string
	From, To    time.Time
	// By are the people who ended it, when people did.
	By []string
}

// waits lists what a release waited for, as far as its record tells: each gate
// while it was open, the other waits that are over, and whatever is waited for now.
func waits(r release.Record, now time.Time) []wait {
	var list []wait
	for _, g := range r.Gates {
		to := g.Decided
		if g.Decision == release.Pending {
			to = now
		}
		if to.After(g.Opened) {
			_, environment := release.StageName(g.Name).Split()
			list = append(list, wait{"gate " + g.Name, environment, g.Opened, to, nil})
		}
	}
	for _, w := range r.Waits {
		if w.Kind != release.WaitGate {
			list = append(list, wait{words(w.Kind), w.Environment, w.Since, w.Until, w.People})
		}
	}
	for _, a := range r.Awaiting {
		if a.Kind != release.WaitGate && now.After(a.Since) {
			list = append(list, wait{words(a.Kind), a.Environment, a.Since, now, nil})
		}
	}
	return list
}

// within cuts the waits to what lies in a stage.
func (s stageRow) within(all []wait) []wait {
	_, environment := s.Name.Split()
	var list []wait
	for _, w := range all {
		if w.From.Before(s.Started) {
			w.From = s.Started
		}
		if w.To.After(s.Until) {
			w.To = s.Until
		}
		if w.Environment == environment && w.To.After(w.From) {
			list = append(list, w)
		}
	}
	return list
}

// stageRows lists every stage that was entered, in the order of time, and between
// them those that were planned and not entered.
func stageRows(r release.Record, p release.Plan, now time.Time) []stageRow {
	all := waits(r, now)
	times := map[release.StageName]int{}
	var rows []stageRow
	for _, s := range r.Stages {
		if s.Name == release.StageClosed {
			continue
		}
		times[s.Name]++
		row := stageRow{
			Name: s.Name, Again: times[s.Name], Expected: s.Expected,
			Entered: true, Started: s.Started, Until: s.Ended, Note: s.Note,
		}
		if s.Ended.IsZero() {
			row.Until, row.Open = now, r.Outcome == ""
		}
		row.Waits = row.within(all)
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b stageRow) int { return a.Started.Compare(b.Started) })
	return addPlanned(rows, p.Stages)
}

// addPlanned fills in what the plan says: the expected durations, and the stages
// that were not entered, each before the first one that comes later in the plan.
func addPlanned(rows []stageRow, planned []release.PlannedStage) []stageRow {
	place := func(name release.StageName) int {
		return slices.IndexFunc(planned, func(s release.PlannedStage) bool { return s.Name == name })
	}
	for i := range rows {
		if at := place(rows[i].Name); at >= 0 && rows[i].Expected == 0 {
			rows[i].Expected = planned[at].Expected
		}
	}
	for i, s := range planned {
		if slices.ContainsFunc(rows, func(row stageRow) bool { return row.Name == s.Name }) {
			continue
		}
		at := slices.IndexFunc(rows, func(row stageRow) bool { return place(row.Name) > i })
		if at < 0 {
			at = len(rows)
		}
		rows = slices.Insert(rows, at, stageRow{Name: s.Name, Again: 1, Expected: s.Expected})
	}
	return rows
}

func (c composer) stages() []block {
	rows := stageRows(c.Record, c.plan, c.now)
	if len(rows) == 0 {
		return []block{paragraph("No stage was entered.")}
	}
	var cells [][]cell
	for _, row := range rows {
		cells = append(cells, c.stageCells(row))
	}
	blocks := []block{columns(cells, "Stage", "Started", "Planned", "Actual", "Difference", "Waited for", "Note")}
	if together := totals(rows); len(together) > 0 {
		blocks = append(blocks, block{Text: together})
	}
	return blocks
}

func (c composer) stageCells(s stageRow) []cell {
	title := text(fullTitle(s.Name))
	if s.Again > 1 {
		title = text(fullTitle(s.Name) + ", " + ordinal(s.Again) + " time")
	}
	if !s.Entered {
		return []cell{title, nil, took(s.Expected), toned(muted, "not entered"), nil, nil, nil}
	}
	actual := text(human(s.Actual()))
	if s.Open {
		actual = toned(pending, "%s so far", human(s.Actual()))
	}
	waited := each(s.Waits, func(w wait) cell {
		said := fmt.Sprintf("%s: %s", w.For, human(release.Duration(w.To.Sub(w.From))))
		if len(w.By) > 0 {
			said += ", by " + c.whose(w.By)
		}
		return text(said)
	})
	return []cell{title, c.clock.at(s.Started), took(s.Expected), actual, difference(s), lines(waited...), text(s.Note)}
}

// difference compares with the plan; a stage that goes on can only be late.
func difference(s stageRow) cell {
	over := s.Actual() - s.Expected
	switch {
	case s.Expected == 0 || s.Open && over <= 0:
		return nil
	case over > 0:
		return cell{{Text: signed(over), Tone: warn}}
	}
	return text(signed(over))
}

// totals compares the stages that have ended and for which the plan has a
// duration.
func totals(rows []stageRow) cell {
	var expected, actual release.Duration
	for _, s := range rows {
		if !s.Entered || s.Open || s.Expected == 0 {
			continue
		}
		actual += s.Actual()
		if s.Again == 1 {
			expected += s.Expected
		}
	}
	if expected == 0 {
		return nil
	}
	return textf("The stages with a planned duration took %s together, planned were %s (%s).",
		human(actual), human(expected), signed(actual-expected))
}

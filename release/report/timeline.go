package report

import (
	"fmt"
	"slices"
	"time"

	"slipway/release"
)

// timeline is a picture of what went on when: lanes over one axis of time, in
// groups for the whole release and for each environment.
type timeline struct {
	Ticks  []tick
	Groups []laneGroup
	// Legend explains the kinds of bar and mark that occur.
	Legend []sample
}

// sample shows a kind of bar or mark, with what it stands for.
type sample struct {
	Kind kind
	Text string
}

type laneGroup struct {
	Title string
	Lanes []lane
}

// lane is one row of the picture.
type lane struct {
	Title string
	// Note says the length of it all.
	Note  string
	Bars  []bar
	Marks []mark
}

// bar is a stretch of time, in percent of the axis.
type bar struct {
	Kind     kind
	From, To float64
	Title    string
}

// mark is a point in time, in percent of the axis.
type mark struct {
	Kind  kind
	At    float64
	Title string
}

// kind says how a bar or a mark is drawn.
type kind string

const (
	work       kind = "work"
	waiting    kind = "wait"
	undoing    kind = "undo"
	up         kind = "up"
	down       kind = "down"
	unseen     kind = "unseen"
	incident   kind = "incident"
	authorize  kind = "authorize"
	reject     kind = "reject"
	revise     kind = "revise"
	callMarked kind = "call"
	extended   kind = "extended"
	foundError kind = "found-error"
	raisedRFC  kind = "raised"
	noted      kind = "noted"
	failure    kind = "failure"
)

// kinds lists all kinds in the order of the legend.
var kinds = []kind{
	work, waiting, undoing, failure, authorize, revise, reject, extended, up, down, unseen, incident, callMarked, foundError, raisedRFC, noted,
}

// Legend says what a kind stands for.
func (k kind) Legend() string {
	return map[kind]string{
		work: "stage", waiting: "waiting", undoing: "back-out", up: "serving", down: "down", unseen: "not observed",
		incident: "incident", authorize: "vote to authorize", reject: "vote to reject", revise: "vote to revise", callMarked: "service desk call",
		extended: "extended", foundError: "known error found", raisedRFC: "request for change raised", noted: "note", failure: "failed",
	}[k]
}

// Mark tells the kinds of mark from those of bar.
func (k kind) Mark() bool {
	return slices.Contains([]kind{authorize, reject, revise, callMarked, extended, foundError, raisedRFC, noted, failure}, k)
}

// leastWidth keeps short bars visible, in percent.
const leastWidth = 0.4

// Left is where the bar begins, for SVG.
func (b bar) Left() string { return percent(min(b.From, 100-leastWidth)) }

// Width is how wide the bar is drawn, for SVG.
func (b bar) Width() string { return percent(max(b.To-b.From, leastWidth)) }

// X is where the mark is, for SVG.
func (m mark) X() string { return percent(m.At) }

func percent(f float64) string { return fmt.Sprintf("%.2f%%", f) }

// scale maps times to percents of the axis.
type scale struct{ from, to time.Time }

func (s scale) at(t time.Time) float64 {
	whole := s.to.Sub(s.from)
	if whole <= 0 {
		return 0
	}
	return min(100, max(0, 100*float64(t.Sub(s.from))/float64(whole)))
}

func (c composer) picture() []block {
	t := c.timeline()
	if len(t.Groups) == 0 {
		return nil
	}
	blocks := append([]block{{Timeline: t}}, c.wayUp()...)
	return append(blocks, c.closeUps()...)
}

func (c composer) timeline() *timeline {
	s := scale{c.Started, c.now}
	if !s.to.After(s.from.Add(time.Second)) {
		s.to = s.from.Add(time.Second)
	}
	return c.timelineOver(s)
}

func (c composer) timelineOver(s scale) *timeline {
	t := &timeline{Ticks: s.ticks()}
	rows := stageRows(c.Record, c.plan, c.now)
	t.add("Release", append(c.stageLanes(s, rows, ""), c.noteLanes(s)...))
	for _, name := range c.places(rows) {
		lanes := c.stageLanes(s, rows, name)
		if e := c.Environment(name); e != nil && e.Support != nil {
			lanes = append(lanes, c.incidentLanes(s, *e.Support)...)
			lanes = append(lanes, c.foundLanes(s, *e.Support)...)
			lanes = append(lanes, c.availabilityLanes(s, *e.Support)...)
		}
		t.add(name, lanes)
	}
	t.explain()
	return t
}

// explain makes the legend of the kinds that occur.
func (t *timeline) explain() {
	for _, k := range kinds {
		if t.has(k) {
			t.Legend = append(t.Legend, sample{k, k.Legend()})
		}
	}
}

// places lists the environments of the record, and those that only its stages
// name.
func (c composer) places(rows []stageRow) []string {
	var names []string
	for _, e := range c.Environments {
		names = append(names, e.Name)
	}
	for _, row := range rows {
		if _, name := row.Name.Split(); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (t *timeline) add(title string, lanes []lane) {
	if len(lanes) > 0 {
		t.Groups = append(t.Groups, laneGroup{title, lanes})
	}
}

func (t *timeline) has(k kind) bool {
	return slices.ContainsFunc(t.Groups, func(g laneGroup) bool {
		return slices.ContainsFunc(g.Lanes, func(l lane) bool {
			return slices.ContainsFunc(l.Bars, func(b bar) bool { return b.Kind == k }) ||
				slices.ContainsFunc(l.Marks, func(m mark) bool { return m.Kind == k })
		})
	})
}

// stageLanes has a lane for each stage that was entered, with all the times that
// it was gone through.
func (c composer) stageLanes(s scale, rows []stageRow, environment string) []lane {
	var order []release.StageName
	byName := map[release.StageName][]stageRow{}
	for _, row := range rows {
		if _, in := row.Name.Split(); !row.Entered || in != environment {
			continue
		}
		if _, seen := byName[row.Name]; !seen {
			order = append(order, row.Name)
		}
		byName[row.Name] = append(byName[row.Name], row)
	}
	var lanes []lane
	for _, name := range order {
		lanes = append(lanes, c.stageLane(s, name, byName[name]))
	}
	return lanes
}

func (c composer) stageLane(s scale, name release.StageName, rows []stageRow) lane {
	l := lane{Title: stageTitle(name)}
	var sum release.Duration
	open := false
	for _, row := range rows {
		sum += row.Actual()
		open = open || row.Open
		l.Bars = append(l.Bars, c.bar(s, barKind(name), fullTitle(name), row.Started, row.Until))
		for _, w := range row.Waits {
			l.Bars = append(l.Bars, c.bar(s, waiting, "waiting for "+w.For, w.From, w.To))
		}
	}
	l.Note = human(sum)
	if open {
		l.Note += " so far"
	}
	l.Marks = append(c.voteMarks(s, name), c.extensionMarks(s, name)...)
	return l
}

// barKind says how a stage is drawn: a gate is nothing but waiting.
func barKind(name release.StageName) kind {
	switch stem, _ := name.Split(); stem {
	case release.StagePlanGate, release.StageBuildGate, release.StageDeployGate:
		return waiting
	case release.StageBackOut:
		return undoing
	}
	return work
}

func (c composer) bar(s scale, k kind, what string, from, to time.Time) bar {
	length := human(release.Duration(to.Sub(from)))
	return bar{k, s.at(from), s.at(to), fmt.Sprintf("%s: %s, %s", what, c.clock.stretch(from, to), length)}
}

// gateStage is the stage in which a gate is open.
func gateStage(gate string) release.StageName {
	stem, environment := release.StageName(gate).Split()
	switch {
	case string(stem) == release.GateReview:
		return release.StageReview
	case environment != "":
		return release.StageIn(stem+"-gate", environment)
	}
	return stem + "-gate"
}

func (c composer) voteMarks(s scale, stage release.StageName) []mark {
	drawn := map[release.Decision]kind{release.Authorize: authorize, release.Reject: reject, release.ReviseIt: revise}
	var marks []mark
	for _, g := range c.Gates {
		if gateStage(g.Name) != stage {
			continue
		}
		for _, v := range g.Votes {
			title := because(fmt.Sprintf("%s, %s %s", c.clock.text(v.At), c.who(v.By), decisions[v.Decision]), v.Comment)
			marks = append(marks, mark{drawn[v.Decision], s.at(v.At), title})
		}
	}
	return marks
}

package report

import (
	"reflect"
	"slices"
	"time"

	"slipway/release"
)

// composer holds what the sections are made from.
type composer struct {
	release.Record

	plan  release.Plan
	now   time.Time
	clock clock
	acts  []release.Act
}

// compose makes the document of a release.
func compose(r release.Record, p release.Plan) document {
	now := present(r)
	c := composer{Record: r, plan: p, now: now, clock: newClock(r.Started, ahead(r, now)), acts: allActs(r)}
	d := c.headline()
	for _, s := range []section{
		{"", "", c.overview()},
		{"changes", "Changes", c.changes()},
		{"risk", "Risk", c.risk()},
		{"timeline", "Timeline", c.picture()},
		{"stages", "Plan against actual", c.stages()},
		{"authorizations", "Authorizations", c.authorizations()},
		{"builds", "Builds and tests", c.builds()},
		{"deployments", "Deployment by target", c.deployments()},
		{"availability", "Availability and downtime", c.availability()},
		{"incidents", "Incidents and service desk calls", c.incidents()},
		{"known-errors", "Known errors", c.knownErrors()},
		{"raised", "Requests for change raised", c.raised()},
		{"hand-over", "Hand-over", c.handOver()},
		{"review", "Review", c.review()},
		{"actions", "Other actions by people", c.otherActions()},
		{"histories", "Workflow histories", c.histories()},
	} {
		if len(s.Blocks) > 0 {
			d.Sections = append(d.Sections, s)
		}
	}
	if full := fullTexts(d); len(full) > 0 {
		d.Sections = append(d.Sections, section{"digests", "Digests in full", []block{{List: full}}})
	}
	scrub(reflect.ValueOf(&d))
	return d
}

// who writes a person with the name that the roster has.
func (c composer) who(id string) string {
	if person, known := c.plan.Authority().Person(id); known && person.Name != "" {
		return person.Name + " (" + id + ")"
	}
	return id
}

// allActs gives what people did, in its order. An action that was forwarded to
// early life support is in two records, but happened once.
func allActs(r release.Record) []release.Act {
	acts := slices.Clone(r.Acts)
	for _, e := range r.Environments {
		if e.Support == nil {
			continue
		}
		for _, a := range e.Support.Acts {
			if !slices.ContainsFunc(r.Acts, func(b release.Act) bool { return sameAct(a, b) }) {
				acts = append(acts, a)
			}
		}
	}
	slices.SortStableFunc(acts, func(a, b release.Act) int { return a.At.Compare(b.At) })
	return acts
}

// forwarding is how far two records of the same action may be apart.
const forwarding = 5 * time.Second

func sameAct(a, b release.Act) bool {
	apart := a.At.Sub(b.At).Abs()
	a.At = b.At
	return a == b && apart < forwarding
}

// fullTexts lists every digest and sum that the document shows shortened: paper
// has no tooltips, and an auditor compares all digits.
func fullTexts(d document) (full []cell) {
	seen := map[string]bool{}
	collect := func(c cell) {
		for _, s := range c {
			if s.Code && s.Full != "" && !seen[s.Full] {
				seen[s.Full] = true
				full = append(full, code(s.Full))
			}
		}
	}
	for _, s := range d.Sections {
		for _, b := range s.Blocks {
			eachCell(b, collect)
		}
	}
	return full
}

func eachCell(b block, visit func(cell)) {
	visit(b.Text)
	for _, c := range b.List {
		visit(c)
	}
	for _, f := range slices.Concat(b.Figures, b.Facts) {
		visit(f.Value)
	}
	if b.Table == nil {
		return
	}
	for _, row := range b.Table.Rows {
		for _, c := range row {
			visit(c)
		}
	}
}

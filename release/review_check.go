package release

import (
	"fmt"
	"slices"
)

// check notes what is wrong with what a model needs before a release is closed.
func (p ReviewPolicy) check(at string, o Organization, problems *Problems) {
	for i, group := range p.By {
		if !slices.Contains(o.Groups(), group) {
			problems.add(fmt.Sprintf("%s.by[%d]", at, i), "nobody on the roster is in group %q%s", group, meant(group, o.Groups()))
		}
	}
	for i, name := range p.Satisfaction {
		if !o.named(name) {
			problems.add(fmt.Sprintf("%s.satisfaction[%d]", at, i), "nobody on the roster is %q, or in a group or role of that name%s", name, meant(name, o.everyName()))
		}
	}
	for _, least := range []struct {
		field string
		count int
	}{{"lessons", p.Lessons}, {"improvements", p.Improvements}} {
		switch path := at + "." + least.field; {
		case least.count < 0 || least.count > maxNotes:
			problems.add(path, "%d: use 0 to %d", least.count, maxNotes)
		case least.count > 0 && len(p.By) == 0:
			problems.add(path, "nobody has to close the review, so nothing waits for it: say who with %s.by", at)
		}
	}
}

// maxNotes is how many notes of a kind a model may ask for.
const maxNotes = 20

// checkPerformance notes performance targets that nothing can be compared with.
func (d Definition) checkPerformance(problems *Problems) {
	for i, t := range d.Performance {
		at := fmt.Sprintf("performance[%d]", i)
		if !slices.Contains(Measures, t.Measure) {
			all := make([]string, len(Measures))
			for j, m := range Measures {
				all[j] = string(m)
			}
			problems.add(at+".measure", "there is no measure %q%s Use %s", t.Measure, orStop(meant(string(t.Measure), all)), list(all))
		}
		if t.AtMost == nil && t.AtLeast == nil {
			problems.add(at, "it promises nothing: give atMost or atLeast")
		}
		for _, limit := range []struct {
			field string
			value *float64
		}{{"atMost", t.AtMost}, {"atLeast", t.AtLeast}} {
			if v := limit.value; v != nil && noAmount(*v) {
				problems.add(at+"."+limit.field, "%g: no measure can be less than 0", *v)
			}
		}
		if t.AtMost != nil && t.AtLeast != nil && *t.AtLeast > *t.AtMost {
			problems.add(at, "it cannot be at least %g and at most %g", *t.AtLeast, *t.AtMost)
		}
		if t.Measure == MeasureSatisfaction && t.AtLeast != nil && *t.AtLeast > MaxScore {
			problems.add(at+".atLeast", "%g: a rating is at most %d", *t.AtLeast, MaxScore)
		}
	}
}

// checkCustomers notes customers whom nobody could ask.
func (d Definition) checkCustomers(o Organization, problems *Problems) {
	for i, id := range d.Customers {
		at := fmt.Sprintf("customers[%d]", i)
		if _, known := o.Person(id); !known {
			problems.add(at, "%q is not on the roster%s Use %s", id, orStop(meant(id, o.ids())), list(o.ids()))
		}
		if slices.Contains(d.Customers[:i], id) {
			problems.add(at, "%q is there twice", id)
		}
	}
}

// checkReviews notes reviews of the procedures that do not say by whom or when.
func (o Organization) checkReviews(problems *Problems) {
	for i, r := range o.ProcedureReviews {
		at := fmt.Sprintf("procedureReviews[%d]", i)
		if _, known := o.Person(r.By); !known {
			problems.add(at+".by", "%q is not on the roster%s", r.By, meant(r.By, o.ids()))
		}
		if r.On.IsZero() {
			problems.add(at+".on", "it is missing: say when, as in 2026-12-18T18:00:00Z")
		}
	}
}

// ids lists the people of the roster.
func (o Organization) ids() []string {
	ids := make([]string, len(o.Roster))
	for i, p := range o.Roster {
		ids[i] = p.ID
	}
	return ids
}

// titles lists the roles and groups that have members, and everyName the people too.
func (o Organization) titles() []string {
	titles := o.Groups()
	for _, p := range o.Roster {
		titles = append(titles, p.Roles...)
	}
	return titles
}

func (o Organization) everyName() []string { return append(o.ids(), o.titles()...) }

// meant asks whether a known name was meant, behind what was wrong; empty when none is
// near.
func meant(wrong string, known []string) string {
	if near := nearest(wrong, known); near != "" {
		return fmt.Sprintf(": did you mean %q?", near)
	}
	return ""
}

// orStop ends a sentence that asks nothing.
func orStop(question string) string {
	if question == "" {
		return "."
	}
	return question
}

func anyOf(all []string) string { return names(all, func(s string) string { return s }) }

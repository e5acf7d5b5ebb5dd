package report

import (
	"fmt"

	"slipway/release"
)

// extensionMarks show when early life support was given more time.
func (c composer) extensionMarks(s scale, stage release.StageName) (marks []mark) {
	stem, name := stage.Split()
	e := c.Environment(name)
	if stem != release.StageSupport || e == nil || e.Support == nil {
		return nil
	}
	for _, x := range e.Support.Extensions {
		by := "by the model's policy"
		if x.By != "" {
			by = "by " + c.who(x.By)
		}
		what := fmt.Sprintf("%s, extended until %s %s", c.clock.text(x.At), c.clock.text(x.Until), by)
		marks = append(marks, mark{extended, s.at(x.At), because(what, x.Reason)})
	}
	return marks
}

// foundLanes show when known errors were found and requests for change raised.
func (c composer) foundLanes(s scale, support release.SupportStatus) (lanes []lane) {
	if n := len(support.KnownErrors); n > 0 {
		l := lane{Title: "Known errors", Note: fmt.Sprintf("%d found", n)}
		for _, e := range support.KnownErrors {
			l.Marks = append(l.Marks, mark{foundError, s.at(e.At), fmt.Sprintf("%s, %s: %s", c.clock.text(e.At), e.ID, e.Summary)})
		}
		lanes = append(lanes, l)
	}
	if n := len(support.RFCs); n > 0 {
		l := lane{Title: "Requests for change", Note: fmt.Sprintf("%d raised", n)}
		for _, r := range support.RFCs {
			l.Marks = append(l.Marks, mark{raisedRFC, s.at(r.At), fmt.Sprintf("%s, %s: %s", c.clock.text(r.At), r.ID, r.Title)})
		}
		lanes = append(lanes, l)
	}
	return lanes
}

// noteLanes show when lessons, risks, issues and improvements were noted.
func (c composer) noteLanes(s scale) []lane {
	if len(c.Notes) == 0 {
		return nil
	}
	l := lane{Title: "Notes", Note: release.ManyOf(len(c.Notes), "note")}
	for _, n := range c.Notes {
		l.Marks = append(l.Marks, mark{noted, s.at(n.At), fmt.Sprintf("%s, %s by %s: %s", c.clock.text(n.At), words(n.Kind), c.who(n.By), n.Text)})
	}
	return []lane{l}
}

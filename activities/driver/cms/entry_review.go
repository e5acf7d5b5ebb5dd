package cms

import (
	"strings"

	"slipway/release"
)

func waitedRows(e *release.Entry, entry *release.WaitedEntry) []row {
	w := entry.Waited
	return []row{event("waits", e, []column{
		{"started", stamp(entry.Started)},
		{"kind", w.Kind},
		{"gate", optional(w.Gate)},
		{"environment", optional(w.Environment)},
		{"needs", w.Needs},
		{"waited_from", stamp(w.Since)},
		{"waited_to", stamp(w.Until)},
	}, parts("wait_people", w.People, func(person string) []column { return []column{{"person", person}} }))}
}

func noteRows(e *release.Entry, entry *release.NoteEntry) []row {
	n := entry.Note
	return []row{state("notes", e, []column{{"started", stamp(entry.Started)}, {"note", n.ID}}, []column{
		{"kind", string(n.Kind)},
		{"text", n.Text},
		{"person", n.By},
		{"noted", stamp(n.At)},
		{"owner", optional(n.Owner)},
	})}
}

func ratingRows(e *release.Entry, entry *release.RatingEntry) []row {
	r := entry.Rating
	return []row{state("ratings", e, []column{{"started", stamp(entry.Started)}, {"person", r.By}}, []column{
		{"score", r.Score},
		{"comment", optional(r.Comment)},
		{"rated", stamp(r.At)},
	})}
}

func effortRows(e *release.Entry, entry *release.EffortEntry) []row {
	f := entry.Effort
	return []row{event("efforts", e, []column{
		{"started", stamp(entry.Started)},
		{"person", f.By},
		{"role", f.Role},
		{"hours", f.Hours},
		{"expense", f.Expense},
		{"text", optional(f.Text)},
		{"logged", stamp(f.At)},
	})}
}

func reviewRows(e *release.Entry, entry *release.ReviewEntry) []row {
	v := entry.Review
	var closed release.Act
	if v.Closed != nil {
		closed = *v.Closed
	}
	var report release.Blob
	if entry.Report != nil {
		report = *entry.Report
	}
	return []row{state("reviews", e, []column{{"started", stamp(entry.Started)}}, append([]column{
		{"opened", stamp(v.Opened)},
		{"asked_until", stamp(v.AskedUntil)},
		{"closed", stamp(closed.At)},
		{"closed_by", optional(closed.By)},
		{"comment", optional(closed.Summary)},
		{"missing", optional(strings.Join(v.Missing, "; "))},
	}, blob("report", report)...),
		parts("review_asked", v.Asked, func(person string) []column { return []column{{"person", person}} }),
		parts("performance", v.Performance, func(p release.Performance) []column {
			return []column{
				{"measure", string(p.Measure)},
				{"unit", p.Unit},
				{"at_most", number(p.AtMost)},
				{"at_least", number(p.AtLeast)},
				{"actual", number(p.Actual)},
				{"met", p.Met},
			}
		}),
		parts("deviations", v.Deviations, func(d release.Deviation) []column {
			return []column{{"kind", string(d.Kind)}, {"text", d.Text}}
		}),
		parts("stages", entry.Stages, func(s release.Stage) []column {
			return []column{
				{"stage", string(s.Name)},
				{"began", stamp(s.Started)},
				{"ended", stamp(s.Ended)},
				{"expected_ms", planned(s.Expected)},
				{"note", optional(s.Note)},
			}
		}),
		parts("went_live", entry.Live, func(l release.LiveSince) []column {
			return []column{
				{"environment", l.Environment},
				{"purpose", optional(l.Purpose)},
				{"live", stamp(l.At)},
				{"planned", stamp(l.Planned)},
			}
		}),
	)}
}

// number is a number as it is stored: NULL when there is none.
func number(n *float64) any {
	if n == nil {
		return nil
	}
	return *n
}

// planned is how long something was to take: NULL when nobody said.
func planned(d release.Duration) any {
	if d == 0 {
		return nil
	}
	return milliseconds(d)
}

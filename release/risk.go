package release

import "fmt"

// Risk is a score from 0 (none) to 100 with the reasons that it is made of.
type Risk struct {
	Score   int      `json:"score"`
	Reasons []string `json:"reasons,omitempty"`
}

// Level puts the score into a word.
func (r Risk) Level() string {
	switch {
	case r.Score < 30:
		return "low"
	case r.Score < 60:
		return "medium"
	}
	return "high"
}

func (r *Risk) add(points int, format string, args ...any) {
	r.Score = min(r.Score+points, 100)
	r.Reasons = append(r.Reasons, fmt.Sprintf("+%d: ", points)+fmt.Sprintf(format, args...))
}

// assess scores a plan (ITIL change enablement: risk before authorization).
func assess(p Plan, f Facts) Risk {
	var r Risk
	if p.Definition.Emergency != nil {
		r.add(30, "emergency: less time to prepare")
	}
	targets := 0
	for _, e := range p.Environments {
		targets += len(e.Targets())
		if e.Previous == nil {
			r.add(5, "first deployment of %s to %s: nothing to go back to", p.Definition.Service, e.Name)
		}
	}
	switch {
	case targets > 100:
		r.add(30, "%d targets", targets)
	case targets > 10:
		r.add(20, "%d targets", targets)
	default:
		r.add(5, "%d targets", targets)
	}
	for _, s := range p.Definition.Steps {
		if s.Irreversible() {
			r.add(10, "step %s has no back-out", s.Name)
		}
	}
	bad := 0
	for _, outcome := range f.Ended {
		if outcome == BackedOut || outcome == Failed || outcome == CompletedWithIssues {
			bad++
		}
	}
	if bad > 0 {
		r.add(min(10*bad, 30), "%d of the service's last %d releases did not end well", bad, len(f.Ended))
	}
	if len(p.Conflicts) > 0 {
		r.add(15, "%d open releases touch the same configuration items", len(p.Conflicts))
	}
	return r
}

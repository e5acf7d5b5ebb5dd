package figures

import (
	"cmp"
	"slices"

	"slipway/release"
)

// CalendarKept is how many deployments a calendar names at most.
const CalendarKept = 500

// calendar lists the deployments of the period that changed something or go on, oldest
// first, and counts the oldest ones that it leaves out.
func (s *survey) calendar() (list []Deployment, left int) {
	for _, f := range s.facts {
		for _, r := range f.Runs {
			over := !r.To.IsZero() && r.To.Before(s.Since)
			if over || !r.From.Before(s.Until) || r.State == release.EnvNotDeployed {
				continue
			}
			list = append(list, Deployment{
				Release: f.Release, Environment: r.Environment, Type: f.Type, From: r.From, To: r.To, State: string(r.State),
			})
		}
	}
	slices.SortFunc(list, func(a, b Deployment) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Release, b.Release), cmp.Compare(a.Environment, b.Environment), a.To.Compare(b.To))
	})
	left = max(len(list)-CalendarKept, 0)
	return list[left:], left
}

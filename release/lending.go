package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// EnvironmentStatus is what the workflow of an environment knows and carries from
// run to run: to whom the environment is lent, who waits for it, and what runs
// there.
type EnvironmentStatus struct {
	Name string `json:"name"`
	// Holder is the deployment that has the environment; nil when it is free.
	Holder *Lease `json:"holder,omitempty"`
	// Queue waits for it, emergencies first, then in the order of arrival.
	Queue []Lease `json:"queue,omitempty"`
	// Baselines are what runs there, one of each service, as far as deployments said so
	// when they gave the environment back; the CMS has the final word.
	Baselines []Baseline `json:"baselines,omitempty"`
}

// Lease is the right of one deployment to change an environment, or of one release to
// test there, or the wait for it.
type Lease struct {
	// Holder and RunID are the workflow that has it, and Token tells the requests of a
	// workflow apart that asks more than once.
	Holder string `json:"holder"`
	RunID  string `json:"runId"`
	Token  string `json:"token,omitempty"`
	// Emergency goes before everybody who waits.
	Emergency bool `json:"emergency,omitempty"`
	// Since is from when on it has the environment, or waits for it; zero where
	// that was not recorded.
	Since time.Time `json:"since,omitzero"`
}

// Same tells whether two leases are of the same request of the same workflow run.
func (l Lease) Same(other Lease) bool {
	return l.Holder == other.Holder && l.RunID == other.RunID && l.Token == other.Token
}

// Enqueue lets a deployment wait, unless it waits or has the environment already.
func (s *EnvironmentStatus) Enqueue(l Lease) {
	if (s.Holder != nil && s.Holder.Same(l)) || slices.ContainsFunc(s.Queue, l.Same) {
		return
	}
	i := len(s.Queue)
	if l.Emergency {
		i = slices.IndexFunc(s.Queue, func(q Lease) bool { return !q.Emergency })
		if i < 0 {
			i = len(s.Queue)
		}
	}
	s.Queue = slices.Insert(s.Queue, i, l)
}

// Take lends the environment to a deployment if nobody has it and nobody waits, and tells
// whether that has it now.
func (s *EnvironmentStatus) Take(l Lease) bool {
	if s.Holder == nil && len(s.Queue) == 0 {
		s.Holder = &l
	}
	return s.Holder != nil && s.Holder.Same(l)
}

// Return takes the environment back from a deployment, or its wait for it, and
// notes what runs there now.
func (s *EnvironmentStatus) Return(l Lease, runs []BaselineEntry) {
	if s.Holder != nil && s.Holder.Same(l) {
		s.Holder = nil
	}
	s.Queue = slices.DeleteFunc(s.Queue, l.Same)
	for _, b := range runs {
		s.Baselines = slices.DeleteFunc(s.Baselines, func(was Baseline) bool { return was.Service == b.Service })
		if b.Baseline != nil {
			s.Baselines = append(s.Baselines, *b.Baseline)
		}
	}
	slices.SortFunc(s.Baselines, func(a, b Baseline) int { return strings.Compare(a.Service, b.Service) })
}

// EnvironmentDetails is the page of an environment.
func EnvironmentDetails(s EnvironmentStatus) string {
	var page strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&page, format+"\n", args...) }
	w("## Environment %s\n", cell(s.Name))
	if s.Holder == nil {
		w("Free.\n")
	} else {
		w("Lent to `%s`%s.\n", code(s.Holder.Holder), s.Holder.since())
	}
	for i, l := range s.Queue {
		w("%d. `%s` waits%s%s", i+1, code(l.Holder), l.since(), when(l.Emergency, ", as an emergency"))
	}
	if len(s.Baselines) > 0 {
		w("\n| service | runs | since | by |")
		w("|---|---|---|---|")
	}
	for _, b := range s.Baselines {
		w("| %s | %s | %s | %s |", cell(b.Service), cell(b.Version), clock(b.Since), cell(b.Release))
	}
	return page.String()
}

func (l Lease) since() string { return when(!l.Since.IsZero(), " since "+clock(l.Since)) }

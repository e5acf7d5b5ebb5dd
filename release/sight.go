package release

import (
	"cmp"
	"slices"
	"time"
)

const (
	// fewTargets is up to how many targets each has a row of its own.
	fewTargets = 50
	// mostRows is how many rows there are at most, and mostSpans how many intervals they
	// have together, roughly: what was seen has to fit into a heartbeat whatever happens.
	mostRows, mostSpans = 1000, 1000
)

// Sight is what probes saw of all targets of an environment over a time. It stays small
// however many there are: of many targets only those about which there is something to
// say have a row of their own.
type Sight struct {
	// Latency is what the probes of all targets measured together, and over which time.
	Latency      LatencyWindow  `json:"latency,omitzero"`
	Availability []Availability `json:"availability,omitempty"`
	Others       *Others        `json:"others,omitempty"`
}

// Others are the targets that have no row of their own, taken together.
type Others struct {
	// Calm is how many of them were up whenever somebody looked; Disturbed how many were
	// not, but have less downtime than those that have a row.
	Calm      int `json:"calm"`
	Disturbed int `json:"disturbed,omitempty"`
	// Availability is that of the calm ones: Probes are those of all of them, and
	// Unobserved when nobody looked at any.
	Availability
}

// SightOf sums up what was seen of targets. Gaps are the times when nobody looked at any
// of them: a target that was up but for those is calm.
func SightOf(targets []Availability, gaps []Interval) Sight {
	if len(targets) <= fewTargets {
		return Sight{Availability: targets}
	}
	var s Sight
	for _, a := range targets {
		if a.Failed > 0 || len(a.Down) > 0 || !slices.Equal(a.Unobserved, gaps) {
			s.Availability = append(s.Availability, a)
			continue
		}
		if s.Others == nil {
			s.Others = &Others{}
		}
		s.Others.add(a)
	}
	return s.bounded()
}

// add takes in another calm target.
func (o *Others) add(a Availability) {
	if o.Calm++; o.Calm == 1 {
		o.Availability, o.Target = a, ""
		return
	}
	o.MeanLatency = meanOf(o.MeanLatency, o.Probes, a.MeanLatency, a.Probes)
	o.MaxLatency = max(o.MaxLatency, a.MaxLatency)
	o.Probes += a.Probes
	if a.Last.Before(o.Last) {
		o.Last = a.Last
	}
}

// bounded keeps the rows with the most downtime when there are too many.
func (s Sight) bounded() Sight {
	if more := len(s.Availability) - mostRows; more > 0 {
		rows := slices.SortedStableFunc(slices.Values(s.Availability), func(a, b Availability) int {
			return cmp.Compare(b.Downtime(), a.Downtime())
		})
		s.Availability = rows[:mostRows]
		others := Others{Availability: Watched("", rows[0].Since)}
		if s.Others != nil {
			others = *s.Others
		}
		others.Disturbed += more
		s.Others = &others
	}
	most := max(1, mostSpans/max(1, len(s.Availability)))
	for i := range s.Availability {
		a := s.Availability[i].Clone()
		a.Down, a.Unobserved = atMost(most, a.Down), atMost(most, a.Unobserved)
		s.Availability[i] = a
	}
	return s
}

// Of gives what was seen of a target. One without a row of its own had its share of what
// was seen of the calm ones; of one that nobody knows it is nothing.
func (s Sight) Of(target string) Availability {
	i := slices.IndexFunc(s.Availability, func(a Availability) bool { return a.Target == target })
	if i >= 0 {
		return s.Availability[i].Clone()
	}
	return s.share(target)
}

func (s Sight) share(target string) Availability {
	if s.Others == nil {
		return Availability{Target: target}
	}
	a := s.Others.Availability.Clone()
	a.Target = target
	a.Probes /= max(1, s.Others.Calm)
	return a
}

// Each gives what was seen of each of some targets, as Of does.
func (s Sight) Each(targets []string) []Availability {
	rows := make(map[string]Availability, len(s.Availability))
	for _, a := range s.Availability {
		rows[a.Target] = a
	}
	all := make([]Availability, len(targets))
	for i, name := range targets {
		if row, has := rows[name]; has {
			all[i] = row.Clone()
		} else {
			all[i] = s.share(name)
		}
	}
	return all
}

// Gaps are the times when nobody looked at any target, as far as they are known apart
// from those of each.
func (s Sight) Gaps() []Interval {
	if s.Others == nil {
		return nil
	}
	return slices.Clone(s.Others.Unobserved)
}

// Join gives what was seen over two watches, one right after the other; the latencies are
// those of the later one.
func (s Sight) Join(next Sight, tolerance Duration) Sight {
	var names []string
	seen := map[string]bool{}
	for _, a := range slices.Concat(s.Availability, next.Availability) {
		if !seen[a.Target] {
			seen[a.Target] = true
			names = append(names, a.Target)
		}
	}
	joined := Sight{Latency: next.Latency}
	before, after := s.Each(names), next.Each(names)
	for i := range names {
		joined.Availability = append(joined.Availability, before[i].Join(after[i], tolerance))
	}
	if total := max(s.Targets(), next.Targets()); total > len(names) {
		var was, is Others
		if s.Others != nil {
			was = *s.Others
		}
		if next.Others != nil {
			is = *next.Others
		}
		others := Others{Availability: was.Join(is.Availability, tolerance)}
		others.Disturbed = min(max(was.Disturbed, is.Disturbed), total-len(names))
		others.Calm = total - len(names) - others.Disturbed
		joined.Others = &others
	}
	return joined.bounded()
}

// Targets is how many targets were looked at.
func (s Sight) Targets() int {
	if s.Others == nil {
		return len(s.Availability)
	}
	return len(s.Availability) + s.Others.Calm + s.Others.Disturbed
}

// Calm is how many of them were up whenever somebody looked.
func (s Sight) Calm() (calm int) {
	if s.Others != nil {
		calm = s.Others.Calm
	}
	for _, a := range s.Availability {
		if a.Probes > 0 && len(a.Down) == 0 {
			calm++
		}
	}
	return calm
}

// Failing names the targets that were down when they were probed last.
func (s Sight) Failing() (names []string) {
	for _, a := range s.Availability {
		if a.Failing {
			names = append(names, a.Target)
		}
	}
	return names
}

// Worst is the target with the longest downtime; empty when none was seen down.
func (s Sight) Worst() (target string, downtime Duration) {
	for _, a := range s.Availability {
		if d := a.Downtime(); d > downtime {
			target, downtime = a.Target, d
		}
	}
	return target, downtime
}

// Unobserved is the longest time that nobody looked at a target.
func (s Sight) Unobserved() (longest Duration) {
	if s.Others != nil {
		longest = s.Others.UnobservedTime()
	}
	for _, a := range s.Availability {
		longest = max(longest, a.UnobservedTime())
	}
	return longest
}

// Carried is what a watch has to know of a target from the one before it.
type Carried struct {
	Target string `json:"target"`
	// Down is its downtime until then, and Failing tells that it goes on.
	Down    Duration `json:"down,omitempty"`
	Failing bool     `json:"failing,omitempty"`
}

// Carry gives what the next watch has to know of those targets of which it is not nothing.
func (s Sight) Carry() (carried []Carried) {
	for _, a := range s.Availability {
		if c := (Carried{Target: a.Target, Down: a.Downtime(), Failing: a.Failing}); c.Down > 0 || c.Failing {
			carried = append(carried, c)
		}
	}
	return carried
}

// LatencyWindow is what the probes measured within a window of time.
type LatencyWindow struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Probes int       `json:"probes"`
	Failed int       `json:"failed,omitempty"`
	Mean   Duration  `json:"mean"`
	Max    Duration  `json:"max"`
}

// Observe adds a probe. The latencies are those of the probes that passed.
func (w *LatencyWindow) Observe(p Probed) {
	w.Probes++
	if !p.OK {
		w.Failed++
		return
	}
	w.Max = max(w.Max, p.Took)
	w.Mean += (p.Took - w.Mean) / Duration(w.Probes-w.Failed)
}

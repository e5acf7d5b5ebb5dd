package release

import (
	"slices"
	"time"
)

// maxIntervals bounds each list of intervals of an availability, so that it fits
// in a heartbeat whatever a target does; the closest ones are merged.
const maxIntervals = 100

// Interval is a stretch of time and what it was like.
type Interval struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason,omitempty"`
	// Merged is how many more intervals this one stands for, and Between the time
	// in it that was not part of any of them.
	Merged  int      `json:"merged,omitempty"`
	Between Duration `json:"between,omitempty"`
}

// Length is the time in the interval, without the time between merged ones.
func (i Interval) Length() Duration { return Duration(i.To.Sub(i.From)) - i.Between }

// Probed is what one probe of a target found.
type Probed struct {
	// At is when the probe began and Took how long it was under way.
	At   time.Time
	Took Duration
	OK   bool
	// Reason says why the probe failed.
	Reason string
}

// Availability is what probes found out about a target over time. It does not
// claim what nobody saw: time without probes is unobserved, neither up nor down.
type Availability struct {
	Target string `json:"target,omitempty"`
	// Since is when the observation was to begin, Last until when it has come.
	Since  time.Time `json:"since"`
	Last   time.Time `json:"last"`
	Probes int       `json:"probes"`
	Failed int       `json:"failed"`
	// Failing tells that the last probe failed; the last Down is still open.
	Failing bool `json:"failing,omitempty"`
	// Down goes each from the first probe that failed to the next one that did
	// not.
	Down       []Interval `json:"down,omitempty"`
	Unobserved []Interval `json:"unobserved,omitempty"`
	// MaxLatency and MeanLatency are those of the probes that passed.
	MaxLatency  Duration `json:"maxLatency"`
	MeanLatency Duration `json:"meanLatency"`
}

// Watched is the availability of a target that is observed from a time on.
func Watched(target string, from time.Time) Availability {
	return Availability{Target: target, Since: from, Last: from}
}

// Observe adds a probe. When more than tolerance has passed since the last one,
// that time is unobserved; a downtime then ends with the last probe that saw it.
func (a *Availability) Observe(p Probed, tolerance Duration) {
	a.ObservedUntil(p.At, tolerance)
	a.Probes++
	end := p.At.Add(p.Took.Std())
	switch {
	case p.OK:
		if a.Failing {
			a.Down[len(a.Down)-1].To = p.At
		}
		a.MaxLatency = max(a.MaxLatency, p.Took)
		a.MeanLatency += (p.Took - a.MeanLatency) / Duration(a.Probes-a.Failed)
	case a.Failing:
		a.Failed++
		a.Down[len(a.Down)-1].To = end
	default:
		a.Failed++
		a.Down = appendBounded(a.Down, Interval{From: p.At, To: end, Reason: p.Reason})
	}
	a.Failing, a.Last = !p.OK, end
}

// ObservedUntil says that until then no other probe was made. If that is longer
// than tolerance after the last one, the time between is unobserved.
func (a *Availability) ObservedUntil(then time.Time, tolerance Duration) {
	if then.Sub(a.Last) <= tolerance.Std() {
		return
	}
	a.Unobserved = appendBounded(a.Unobserved, Interval{From: a.Last, To: then})
	a.Last, a.Failing = then, false
}

// Downtime is how long the target was seen not to serve.
func (a Availability) Downtime() Duration { return total(a.Down) }

// UnobservedTime is how long nobody looked.
func (a Availability) UnobservedTime() Duration { return total(a.Unobserved) }

// ObservedTime is how long the target was looked at.
func (a Availability) ObservedTime() Duration {
	return Duration(a.Last.Sub(a.Since)) - a.UnobservedTime()
}

// Clone gives a copy that shares nothing with the original.
func (a Availability) Clone() Availability {
	a.Down, a.Unobserved = slices.Clone(a.Down), slices.Clone(a.Unobserved)
	return a
}

func total(intervals []Interval) (sum Duration) {
	for _, i := range intervals {
		sum += i.Length()
	}
	return sum
}

func appendBounded(intervals []Interval, next Interval) []Interval {
	return atMost(maxIntervals, append(intervals, next))
}

// atMost merges intervals until they are no more than so many.
func atMost(most int, intervals []Interval) []Interval {
	for len(intervals) > most {
		intervals = mergeClosest(intervals)
	}
	return intervals
}

// mergeClosest makes one of the two intervals that are closest to each other. It keeps
// the total length exact.
func mergeClosest(intervals []Interval) []Interval {
	gap := func(i int) Duration { return Duration(intervals[i].From.Sub(intervals[i-1].To)) }
	closest := 1
	for i := 2; i < len(intervals); i++ {
		if gap(i) < gap(closest) {
			closest = i
		}
	}
	before, after := &intervals[closest-1], intervals[closest]
	before.Between += gap(closest) + after.Between
	before.Merged += 1 + after.Merged
	before.To = after.To
	return slices.Delete(intervals, closest, closest+1)
}

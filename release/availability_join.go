package release

import "time"

// Join gives what was seen of a target over two watches, one right after the other. A
// downtime that goes on from one into the other is one; the time between them is
// unobserved only when it is longer than the tolerance.
func (a Availability) Join(next Availability, tolerance Duration) Availability {
	switch {
	case a.Since.IsZero():
		return next.Clone()
	case next.Since.IsZero():
		return a.Clone()
	}
	joined := a.Clone()
	joined.ObservedUntil(next.Since, tolerance)
	down := next.Down
	if joined.Failing && len(down) > 0 && down[0].From.Equal(next.Since) {
		prolong(joined.Down, down[0])
		down = down[1:]
	}
	for _, i := range down {
		joined.Down = appendBounded(joined.Down, i)
	}
	unobserved := next.Unobserved
	if n := len(joined.Unobserved); n > 0 && len(unobserved) > 0 && joined.Unobserved[n-1].To.Equal(unobserved[0].From) {
		prolong(joined.Unobserved, unobserved[0])
		unobserved = unobserved[1:]
	}
	for _, i := range unobserved {
		joined.Unobserved = appendBounded(joined.Unobserved, i)
	}
	joined.MeanLatency = meanOf(a.MeanLatency, a.Probes-a.Failed, next.MeanLatency, next.Probes-next.Failed)
	joined.MaxLatency = max(a.MaxLatency, next.MaxLatency)
	joined.Probes, joined.Failed = a.Probes+next.Probes, a.Failed+next.Failed
	joined.Failing, joined.Last = next.Failing, next.Last
	return joined
}

// prolong lets the last interval go on to the end of another, and takes the time between
// them for part of it.
func prolong(intervals []Interval, by Interval) {
	last := &intervals[len(intervals)-1]
	last.To = by.To
	last.Merged += by.Merged
	last.Between += by.Between
}

// meanOf is the mean of two means, each of so many.
func meanOf(a Duration, many int, b Duration, more int) Duration {
	if many+more == 0 {
		return 0
	}
	return Duration((float64(a)*float64(many) + float64(b)*float64(more)) / float64(many+more))
}

// FailingSince is an availability that begins with a target that was down already.
func FailingSince(target string, from time.Time) Availability {
	a := Watched(target, from)
	a.Failing, a.Down = true, []Interval{{From: from, To: from}}
	return a
}

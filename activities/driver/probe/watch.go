package probe

import (
	"context"
	"sync"
	"time"

	"slipway/release"
)

const (
	// DefaultInterval is the time between two probes of a target when a Watch does
	// not say so.
	DefaultInterval = time.Second
	// tellEvery is how often a Watch tells what it has seen, when its interval is longer.
	tellEvery = time.Second
)

// Watch asks for the availability of targets over a time.
type Watch struct {
	Targets []release.Target
	Probe   release.Probe
	// Version is the one that ought to answer in the Environment.
	Version     string
	Environment string
	// Interval is the time between the beginnings of two probes of a target.
	Interval time.Duration
	// From is when the observation was to begin; zero stands for now.
	From  time.Time
	Until time.Time
	// Carried is what a watch before this one leaves to it.
	Carried []release.Carried
	// Limit is the downtime of a target, with what was carried, above which the watch ends
	// at once; zero stands for none.
	Limit time.Duration
}

// sighting is a probe of the target at an index.
type sighting struct {
	target int
	probed release.Probed
}

// Watch probes every target in each interval until w.Until, each on its own, so
// that one that hangs does not blind the others. It goes on from resume, unless
// nil, by the targets' names. More than two intervals between two probes, also
// from resume to now or at either end, are recorded as unobserved.
//
// In each interval, each second when that is longer, and at the end, beat, which may be
// nil, gets what is known. When ctx ends, Watch gives what was seen until then, and
// ctx.Err().
func (p *Prober) Watch(ctx context.Context, w Watch, resume *release.Sight, beat func(release.Sight)) (release.Sight, error) {
	if w.Interval <= 0 {
		w.Interval = DefaultInterval
	}
	if w.From.IsZero() {
		w.From = now()
	}
	if beat == nil {
		beat = func(release.Sight) {}
	}
	seen := w.begin(resume)
	within, stop := context.WithCancel(ctx)
	defer stop()
	sightings := p.followAll(within, w)
	tick := time.NewTicker(min(w.Interval, tellEvery))
	defer tick.Stop()
	for open := true; open; {
		var s sighting
		select {
		case <-tick.C:
			beat(seen.sight())
		case s, open = <-sightings:
			if open && seen.note(s) {
				stop() // what is under way comes in still
			}
		}
	}
	if ctx.Err() != nil {
		return seen.sight(), ctx.Err()
	}
	for i := range seen.targets {
		seen.targets[i].ObservedUntil(seen.now(), seen.tolerance)
	}
	all := seen.sight()
	beat(all)
	return all, nil
}

// watching is what a Watch has seen so far.
type watching struct {
	Watch
	tolerance release.Duration
	targets   []release.Availability
	// carried is the downtime from before, by target.
	carried []time.Duration
	// nobody is a target of which only is known when nobody looked at any.
	nobody  release.Availability
	latency release.LatencyWindow
}

// begin gives what is known of each target. When the worker comes late, or back, it
// notes that nobody looked until now.
func (w Watch) begin(resume *release.Sight) *watching {
	seen := &watching{
		Watch: w, tolerance: release.Duration(2 * w.Interval), carried: make([]time.Duration, len(w.Targets)),
		latency: release.LatencyWindow{From: w.From, To: w.From},
	}
	before := map[string]release.Carried{}
	for _, c := range w.Carried {
		before[c.Target] = c
	}
	var names []string
	for i, t := range w.Targets {
		names = append(names, t.Name)
		seen.carried[i] = before[t.Name].Down.Std()
	}
	if resume == nil {
		resume = &release.Sight{}
	}
	seen.targets = resume.Each(names)
	seen.nobody = release.Availability{Unobserved: resume.Gaps()}
	last := w.From
	for i, name := range names {
		switch a := &seen.targets[i]; {
		case !a.Since.IsZero():
			if a.Last.After(last) {
				last = a.Last
			}
		case before[name].Failing:
			*a = release.FailingSince(name, w.From)
		default:
			*a = release.Watched(name, w.From)
		}
	}
	if resume.Latency.Probes > 0 {
		seen.latency, last = resume.Latency, resume.Latency.To
	}
	seen.dark(last)
	return seen
}

// dark notes that nobody looked at any target from then until now, when that is long.
func (s *watching) dark(from time.Time) {
	until := s.now()
	if until.Sub(from) <= s.tolerance.Std() {
		return
	}
	s.nobody.Last = from
	s.nobody.ObservedUntil(until, s.tolerance)
	for i := range s.targets {
		a := &s.targets[i]
		a.ObservedUntil(from, s.tolerance)
		a.Last = from // the same for all, so that the calm ones stay alike
		a.ObservedUntil(until, s.tolerance)
	}
}

// now is the time as it is recorded, within the watch.
func (s *watching) now() time.Time {
	if now := now(); now.Before(s.Until) {
		return now
	}
	return s.Until
}

// note takes a probe in. It tells whether the watch has to end by it, because more
// downtime came together than the limit.
func (s *watching) note(probe sighting) (over bool) {
	a := &s.targets[probe.target]
	a.Observe(probe.probed, s.tolerance)
	s.latency.Observe(probe.probed)
	before := s.carried[probe.target]
	return s.Limit > 0 && before <= s.Limit && before+a.Downtime().Std() > s.Limit
}

// sight gives what is known now; it shares nothing with what changes.
func (s *watching) sight() release.Sight {
	targets := make([]release.Availability, len(s.targets))
	for i, a := range s.targets {
		targets[i] = a.Clone()
	}
	seen := release.SightOf(targets, s.nobody.Unobserved)
	seen.Latency = s.latency
	seen.Latency.To = s.now()
	return seen
}

// followAll gives the probes of all targets; the channel is closed after the last.
func (p *Prober) followAll(ctx context.Context, w Watch) <-chan sighting {
	sightings := make(chan sighting)
	begin := w.From
	if now := time.Now(); now.After(begin) {
		begin = now
	}
	var all sync.WaitGroup
	for i := range w.Targets {
		// Many are not probed all at once.
		first := begin.Add(w.Interval / 2 * time.Duration(i) / time.Duration(len(w.Targets)))
		all.Go(func() {
			p.follow(ctx, w, w.Targets[i], first, func(probed release.Probed) { sightings <- sighting{i, probed} })
		})
	}
	go func() {
		all.Wait()
		close(sightings)
	}()
	return sightings
}

// follow probes one target from its first time on, until the end of the watch or of ctx.
// A probe that ctx cut short says nothing about the target.
func (p *Prober) follow(ctx context.Context, w Watch, t release.Target, first time.Time, report func(release.Probed)) {
	timer := time.NewTimer(max(0, time.Until(first)))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		at := now()
		if !at.Before(w.Until) {
			return
		}
		result := p.Probe(ctx, Subject{Target: t, Version: w.Version, Environment: w.Environment}, w.Probe)
		if ctx.Err() != nil {
			return
		}
		took := release.Duration(result.Latency.Round(time.Microsecond))
		report(release.Probed{At: at, Took: took, OK: result.OK, Reason: result.Reason})
		next := at.Add(w.Interval)
		if next.After(w.Until) {
			next = w.Until
		}
		timer.Reset(max(0, time.Until(next)))
	}
}

// now is the time as it is recorded: to the millisecond.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

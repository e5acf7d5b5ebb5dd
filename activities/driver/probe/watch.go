package probe

import (
	"context"
	"sync"
	"time"

	"slipway/release"
)

// DefaultInterval is the time between two probes of a target when a Watch does
// not say so.
const DefaultInterval = time.Second

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
}

// Observed is what a Watch has seen so far, a row a target. It is small in JSON
// (at most some 30 KB a target, however it flaps) and can be resumed from there.
type Observed struct {
	Targets []release.Availability `json:"targets"`
}

// Clone gives a copy that shares nothing with the original.
func (o Observed) Clone() Observed {
	targets := make([]release.Availability, len(o.Targets))
	for i, a := range o.Targets {
		targets[i] = a.Clone()
	}
	return Observed{Targets: targets}
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
// In each interval and at the end, beat, which may be nil, gets a copy of what is
// known. When ctx ends, Watch gives what was seen until then, and ctx.Err().
func (p *Prober) Watch(ctx context.Context, w Watch, resume *Observed, beat func(Observed)) (Observed, error) {
	if w.Interval <= 0 {
		w.Interval = DefaultInterval
	}
	if beat == nil {
		beat = func(Observed) {}
	}
	observed, tolerance := w.begin(resume), release.Duration(2*w.Interval)
	sightings := p.followAll(ctx, w)
	tick := time.NewTicker(w.Interval)
	defer tick.Stop()
	for open := true; open; {
		var s sighting
		select {
		case <-tick.C:
			beat(observed.Clone())
		case s, open = <-sightings:
			if open {
				observed.Targets[s.target].Observe(s.probed, tolerance)
			}
		}
	}
	if ctx.Err() != nil {
		return observed, ctx.Err()
	}
	for i := range observed.Targets {
		observed.Targets[i].ObservedUntil(w.Until, tolerance)
	}
	beat(observed.Clone())
	return observed, nil
}

// begin gives a row for each target, its old one if there is one.
func (w Watch) begin(resume *Observed) Observed {
	from := w.From
	if from.IsZero() {
		from = now()
	}
	old := map[string]release.Availability{}
	if resume != nil {
		for _, a := range resume.Targets {
			old[a.Target] = a.Clone()
		}
	}
	var o Observed
	for _, target := range w.Targets {
		a, known := old[target.Name]
		if !known {
			a = release.Watched(target.Name, from)
		}
		o.Targets = append(o.Targets, a)
	}
	return o
}

// followAll gives the probes of all targets; the channel is closed after the last.
func (p *Prober) followAll(ctx context.Context, w Watch) <-chan sighting {
	sightings := make(chan sighting)
	var all sync.WaitGroup
	for i := range w.Targets {
		all.Go(func() {
			p.follow(ctx, w, w.Targets[i], func(probed release.Probed) { sightings <- sighting{i, probed} })
		})
	}
	go func() {
		all.Wait()
		close(sightings)
	}()
	return sightings
}

// follow probes one target until the end of the watch or of ctx. A probe that ctx
// cut short says nothing about the target.
func (p *Prober) follow(ctx context.Context, w Watch, t release.Target, report func(release.Probed)) {
	timer := time.NewTimer(max(0, time.Until(w.From)))
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

package report

import (
	"time"

	"slipway/release"
)

// clock writes times no longer than needed to tell them apart: without the day
// when all are on the same one. All are UTC, which the document says once.
type clock struct{ layout, zone string }

const (
	daily  = "15:04:05"
	yearly = "2 Jan 15:04:05"
	always = "2 Jan 2006 15:04:05"
)

func newClock(from, to time.Time) clock {
	from, to = from.UTC(), to.UTC()
	switch {
	case from.Format(time.DateOnly) == to.Format(time.DateOnly):
		return clock{daily, "All times are UTC, on " + from.Format("2 January 2006") + "."}
	case from.Year() == to.Year():
		return clock{yearly, "All times are UTC, in " + from.Format("2006") + "."}
	}
	return clock{always, "All times are UTC."}
}

// at shows a time; nothing when it never came.
func (c clock) at(t time.Time) cell {
	if t.IsZero() {
		return nil
	}
	return cell{{Text: c.text(t), Full: t.UTC().Format(time.RFC3339)}}
}

func (c clock) text(t time.Time) string { return t.UTC().Format(c.layout) }

// stretch writes from when to when something went.
func (c clock) stretch(from, to time.Time) string { return c.text(from) + " to " + c.text(to) }

// present is when the release was closed or, while it is open, the latest time
// in its record. What is planned for later does not count.
func present(r release.Record) time.Time {
	if !r.Closed.IsZero() {
		return r.Closed
	}
	latest := r.Started
	see := func(times ...time.Time) {
		for _, t := range times {
			if t.After(latest) {
				latest = t
			}
		}
	}
	for _, a := range r.Awaiting {
		see(a.Since)
	}
	for _, g := range r.Gates {
		see(g.Opened, g.Escalated, g.Decided)
		for _, v := range g.Votes {
			see(v.At)
		}
	}
	for _, b := range r.Builds {
		see(end(b.Started, b.Elapsed))
	}
	for _, e := range r.Evidence {
		see(end(e.Execution.Started, e.Execution.Elapsed))
	}
	for _, s := range r.Stages {
		see(s.Started, s.Ended)
	}
	for _, a := range r.Acts {
		see(a.At)
	}
	for _, n := range r.Notices {
		see(n.At)
	}
	for _, n := range r.Notes {
		see(n.At)
	}
	for _, w := range r.Waits {
		see(w.Until)
	}
	for _, e := range r.Environments {
		seeEnvironment(e, see)
	}
	return latest
}

// ahead is the latest time that the report names: a deadline may lie on another
// day than everything that happened.
func ahead(r release.Record, now time.Time) time.Time {
	latest := now
	for _, a := range r.Awaiting {
		if a.Deadline.After(latest) {
			latest = a.Deadline
		}
	}
	if r.Review != nil && len(r.Unrated()) > 0 && r.Review.AskedUntil.After(latest) {
		latest = r.Review.AskedUntil
	}
	for _, e := range r.Environments {
		if e.Support != nil && e.Support.Ended.IsZero() && e.Support.Until.After(latest) {
			latest = e.Support.Until
		}
	}
	return latest
}

func seeEnvironment(e release.EnvironmentRecord, see func(...time.Time)) {
	for _, s := range e.Steps {
		see(end(s.Started, s.Elapsed))
	}
	for _, a := range e.Audits {
		see(a.At)
	}
	for _, c := range e.Readiness {
		see(c.At)
	}
	if e.HandedOver != nil {
		see(e.HandedOver.At)
	}
	if e.Support == nil {
		return
	}
	see(e.Support.Started, e.Support.Ended)
	for _, a := range e.Support.Availability {
		see(a.Last)
	}
	for _, i := range e.Support.Incidents {
		see(i.Opened, i.Resolved)
	}
	for _, c := range e.Support.Calls {
		see(c.At)
	}
	for _, k := range e.Support.KnownErrors {
		see(k.At)
	}
	for _, r := range e.Support.RFCs {
		see(r.At)
	}
	for _, w := range e.Support.Latency {
		see(w.To)
	}
	for _, a := range e.Support.Acts {
		see(a.At)
	}
}

func end(started time.Time, elapsed release.Duration) time.Time {
	return started.Add(elapsed.Std())
}

package activities

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"slipway/activities/driver/probe"
	"slipway/release"
)

const (
	// betweenTries is how long it is waited before a probe that failed is made again.
	betweenTries = 100 * time.Millisecond
	// holdInterval is the time between two probes of a target while they have to hold.
	holdInterval = time.Second
)

// question is one probe of one target, and what was seen of it.
type question struct {
	about probe.Subject
	probe release.Probe
	// failures are counted while it has to hold; reason is what was wrong last.
	failures int
	reason   string
}

// String names the question: "production-1, probe version (http)".
func (q *question) String() string { return q.about.Target.Name + ", probe " + q.probe.Title() }

// Verify asks every target with every probe until it answers as it should, or the time
// is up; many at the same time. Then they have to hold: go on passing, without more
// failures than are tolerated.
func (a *Activities) Verify(ctx context.Context, in VerifyInput) (VerifyResult, error) {
	beater := beat(ctx, release.Progress{What: "verification", Since: time.Now().UTC()})
	defer beater.end()
	targets, err := a.described(ctx, in.Estate)
	if err != nil {
		return VerifyResult{}, err
	}
	var asked []*question
	for _, t := range targets {
		for _, p := range in.Verification.Probes {
			asked = append(asked, &question{about: probe.Subject{Target: t, Version: in.Version, Environment: in.Environment}, probe: p})
		}
	}
	found := VerifyResult{Probes: len(asked)}
	until := time.Now().Add(max(in.Verification.Within.Std(), time.Second))
	var failed atomic.Int32
	sideBySide(lookers, asked, func(q *question) {
		if failed.Load() >= mostListed && time.Now().After(until) {
			q.reason = "not asked any more, for the time is up and many others failed"
			return
		}
		beater.set(func(pr *release.Progress) { doing(pr, q.String()) })
		if a.first(ctx, q, until); q.reason != "" {
			failed.Add(1)
		}
	})
	found.Failures = failures(asked, func(q *question) string { return q.reason })
	if len(found.Failures) == 0 && in.Verification.Hold > 0 {
		beater.set(func(pr *release.Progress) { doing(pr, "probes have to hold for "+in.Verification.Hold.String()) })
		found.Failures = a.hold(ctx, asked, in.Verification)
	}
	return found, ctx.Err()
}

// first asks until it passes for the first time, at least once.
func (a *Activities) first(ctx context.Context, q *question, until time.Time) {
	for {
		q.reason = a.Prober.Probe(ctx, q.about, q.probe).Reason
		if q.reason == "" || !pause(ctx, min(betweenTries, time.Until(until))) {
			return
		}
	}
}

// hold asks again and again for the time that the probes have to hold, and gives those
// that failed too often; then it does not go on.
func (a *Activities) hold(ctx context.Context, asked []*question, v release.Verification) (list []string) {
	until := time.Now().Add(v.Hold.Std())
	for len(list) == 0 && pause(ctx, min(holdInterval, time.Until(until))) {
		sideBySide(lookers, asked, func(q *question) {
			if seen := a.Prober.Probe(ctx, q.about, q.probe); !seen.OK && ctx.Err() == nil {
				q.failures, q.reason = q.failures+1, seen.Reason
			}
		})
		list = failures(asked, func(q *question) string {
			if q.failures <= v.Failures {
				return ""
			}
			return fmt.Sprintf("it had to hold for %s with at most %d failures, and had %d; last: %s", v.Hold, v.Failures, q.failures, q.reason)
		})
	}
	return list
}

// failures lists what is wrong, as far as something is.
func failures(asked []*question, wrong func(q *question) string) (list []string) {
	unlisted := 0
	for _, q := range asked {
		switch reason := wrong(q); {
		case reason == "":
		case len(list) == mostListed:
			unlisted++
		default:
			list = append(list, fmt.Sprintf("%s: %s", q, reason))
		}
	}
	if unlisted > 0 {
		list = append(list, fmt.Sprintf("and %d probes more", unlisted))
	}
	return list
}

// pause waits; it is false when there is no time left to wait, or ctx ends first.
func pause(ctx context.Context, length time.Duration) bool {
	if length <= 0 {
		return false
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

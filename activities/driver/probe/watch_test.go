package probe_test

import (
	"context"
	"encoding/json"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/probe"
	"slipway/release"
)

// often is short for the test and long for a probe on the same machine.
const often = 50 * time.Millisecond

func soon() time.Time { return time.Now().Add(time.Minute) }

func TestDowntimeIsMeasuredWhileAServiceIsStopped(t *testing.T) {
	one, two := newService(t), newService(t)
	w := watch(t, probe.Watch{
		Targets: []release.Target{one.target("one"), two.target("two")}, Interval: often, Until: soon(),
	}, nil)
	w.until("both up", func(a []release.Availability) bool { return a[0].Probes >= 2 && a[1].Probes >= 2 })
	begun := time.Now()
	one.stop()
	w.until("one down", func(a []release.Availability) bool { return a[0].Failed >= 3 })
	stopped := time.Since(begun)
	one.start()
	w.until("one up again", func(a []release.Availability) bool { return !a[0].Failing })
	atMost := time.Since(begun)
	seen := w.end()

	require.NotEmpty(t, seen[0].Down)
	assert.Contains(t, seen[0].Down[0].Reason, "connection") // refused, or closed if a probe was under way
	// On a busy machine some of it may not have been observed.
	assert.Greater(t, (seen[0].Downtime() + seen[0].UnobservedTime()).Std(), stopped-3*often)
	assert.LessOrEqual(t, seen[0].Downtime().Std(), atMost)
	assert.Zero(t, seen[1].Downtime())
	assert.Positive(t, seen[1].MeanLatency)
}

func TestATargetThatHangsDoesNotBlindTheOthers(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, never answers
	require.NoError(t, err)
	defer func() { _ = silent.Close() }()
	good := newService(t)
	w := watch(t, probe.Watch{
		Targets:  []release.Target{good.target("good"), {Name: "hung", URL: "http://" + silent.Addr().String()}},
		Interval: often, Until: soon(), Probe: release.Probe{Timeout: release.Duration(10 * often)},
	}, nil)
	w.until("a timeout", func(a []release.Availability) bool { return a[1].Failed >= 2 })
	seen := w.end()
	assert.Greater(t, seen[0].Probes, 2*seen[1].Probes)
	assert.Zero(t, seen[0].Downtime())
	require.NotEmpty(t, seen[1].Down)
	assert.Equal(t, "no answer within 500ms", seen[1].Down[0].Reason)
	assert.GreaterOrEqual(t, seen[1].Downtime().Std(), 20*often)
}

func TestAResumedWatchGoesOnAndOwnsUpToItsGap(t *testing.T) {
	s := newService(t)
	order := probe.Watch{Targets: []release.Target{s.target("one")}, Interval: often, Until: soon()}
	first := watch(t, order, nil)
	first.until("up", func(a []release.Availability) bool { return a[0].Probes >= 2 })
	before := first.end()
	before[0].Last = before[0].Last.Add(-time.Hour) // as if the worker had been gone since
	before[0].Since = before[0].Since.Add(-time.Hour)

	text, err := json.Marshal(release.Sight{Availability: before})
	require.NoError(t, err)
	var resume release.Sight
	require.NoError(t, json.Unmarshal(text, &resume))
	again := watch(t, order, &resume)
	again.until("more probes", func(a []release.Availability) bool { return a[0].Probes > before[0].Probes })
	after := again.end()
	require.NotEmpty(t, after[0].Unobserved)
	assert.InDelta(t, time.Hour, after[0].Unobserved[0].Length().Std(), float64(time.Minute))
	assert.Zero(t, after[0].Downtime())
	assert.Len(t, resume.Availability[0].Unobserved, 0)
}

func TestAWatchEndsAtItsTimeAndTellsWhatItMissedAtEitherEnd(t *testing.T) {
	s := newService(t)
	var beats []release.Sight
	begun := time.Now()
	order := probe.Watch{Targets: []release.Target{s.target("one")}, Interval: often, From: begun.Add(-time.Hour), Until: begun.Add(4 * often)}
	seen, err := probe.New().Watch(t.Context(), order, nil, func(o release.Sight) { beats = append(beats, o) })
	require.NoError(t, err)
	assert.GreaterOrEqual(t, time.Since(begun), 4*often-time.Millisecond)
	require.NotEmpty(t, seen.Availability[0].Unobserved)
	assert.InDelta(t, time.Hour, seen.Availability[0].Unobserved[0].Length().Std(), float64(time.Minute))
	require.NotEmpty(t, beats)
	assert.Equal(t, seen, beats[len(beats)-1])

	order.Until = time.Now().Add(-time.Minute)
	order.From = order.Until.Add(-time.Hour)
	seen, err = probe.New().Watch(t.Context(), order, nil, nil)
	require.NoError(t, err)
	assert.Zero(t, seen.Availability[0].Probes)
	assert.Equal(t, release.Duration(time.Hour), seen.Availability[0].UnobservedTime())
}

func TestAProbeThatIsCutShortIsNoDowntime(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = silent.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if conn, err := silent.Accept(); err == nil {
			defer func() { _ = conn.Close() }()
			cancel()
			<-t.Context().Done()
		}
	}()
	seen, err := probe.New().Watch(ctx, probe.Watch{
		Targets: []release.Target{{Name: "one", URL: "http://" + silent.Addr().String()}}, Interval: often, Until: soon(),
	}, nil, nil)
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, seen.Availability[0].Probes)
	assert.Zero(t, seen.Availability[0].Downtime())
}

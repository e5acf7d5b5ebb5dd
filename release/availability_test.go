package release_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// noon is when every observation in these tests begins.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// second gives noon and so many seconds.
func second(n float64) time.Time { return noon.Add(time.Duration(n * float64(time.Second))) }

// lasting is an interval in seconds after noon.
func lasting(from, to float64, reason string) release.Interval {
	return release.Interval{From: second(from), To: second(to), Reason: reason}
}

func up(at float64) release.Probed {
	return release.Probed{At: second(at), OK: true, Took: release.Duration(10 * time.Millisecond)}
}

func down(at, took float64, reason string) release.Probed {
	return release.Probed{At: second(at), Took: release.Duration(took * float64(time.Second)), Reason: reason}
}

func TestAvailabilityIsWhatTheProbesSaw(t *testing.T) {
	tolerance := release.Duration(2 * time.Second)
	for _, c := range []struct {
		name       string
		probes     []release.Probed
		until      float64
		down       []release.Interval
		unobserved []release.Interval
		failing    bool
	}{
		{"always up", []release.Probed{up(0), up(1), up(2)}, 3, nil, nil, false},
		{"downtime goes from the first failure to the next success", []release.Probed{
			up(0), down(1, 0, "refused"), down(2, 0, "status 503"), up(3),
		}, 4, []release.Interval{lasting(1, 3, "refused")}, nil, false},
		{"a probe that hangs is downtime from its beginning", []release.Probed{up(0), down(1, 2, "no answer"), up(3.5)}, 4, []release.Interval{lasting(1, 3.5, "no answer")}, nil, false},
		{"two downtimes stay apart", []release.Probed{down(0, 0, "a"), up(1), down(2, 0, "b"), up(3)}, 3, []release.Interval{lasting(0, 1, "a"), lasting(2, 3, "b")}, nil, false},
		{"a downtime that lasts is known up to its last probe", []release.Probed{up(0), down(1, 0, "a"), down(2, 0.5, "a")}, 3, []release.Interval{lasting(1, 2.5, "a")}, nil, true},
		{"a gap is neither up nor down", []release.Probed{up(0), down(1, 0, "a"), up(10)}, 10, []release.Interval{lasting(1, 1, "a")}, []release.Interval{lasting(1, 10, "")}, false},
		{"down before and after a gap is not known to be down within", []release.Probed{down(1, 0, "a"), down(9, 0, "b"), up(10)}, 10, []release.Interval{lasting(1, 1, "a"), lasting(9, 10, "b")}, []release.Interval{lasting(1, 9, "")}, false},
		{"as much as the tolerance is no gap", []release.Probed{down(0, 0, "a"), up(2)}, 2, []release.Interval{lasting(0, 2, "a")}, nil, false},
		{"a late beginning was not observed", []release.Probed{up(5)}, 6, nil, []release.Interval{lasting(0, 5, "")}, false},
		{"an early end was not observed", []release.Probed{up(1)}, 8, nil, []release.Interval{{From: second(1.01), To: second(8)}}, false},
		{"nobody ever looked", nil, 8, nil, []release.Interval{lasting(0, 8, "")}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := release.Watched("one", noon)
			var wantDown, wantUnobserved release.Duration
			for _, p := range c.probes {
				a.Observe(p, tolerance)
			}
			a.ObservedUntil(second(c.until), tolerance)
			for _, i := range c.down {
				wantDown += i.Length()
			}
			for i := range c.unobserved {
				wantUnobserved += c.unobserved[i].Length()
			}
			assert.Equal(t, c.down, a.Down)
			assert.Equal(t, c.unobserved, a.Unobserved)
			assert.Equal(t, c.failing, a.Failing)
			assert.Equal(t, len(c.probes), a.Probes)
			assert.Equal(t, wantDown, a.Downtime())
			assert.Equal(t, wantUnobserved, a.UnobservedTime())
			assert.Equal(t, release.Duration(a.Last.Sub(noon))-wantUnobserved, a.ObservedTime())
		})
	}
}

func TestLatencyIsThatOfProbesThatPassed(t *testing.T) {
	a := release.Watched("one", noon)
	for i, ms := range []int{10, 20, 60} {
		a.Observe(release.Probed{At: second(float64(2 * i)), OK: true, Took: release.Duration(ms) * release.Duration(time.Millisecond)}, release.Duration(time.Minute))
		a.Observe(down(float64(2*i+1), 1, "no answer"), release.Duration(time.Minute))
	}
	assert.Equal(t, release.Duration(60*time.Millisecond), a.MaxLatency)
	assert.Equal(t, release.Duration(30*time.Millisecond), a.MeanLatency)
	assert.Equal(t, 6, a.Probes)
	assert.Equal(t, 3, a.Failed)
}

func TestAFlappingTargetStaysSmallAndItsDowntimeExact(t *testing.T) {
	a := release.Watched("one", noon)
	const flaps = 5000
	for i := range flaps {
		a.Observe(down(float64(3*i), 0, "connection refused"), release.Duration(time.Minute))
		a.Observe(up(float64(3*i+1)), release.Duration(time.Minute))
	}
	assert.Equal(t, release.Duration(flaps*time.Second), a.Downtime())
	merged := len(a.Down)
	for i, interval := range a.Down {
		merged += interval.Merged
		assert.False(t, i > 0 && interval.From.Before(a.Down[i-1].To))
	}
	assert.Equal(t, flaps, merged)
	text, err := json.Marshal(a)
	require.NoError(t, err)
	assert.Less(t, len(text), 20<<10)
}

func TestAvailabilityGoesOnAfterAJourneyThroughJSON(t *testing.T) {
	a := release.Watched("one", noon)
	a.Observe(down(0, 0, "refused"), release.Duration(2*time.Second))
	text, err := json.Marshal(a)
	require.NoError(t, err)
	var again release.Availability
	require.NoError(t, json.Unmarshal(text, &again))
	copied := again.Clone()
	again.Observe(up(1), release.Duration(2*time.Second))
	assert.Equal(t, release.Duration(time.Second), again.Downtime())
	assert.Zero(t, copied.Downtime())
}

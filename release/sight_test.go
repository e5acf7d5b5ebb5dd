package release_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// tolerated is how long nobody may have looked in these tests.
const tolerated = release.Duration(2 * time.Second)

// looked gives what a watch from one second to another saw, one probe each second; it is
// down in those of the seconds that are named.
func looked(target string, from, to int, failing bool, downIn ...int) release.Availability {
	a := release.Watched(target, second(float64(from)))
	if failing {
		a = release.FailingSince(target, second(float64(from)))
	}
	isDown := map[int]bool{}
	for _, s := range downIn {
		isDown[s] = true
	}
	for at := from; at < to; at++ {
		if isDown[at] {
			a.Observe(down(float64(at), 0, "refused"), tolerated)
		} else {
			a.Observe(up(float64(at)), tolerated)
		}
	}
	a.ObservedUntil(second(float64(to)), tolerated)
	return a
}

func TestADowntimeThatGoesOverTwoWatchesIsOne(t *testing.T) {
	before := looked("p1", 0, 10, false, 8, 9)
	require.True(t, before.Failing)
	after := looked("p1", 10, 20, true, 10, 11)
	joined := before.Join(after, tolerated)
	assert.Equal(t, []release.Interval{lasting(8, 12, "refused")}, joined.Down)
	assert.Equal(t, release.Duration(4*time.Second), joined.Downtime())
	assert.Equal(t, []int{20, 4}, []int{joined.Probes, joined.Failed})
	assert.Empty(t, joined.Unobserved)

	up := before.Join(looked("p1", 10, 20, true), tolerated)
	assert.Equal(t, []release.Interval{lasting(8, 10, "refused")}, up.Down, "the first probe that passes ends it")
	apart := before.Join(looked("p1", 10, 20, true, 15), tolerated)
	assert.Len(t, apart.Down, 2)
}

func TestTimeBetweenTwoWatchesIsUnobservedOnlyWhenNobodyLooked(t *testing.T) {
	joined := looked("p1", 0, 10, false).Join(looked("p1", 11, 20, false), tolerated)
	assert.Empty(t, joined.Unobserved)
	joined = looked("p1", 0, 10, false).Join(looked("p1", 15, 20, false), tolerated)
	require.Len(t, joined.Unobserved, 1)
	assert.InDelta(t, 6, joined.UnobservedTime().Std().Seconds(), 0.1)
	dark := release.Watched("p1", second(10))
	dark.ObservedUntil(second(20), tolerated)
	later := release.Watched("p1", second(20))
	later.ObservedUntil(second(30), tolerated)
	assert.Equal(t, []release.Interval{lasting(10, 30, "")}, dark.Join(later, tolerated).Unobserved)
}

// Cut anywhere, what was seen adds up to what one watch would have seen.
func TestWatchesAddUpToOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const length = 60
		downIn := rapid.SliceOfDistinct(rapid.IntRange(0, length-1), func(i int) int { return i }).Draw(t, "down in")
		cuts := rapid.SliceOfN(rapid.IntRange(1, length-1), 0, 4).Draw(t, "cuts")
		whole := looked("p1", 0, length, false, downIn...)
		var joined release.Availability
		from := 0
		for at := 1; at <= length; at++ {
			cut := at == length
			for _, c := range cuts {
				cut = cut || c == at
			}
			if cut {
				joined = joined.Join(looked("p1", from, at, joined.Failing, downIn...), tolerated)
				from = at
			}
		}
		joined.MeanLatency, whole.MeanLatency = 0, 0 // rounded
		require.Equal(t, whole, joined)
	})
}

// fleet are many targets of which some were down in the first second.
func fleet(size int, isDown func(i int) bool) []release.Availability {
	var all []release.Availability
	for i := range size {
		if isDown(i) {
			all = append(all, looked(fmt.Sprint("t", i), 0, 5, false, 0))
		} else {
			all = append(all, looked(fmt.Sprint("t", i), 0, 5, false))
		}
	}
	return all
}

func TestOfManyTargetsOnlyThoseHaveARowOfWhichThereIsSomethingToSay(t *testing.T) {
	few := release.SightOf(fleet(50, func(int) bool { return false }), nil)
	assert.Len(t, few.Availability, 50)
	assert.Nil(t, few.Others)
	assert.Equal(t, 50, few.Calm())

	many := release.SightOf(fleet(8000, func(i int) bool { return i%1000 == 0 }), nil)
	assert.Len(t, many.Availability, 8)
	assert.Equal(t, 7992, many.Others.Calm)
	assert.Equal(t, []int{8000, 7992}, []int{many.Targets(), many.Calm()})
	assert.Equal(t, 7992*5, many.Others.Probes)
	assert.Equal(t, 5, many.Of("t7").Probes, "each has its share")
	text, err := json.Marshal(many)
	require.NoError(t, err)
	assert.Less(t, len(text), 4000)

	next := release.SightOf(fleet(8000, func(i int) bool { return i == 3 }), nil)
	joined := many.Join(next, tolerated)
	assert.Len(t, joined.Availability, 9)
	assert.Equal(t, []int{8000, 7991}, []int{joined.Targets(), joined.Calm()})
	assert.Equal(t, release.Duration(time.Second), joined.Of("t3").Downtime())
}

func TestWhatWasSeenFitsIntoAHeartbeatWhateverHappens(t *testing.T) {
	all := make([]release.Availability, 8000)
	flapping := looked("", 0, 5, false)
	for at := range 100 {
		flapping.Observe(down(float64(10+4*at), 0, fmt.Sprintf("%0200d", at)), tolerated)
		flapping.Observe(up(float64(11+4*at)), tolerated)
	}
	for i := range all {
		all[i] = flapping.Clone()
		all[i].Target = fmt.Sprint("t", i)
	}
	seen := release.SightOf(all, nil)
	assert.Equal(t, []int{8000, 7000, 0}, []int{seen.Targets(), seen.Others.Disturbed, seen.Calm()})
	text, err := json.Marshal(seen)
	require.NoError(t, err)
	assert.Less(t, len(text), 1<<20)
	_, worst := seen.Worst()
	assert.Equal(t, all[0].Downtime(), worst, "what is merged keeps its length")
	joined := seen.Join(seen, tolerated)
	assert.Len(t, joined.Availability, 1000)
	assert.Equal(t, 8000, joined.Targets())
}

func TestAGapThatAllHadLeavesTheCalmOnesCalm(t *testing.T) {
	gap := lasting(5, 20, "")
	all := fleet(100, func(i int) bool { return i == 0 })
	for i := range all {
		all[i].Last = second(5)
		all[i].ObservedUntil(second(20), tolerated)
	}
	seen := release.SightOf(all, []release.Interval{gap})
	assert.Len(t, seen.Availability, 1)
	assert.Equal(t, 99, seen.Others.Calm)
	assert.Equal(t, []release.Interval{gap}, seen.Gaps())
	assert.Equal(t, release.Duration(15*time.Second), seen.Unobserved())
	assert.Equal(t, []release.Carried{{Target: "t0", Down: release.Duration(time.Second)}}, seen.Carry())
}

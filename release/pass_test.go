package release_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

func TestABatchIsASmallShareOfManyTargets(t *testing.T) {
	for targets, want := range map[int]int{1: 100, 100: 100, 4_000: 100, 8_000: 200, 20_000: 500, 1_000_000: 500} {
		p := release.Pass{Targets: make([]release.Target, targets)}
		assert.Equal(t, want, p.BatchSize(), "%d targets", targets)
	}
}

func TestBatchesKeepTheOrderAndHowManyAreWorkedOn(t *testing.T) {
	p := release.Pass{Wave: 2}
	for i := range 450 {
		p.Targets = append(p.Targets, release.Target{Name: fmt.Sprintf("t%03d", i)})
	}
	for size, want := range map[int]int{0: 5, 100: 5, 200: 3, 450: 1} {
		batches, atOnce, within := p.Batches(50, size)
		var names []string
		for _, b := range batches {
			names = append(names, b.Places()...)
		}
		assert.Len(t, batches, want)
		assert.Equal(t, p.Places(), names)
		if want == 1 {
			assert.Equal(t, []int{1, 50}, []int{atOnce, within})
		} else {
			assert.Equal(t, []int{3, 20}, []int{atOnce, within}, "three batches at once, of twenty targets at once")
		}
	}
}

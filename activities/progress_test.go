package activities_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// seen gives the first heartbeat with which something holds.
func (y *yard) seen(holds func(release.Progress) bool) (release.Progress, bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, p := range y.beats {
		if holds(p) {
			return p, true
		}
	}
	return release.Progress{}, false
}

func TestABuildTellsItsLastLinesAndSinceWhen(t *testing.T) {
	y := newYard(t)
	t.Setenv("WORKER_TOKEN", "hunter2")
	s := step("compile", `i=1; while [ $i -le 9 ]; do echo "line $i"; i=$((i+1)); done; echo "with $TOKEN"; sleep 2.5; touch "$OUT/file"`)
	s.Secrets = map[string]string{"TOKEN": "env:WORKER_TOKEN"}
	before := time.Now()
	record := y.build(y.plan(s))
	require.Empty(t, record.Failure)
	p, found := y.seen(func(p release.Progress) bool { return len(p.Lines) > 0 })
	require.True(t, found, "%+v", y.beats)
	assert.Equal(t, "build 1: step compile", p.What)
	assert.Equal(t, []string{"line 6", "line 7", "line 8", "line 9", "with ***"}, p.Lines)
	assert.Empty(t, p.Parts)
	assert.WithinRange(t, p.Since, before, time.Now())
}

func TestEachStepOfABuildIsToldAndAllStaySmall(t *testing.T) {
	y := newYard(t)
	var steps []release.BuildStep
	for i := range 6 {
		steps = append(steps, step(fmt.Sprintf("step-%d", i), `for i in 1 2 3 4 5 6; do printf '%0300d\n' 0 | tr 0 '<'; done; sleep 2.5; touch "$OUT/file"`))
	}
	record := y.build(y.plan(steps...))
	require.Empty(t, record.Failure)
	p, found := y.seen(func(p release.Progress) bool { return len(p.Parts) == 4 && len(p.Parts[3].Lines) == 5 })
	require.True(t, found, "%+v", y.beats)
	assert.Equal(t, "build 1: steps step-0, step-1, step-2, step-3, 2 more", p.What)
	assert.Equal(t, "step-0", p.Parts[0].What)
	assert.True(t, strings.HasSuffix(p.Parts[0].Lines[0], "<…"), p.Parts[0].Lines[0])
	for _, p := range y.beats {
		text, err := json.Marshal(p)
		require.NoError(t, err)
		assert.Less(t, len(text), 4<<10)
	}
}

package activities

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestABuildTellsTheStepsAtWorkWithTheirLastLines(t *testing.T) {
	told := &beater[release.Progress]{}
	steps := &together{beater: told, about: "build 1"}
	compiled, compileOver := steps.begin("compile")
	compiled([]string{"a", "b"})
	alone := told.get()
	assert.Equal(t, "build 1: step compile", alone.What)
	assert.Equal(t, []string{"a", "b"}, alone.Lines)
	assert.Equal(t, "b", alone.Last())
	assert.NotZero(t, alone.Since)

	written, docsOver := steps.begin("docs")
	written([]string{"c"})
	both := told.get()
	assert.Equal(t, "build 1: steps compile, docs", both.What)
	assert.Equal(t, alone.Since, both.Since)
	require.Len(t, both.Parts, 2)
	assert.Equal(t, []string{"a", "b"}, both.Parts[0].Lines)
	assert.Equal(t, "docs", both.Parts[1].What)

	compileOver()
	assert.Equal(t, "build 1: step docs", told.get().What)
	assert.Equal(t, []string{"c"}, told.get().Lines)
	docsOver()
	assert.Empty(t, told.get().Parts)
}

func TestWhatManyStepsTellStaysSmall(t *testing.T) {
	told := &beater[release.Progress]{}
	steps := &together{beater: told, about: "build 1"}
	for i := range 9 {
		newest, _ := steps.begin(fmt.Sprintf("step-%d", i))
		long := []string{strings.Repeat("<", 400), strings.Repeat("é", 400), strings.Repeat("a", 400), "\u2028\"", "\xff"}
		newest(long)
	}
	p := told.get()
	assert.Equal(t, "build 1: steps step-0, step-1, step-2, step-3, 5 more", p.What)
	require.Len(t, p.Parts, partsShown)
	assert.True(t, strings.HasSuffix(p.Parts[0].Lines[0], "<…"), p.Parts[0].Lines[0])
	text, err := json.Marshal(p)
	require.NoError(t, err)
	assert.Less(t, len(text), 4<<10)
}

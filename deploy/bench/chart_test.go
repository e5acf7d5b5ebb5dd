package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFigureKeepsToALimitThatItReaches(t *testing.T) {
	assert.True(t, row{Value: 2}.atMost(2).met())
	assert.False(t, row{Value: 2.01}.atMost(2).met())
	assert.True(t, row{Value: 0.5}.atLeast(0.5).met())
	assert.False(t, row{Value: 0.3}.atLeast(0.4).met())
	assert.True(t, row{Value: 0}.atMost(0).met())
}

func TestTheVerdictNamesWhatIsMissed(t *testing.T) {
	rows := []row{
		{Name: "free", Value: 9},
		row{Name: "near", Value: 1.9}.atMost(2),
		row{Name: "slow", Value: 3}.atMost(2),
		row{Name: "few", Value: 0.2}.atLeast(0.4),
	}
	assert.Equal(t, "3 figures have limits; 1 keep to them; missed: slow; few", verdict(rows))
}

func TestTheChartShowsTimesAndLimitsAndNeedsNothingElse(t *testing.T) {
	var w strings.Builder
	require.NoError(t, drawChart(&w, []row{
		{Name: "tar | <sum>, median", Value: 12, Unit: "ms"},
		{Name: "tar | <sum>, 99th percentile", Value: 130, Unit: "ms"},
		{Name: "large, median", Value: 3, Unit: "s"},
		row{Name: "far beyond", Value: 9, Unit: "times"}.atMost(2),
		row{Name: "nobody waits", Value: 0, Unit: "of 1"}.atMost(0),
	}))
	chart := w.String()
	for _, said := range []string{"tar | &lt;sum&gt;<", "12 ms, 130 ms", "far beyond", "9 times, at most 2", "nobody waits"} {
		assert.Contains(t, chart, said)
	}
	assert.NotContains(t, chart, "large", "a time without a tail is told by its row")
	assert.NotContains(t, chart, "href")
	assert.NotContains(t, chart, "NaN")
	for d := xml.NewDecoder(strings.NewReader(chart)); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
	}
}

func TestAChartWithoutFiguresIsEmpty(t *testing.T) {
	var w strings.Builder
	require.NoError(t, drawChart(&w, nil))
	assert.NotContains(t, w.String(), "Limits")
}

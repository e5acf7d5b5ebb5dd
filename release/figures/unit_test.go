package figures_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/release/figures"
)

func TestShortTimesAreReadInSmallerUnits(t *testing.T) {
	for _, c := range []struct {
		value  float64
		unit   string
		factor float64
		better string
	}{
		{2, "hours", 1, "hours"},
		{0.5, "hours", 60, "minutes"},
		{-0.01, "hours", 3600, "seconds"},
		{0.5, "minutes", 60, "seconds"},
		{0, "hours", 1, "hours"},
		{0.5, "percent", 1, "percent"},
	} {
		factor, better := figures.Readable(c.value, c.unit)
		assert.InDelta(t, c.factor, factor, 0, c)
		assert.Equal(t, c.better, better, c)
	}
}

package release_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

func TestDurationsAreReadAndWrittenAsPeopleDo(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    time.Duration
		written string
	}{
		{"20s", 20 * time.Second, "20s"},
		{"5m", 5 * time.Minute, "5m"},
		{"90s", 90 * time.Second, "1m30s"},
		{"10m0s", 10 * time.Minute, "10m"},
		{"60m", time.Hour, "1h"},
		{"72h", 72 * time.Hour, "3d"},
		{"14d", 14 * 24 * time.Hour, "14d"},
		{"1d12h", 36 * time.Hour, "36h"},
		{"1d0h", 24 * time.Hour, "1d"},
		{"0d", 0, "0s"},
		{"0", 0, "0s"},
		{" 1h ", time.Hour, "1h"},
		{"100ms", 100 * time.Millisecond, "100ms"},
		{"1h0m1s", time.Hour + time.Second, "1h0m1s"},
		{"1.5h", 90 * time.Minute, "1h30m"},
	} {
		d, err := release.ParseDuration(c.text)
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, d.Std(), c.text)
		assert.Equal(t, c.written, d.String(), c.text)
	}
}

func TestOtherDurationsAreRefusedWithAnExample(t *testing.T) {
	for _, text := range []string{
		"", " ", "d", "5", "5 m", "five minutes", "-5m", "-1d", "1d-1h", "1.5d", "1d1d", "1w", "12h1d", "9999999999d", "36601d",
		"9223372036854775807h", "1d2562047h", "5m\x00", "1e3s",
	} {
		d, err := release.ParseDuration(text)
		require.ErrorContains(t, err, "write it as 20s, 5m, 72h or 14d", "%q", text)
		assert.Zero(t, d)
	}
}

func TestDurationsSurviveTheirText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]time.Duration{1, time.Millisecond, time.Second, time.Minute, time.Hour, 24 * time.Hour}).Draw(t, "unit")
		d := release.Duration(unit * time.Duration(rapid.Int64Range(0, math.MaxInt64/int64(unit)).Draw(t, "n")))
		if days := d.Std() / (24 * time.Hour); days > 100*366 {
			return
		}
		text, err := json.Marshal(d)
		require.NoError(t, err)
		var again release.Duration
		require.NoError(t, json.Unmarshal(text, &again), string(text))
		require.Equal(t, d, again)
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, seed := range []string{"20s", "1d12h", "14d", "1d2562047h", "-1s", "0", "d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := release.ParseDuration(text)
		if err != nil {
			return
		}
		if d < 0 {
			t.Errorf("%q is negative: %s", text, d)
		}
		if again, err := release.ParseDuration(d.String()); err != nil || again != d {
			t.Errorf("%q is written as %s, which is read as %s (%v)", text, d, again, err)
		}
	})
}

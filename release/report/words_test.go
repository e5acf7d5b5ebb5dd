package report

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

func TestDurationsForPeople(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                       "0 s",
		300 * time.Microsecond:                  "under 1 ms",
		350 * time.Millisecond:                  "350 ms",
		999_600 * time.Microsecond:              "1 s",
		1449 * time.Millisecond:                 "1.4 s",
		9960 * time.Millisecond:                 "10 s",
		59_600 * time.Millisecond:               "1 m",
		83 * time.Second:                        "1 m 23 s",
		-83 * time.Second:                       "−1 m 23 s",
		59*time.Minute + 59700*time.Millisecond: "1 h",
		125 * time.Minute:                       "2 h 5 m",
		24*time.Hour - time.Second:              "1 d",
		76 * time.Hour:                          "3 d 4 h",
		14 * 24 * time.Hour:                     "14 d",
	} {
		assert.Equal(t, want, human(release.Duration(d)), "%s", d)
	}
}

func TestNumbersForPeople(t *testing.T) {
	assert.Equal(t, []string{"1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"},
		[]string{ordinal(1), ordinal(2), ordinal(3), ordinal(4), ordinal(11), ordinal(12), ordinal(13), ordinal(21), ordinal(112)})
	assert.Equal(t, "Él", capital("él"))
	assert.Empty(t, capital(""))
}

func TestStagesForPeople(t *testing.T) {
	for name, want := range map[release.StageName]string{
		release.StagePlanGate: "Plan gate",
		release.StageIn(release.StageDeployGate, "production"): "Deployment gate, production",
		release.StageIn(release.StageSupport, "staging"):       "Early life support, staging",
		release.StageReview: "Review and close",
	} {
		assert.Equal(t, want, fullTitle(name))
	}
}

func TestTimesAreNoLongerThanNeeded(t *testing.T) {
	from := time.Date(2025, 12, 31, 23, 30, 0, 0, time.FixedZone("", -3600)) // 00:30 UTC on New Year's Day
	for _, c := range []struct {
		to         time.Time
		text, zone string
	}{
		{from.Add(time.Hour), "00:30:00", "All times are UTC, on 1 January 2026."},
		{from.AddDate(0, 1, 0), "1 Jan 00:30:00", "All times are UTC, in 2026."},
		{from.AddDate(1, 0, 0), "1 Jan 2026 00:30:00", "All times are UTC."},
	} {
		clock := newClock(from, c.to)
		assert.Equal(t, c.zone, clock.zone)
		assert.Equal(t, cell{{Text: c.text, Full: "2026-01-01T00:30:00Z"}}, clock.at(from))
		assert.Empty(t, clock.at(time.Time{}))
	}
}

func TestMarkdownIsEscapedOnlyWhereNeeded(t *testing.T) {
	for in, want := range map[string]string{
		"go_test-1.2 (a_b)": "go_test-1.2 (a_b)",
		"_so_":              `\_so\_`,
		"a | b":             `a \| b`,
		"<b> & &lt; &#60;":  `\<b> & \&lt; \&#60;`,
		"`x` *y* [z](u) ~":  "\\`x\\` \\*y\\* \\[z](u) \\~",
		"two\nlines":        "two lines",
		"# no heading":      `\# no heading`,
		"#1 and -3":         "#1 and -3",
		`C:\dir`:            `C:\\dir`,
	} {
		assert.Equal(t, want, escape(in))
	}
}

func TestCodeWithBackticks(t *testing.T) {
	assert.Equal(t, "`x`", codeSpan("x"))
	assert.Equal(t, "``` a``b ```", codeSpan("a``b"))
	assert.Equal(t, "````text\n```\n````", fenced("```"))
}

func TestLocationsThatABrowserCanFollow(t *testing.T) {
	assert.Equal(t, "<https://example.org/a%20b>", inline(link("https://example.org/a b")))
	assert.Equal(t, "javascript:alert(1)", inline(link("javascript:alert(1)")))
	assert.Empty(t, link("javascript:alert(1)")[0].Link)
}

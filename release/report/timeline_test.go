package report

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestTicksAreFewAndRound(t *testing.T) {
	begin := time.Date(2026, 3, 2, 9, 7, 31, 0, time.UTC)
	for span := time.Second; span < 80*365*day; span += span / 4 {
		s := scale{begin, begin.Add(span)}
		ticks := s.ticks()
		require.LessOrEqual(t, len(ticks), mostTicks, "%s", span)
		if span > 5*time.Second && span < 300*day {
			require.NotEmpty(t, ticks, "%s", span)
		}
		for i, tick := range ticks {
			require.True(t, tick.At >= 0 && tick.At <= 100)
			if i > 0 {
				require.Greater(t, tick.At, ticks[i-1].At)
			}
		}
	}
}

func TestTicksSayTheDayWhereItBegins(t *testing.T) {
	s := scale{quick.at(0), quick.at(30 * 3600)}
	var labels []string
	for _, tick := range s.ticks() {
		labels = append(labels, tick.Label)
	}
	assert.Equal(t, []string{"12:00", "3 Mar", "12:00"}, labels)
}

func TestTheTimelineShowsWhatHappenedWhen(t *testing.T) {
	r := quick.completed()
	c := composer{Record: r, plan: quick.plan(), now: present(r), clock: newClock(r.Started, r.Closed)}
	lanes := map[string]lane{}
	for _, g := range c.timeline().Groups {
		for _, l := range g.Lanes {
			lanes[g.Title+"/"+l.Title] = l
		}
	}
	build := lanes["Release/Build"]
	require.Len(t, build.Bars, 2, "each time in the same lane")
	assert.InDelta(t, 100*34.0/214, build.Bars[0].From, 0.01)
	assert.InDelta(t, 100*46.0/214, build.Bars[0].To, 0.01)
	assert.Equal(t, "25 s", build.Note)

	gate := lanes["Release/Plan gate"]
	assert.Equal(t, waiting, gate.Bars[0].Kind)
	require.Len(t, gate.Marks, 3)
	assert.Equal(t, mark{revise, 100 * 12.0 / 214, "09:00:12, Ben Brunner (ben) asked for a revision: Say what becomes of KE-101."}, gate.Marks[0])

	two := lanes["production/production-2"].Bars
	assert.Equal(t, []kind{up, down}, []kind{two[0].Kind, two[1].Kind})
	assert.Equal(t, "down: status 503: 09:03:00 to 09:03:03, 3 s", two[1].Title)
	assert.Equal(t, unseen, lanes["production/production-3"].Bars[1].Kind)
	assert.Len(t, lanes["production/INC-1"].Bars, 1)
	assert.Len(t, lanes["production/Service desk"].Marks, 2)
}

func TestOfManyTargetsOnlyThoseThatWereDownHaveALane(t *testing.T) {
	var s release.SupportStatus
	for i := range 40 {
		s.Availability = append(s.Availability, quick.watched(fmt.Sprint("t", i), 0, 10, 9))
	}
	s.Availability[7].Down = []release.Interval{{From: quick.at(1), To: quick.at(2)}}
	lanes := composer{}.availabilityLanes(scale{quick.at(0), quick.at(10)}, s)
	require.Len(t, lanes, 2)
	assert.Equal(t, "t7", lanes[0].Title)
	assert.Equal(t, "39 other targets", lanes[1].Title)
}

func TestBarsStayInThePicture(t *testing.T) {
	for _, b := range []bar{{From: 0, To: 0}, {From: 100, To: 100}, {From: 99.9, To: 100}, {From: 0, To: 100}} {
		left, width := number(t, b.Left()), number(t, b.Width())
		assert.GreaterOrEqual(t, width, leastWidth)
		assert.LessOrEqual(t, left+width, 100.0001)
	}
	still := scale{quick.at(0), quick.at(0)}
	assert.Zero(t, still.at(quick.at(5)))
}

func number(t *testing.T, percents string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.TrimSuffix(percents, "%"), 64)
	require.NoError(t, err)
	return n
}

func TestTheTimelineFitsATerminal(t *testing.T) {
	r := slow.completed()
	c := composer{Record: r, plan: slow.plan(), now: present(r)}
	for line := range strings.Lines(drawn(*c.timeline())) {
		if strings.Contains(line, "|") {
			assert.LessOrEqual(t, len([]rune(line)), 100, line)
		}
	}
}

// Every text colour has to stand out from the grounds that it is used on, by day
// and by night (WCAG 2.2, AA).
func TestColoursAreReadable(t *testing.T) {
	css, err := files.ReadFile("style.css")
	require.NoError(t, err)
	schemes := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(css), -1)
	require.Len(t, schemes, 2)
	for _, scheme := range schemes {
		colours := map[string]string{}
		for _, c := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]+)`).FindAllStringSubmatch(scheme[1], -1) {
			colours[c[1]] = c[2]
		}
		for _, pair := range []string{
			"ink/ground", "ink/soft", "quiet/ground", "quiet/soft", "accent/ground", "good/ground", "bad/ground", "bad/soft",
			"warn/ground", "warn/soft", "pending/ground", "good/good-soft", "bad/bad-soft", "warn/warn-soft", "pending/pending-soft",
		} {
			ink, ground, _ := strings.Cut(pair, "/")
			assert.GreaterOrEqual(t, contrast(t, colours[ink], colours[ground]), 4.5, pair)
		}
		for _, bar := range []string{"bar", "bar-down", "bar-undo", "bar-incident"} {
			assert.GreaterOrEqual(t, contrast(t, colours[bar], colours["ground"]), 3.0, bar)
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light, dark := luminance(t, a), luminance(t, b)
	return (max(light, dark) + 0.05) / (min(light, dark) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	digits := strings.TrimPrefix(colour, "#")
	if len(digits) == 3 {
		digits = strings.Join([]string{digits[:1], digits[:1], digits[1:2], digits[1:2], digits[2:], digits[2:]}, "")
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	require.NoError(t, err, colour)
	linear := func(shift int) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}

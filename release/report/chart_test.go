package report

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release/figures"
)

func TestNumbersAreWrittenWithTheDigitsThatTell(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.001: "0.001", 0.0012345: "0.00123", 0.5: "0.5", 1: "1", 3.14159: "3.14", 12.345: "12.3", 99.96: "100", 123.4: "123",
		1234567: "1,234,567", 1e9: "1,000,000,000", -0.25: "−0.25", -1500: "−1,500", 1e-7: "1e-07", 1e16: "1e+16", math.Inf(1): "not known",
	} {
		assert.Equal(t, want, numeral(v), "%v", v)
	}
	assert.Equal(t, []string{"1 hour", "2 hours", "12.5 %", "4.1 of 5", "3"},
		[]string{amount(1, "hours"), amount(2, "hours"), amount(12.5, "percent"), amount(4.1, "of 5"), amount(3, "")})
	assert.Equal(t, []string{"0", "500", "20k", "1.5M", "1G", "0.005"}, []string{short(0), short(500), short(20e3), short(1.5e6), short(1e9), short(0.005)})
}

func TestAxesHaveFewAndRoundNumbers(t *testing.T) {
	for most := 1e-6; most < 1e12; most *= 1.7 {
		for _, least := range []float64{0, most / 2, -most, -most / 30} {
			ticks := roundAxis(least, most, false)
			require.LessOrEqual(t, len(ticks), rungs+3, "%v to %v", least, most)
			require.GreaterOrEqual(t, len(ticks), 3)
			require.Contains(t, ticks, 0.0)
			require.LessOrEqual(t, ticks[0], min(least, 0)+most*tiny)
			require.GreaterOrEqual(t, ticks[len(ticks)-1], most*(1-tiny))
			for _, tick := range ticks {
				require.LessOrEqual(t, len([]rune(short(tick))), 9, "%v", tick)
			}
		}
	}
	assert.Equal(t, []float64{0, 5, 10, 15, 20}, roundAxis(0, 17, false))
	assert.Equal(t, []float64{0, 1, 2}, roundAxis(0, 2, true), "two releases, not one and a half")
	assert.Equal(t, []float64{0, 0.5, 1}, roundAxis(0, 0, false), "nothing but zeros")
	assert.Equal(t, []float64{0, 0.5, 1}, roundAxis(-5e-324, 5e-324, false))
}

// spring has the months of a portfolio from January to April 2026.
var spring = surveyor{Portfolio: figures.Portfolio{
	Since: time.Date(2026, 1, 9, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 4, 9, 0, 0, 0, 0, time.UTC),
}}

func byMonths(name string, values map[string]float64) figures.Series {
	s := figures.Series{By: byMonth, Name: name}
	for at, v := range values {
		s.Points = append(s.Points, figures.Point{At: at, Value: v})
	}
	slices.SortFunc(s.Points, func(a, b figures.Point) int { return naturally(a.At, b.At) })
	return s
}

func TestCountsStandOnEachOther(t *testing.T) {
	c := spring.chartOf(figures.Figure{Title: "Incidents", Unit: "incidents"}, []figures.Series{
		byMonths("data", map[string]float64{"2026-01": 3, "2026-03": 1}), byMonths("function", map[string]float64{"2026-01": 2}),
	})
	require.Len(t, c.Plot.Bars, 3)
	low, high := c.Plot.Bars[0], c.Plot.Bars[1]
	assert.Equal(t, "January 2026, data: 3 incidents", low.Title)
	assert.Equal(t, low.X, high.X)
	assert.InDelta(t, number(t, low.Y), number(t, high.Y)+number(t, high.Height), 0.11)
	assert.InDelta(t, 1.5, number(t, low.Height)/number(t, high.Height), 0.01)
	assert.Equal(t, "Data: from 1 incident in March 2026 to 3 incidents in January 2026; function: 2 incidents in January 2026.", c.Description)
	assert.Len(t, c.Legend, 2)
	assert.Equal(t, []axisLabel{{"12.50%", "Jan", "2026", "middle"}, {"37.50%", "Feb", "", "middle"}, {"62.50%", "Mar", "", "middle"}, {"87.50%", "Apr", "", "middle"}}, c.Plot.Labels)
}

func TestALineBreaksWhereNothingWasRecorded(t *testing.T) {
	c := spring.chartOf(figures.Figure{Unit: "hours"}, []figures.Series{byMonths("", map[string]float64{"2026-01": 3, "2026-02": 1, "2026-04": 2})})
	assert.Len(t, c.Plot.Dots, 3)
	require.Len(t, c.Plot.Lines, 1)
	assert.Equal(t, c.Plot.Dots[1].X, c.Plot.Lines[0].X2)

	c = spring.chartOf(figures.Figure{Unit: "hours"}, []figures.Series{byMonths("", map[string]float64{"2026-04": 1e9})})
	assert.Len(t, c.Plot.Dots, 1, "one month alone")
	assert.Empty(t, c.Plot.Lines)
	assert.Equal(t, "1G", c.Plot.Grid[len(c.Plot.Grid)-1].Label)
}

func TestWhatIsDrawnStaysInThePicture(t *testing.T) {
	for _, unit := range []string{"incidents", "hours"} {
		for _, scale := range []float64{1e-3, 1, 1e9} {
			c := spring.chartOf(figures.Figure{Unit: unit}, []figures.Series{
				byMonths("up", map[string]float64{"2026-01": scale, "2026-02": scale / 7, "2025-12": 2 * scale}), byMonths("down", map[string]float64{"2026-03": -scale}),
			})
			for _, b := range c.Plot.Bars {
				assert.GreaterOrEqual(t, number(t, b.Y), plotMargin-0.1)
				assert.LessOrEqual(t, number(t, b.Y)+number(t, b.Height), plotMargin+plotHeight+leastHeight)
				assert.LessOrEqual(t, number(t, b.X)+number(t, b.Width), 100.0)
			}
			for _, d := range c.Plot.Dots {
				assert.True(t, number(t, d.Y) >= plotMargin-0.1 && number(t, d.Y) <= plotMargin+plotHeight+0.1)
			}
		}
	}
}

func TestThePlanIsDrawnBesideWhatBecameOfIt(t *testing.T) {
	planned := figures.Series{By: "stage", Name: "planned", Points: []figures.Point{{At: "build", Value: 2}, {At: "deploy:production", Value: 4}}}
	actual := figures.Series{By: "stage", Name: "actual", Points: []figures.Point{{At: "deploy:production", Value: 1}}}
	c := spring.chartOf(figures.Figure{Unit: "hours"}, []figures.Series{planned, actual})
	require.Len(t, c.Rows.Rows, 2)
	assert.Equal(t, []string{"Build", "2 / –"}, []string{c.Rows.Rows[0].Title, c.Rows.Rows[0].Note})
	deploy := c.Rows.Rows[1]
	assert.Equal(t, []string{"Deploy, production", "4 / 1"}, []string{deploy.Title, deploy.Note})
	assert.Equal(t, []look{hollow, 1}, []look{deploy.Bars[0].Look, deploy.Bars[1].Look})
	assert.Equal(t, []string{"100.00%", "25.00%"}, []string{deploy.Bars[0].Width, deploy.Bars[1].Width})
}

func TestPlansAreNotStackedOnWhatBecameOfThem(t *testing.T) {
	actual, planned := byMonths("actual", map[string]float64{"2026-01": 3, "2026-02": 1}), byMonths("planned", map[string]float64{"2026-01": 4, "2026-02": 4})
	c := spring.chartOf(figures.Figure{Unit: "deployments"}, []figures.Series{actual, planned})
	assert.Empty(t, c.Plot.Bars)
	assert.Len(t, c.Plot.Lines, 2)
	assert.Equal(t, []legend{{hollow, true, "planned"}, {1, true, "actual"}}, c.Legend)
}

// A picture tells six series apart; nothing is dropped without a word.
func TestManySeriesArePutTogether(t *testing.T) {
	var many []figures.Series
	for i := range 9 {
		many = append(many, byMonths(fmt.Sprint("kind ", i), map[string]float64{"2026-02": float64(i + 1)}))
	}
	c := spring.chartOf(figures.Figure{Unit: "incidents"}, many)
	require.Len(t, c.Legend, mostLooks)
	assert.Equal(t, "kind 8", c.Legend[0].Name)
	assert.Equal(t, "4 others", c.Legend[5].Name)
	assert.Equal(t, "February 2026, 4 others: 10 incidents", c.Plot.Bars[5].Title)
	c = spring.chartOf(figures.Figure{Unit: "hours"}, many)
	assert.Len(t, c.Legend, mostLooks)
	assert.Equal(t, "3 more are in the table.", c.Left)

	one := figures.Series{By: "person"}
	for i := range mostRows + 5 {
		one.Points = append(one.Points, figures.Point{At: fmt.Sprint("person ", i), Value: float64(i)})
	}
	c = spring.chartOf(figures.Figure{Unit: "hours"}, []figures.Series{one})
	assert.Len(t, c.Rows.Rows, mostRows)
	assert.Equal(t, "5 more rows are in the table.", c.Left)
}

func TestManyMonthsAreNamedNowAndThen(t *testing.T) {
	for _, count := range []int{1, 3, 12, 13, 24, 36, 60} {
		labels := monthAxis{time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC), count}.labels()
		assert.LessOrEqual(t, len(labels), mostLabels+1, "%d months", count)
		assert.True(t, slices.ContainsFunc(labels, func(l axisLabel) bool { return l.Year != "" }), "%d months", count)
	}
	long := surveyor{Portfolio: figures.Portfolio{Until: yearEnds}}
	axis, timed := long.monthsOf([]figures.Series{byMonths("", map[string]float64{"1990-01": 1})})
	assert.True(t, timed)
	assert.Equal(t, mostMonths, axis.count)
	assert.False(t, axis.holds("1990-01"))
	assert.True(t, axis.holds("2026-11"))
	_, timed = long.monthsOf([]figures.Series{{By: byMonth, Points: []figures.Point{{At: "last week"}}}})
	assert.False(t, timed)
}

func TestASparkNeedsTwoMonths(t *testing.T) {
	figure := func(values map[string]float64) figures.Figure {
		return figures.Figure{Unit: "hours", Series: []figures.Series{byMonths("", values)}}
	}
	assert.Nil(t, spring.sparkOf(figure(map[string]float64{"2026-01": 1})))
	s := spring.sparkOf(figure(map[string]float64{"2026-01": 1, "2026-03": 4, "2026-04": 2}))
	assert.Len(t, s.Lines, 2)
	assert.Equal(t, "▃·█▅", drawnCourse(s.Values))
}

func TestBarsOfCharactersCountInEighths(t *testing.T) {
	assert.Equal(t, "████████████████████", drawnBar(8, 8))
	assert.Equal(t, "██████████", drawnBar(4, 8))
	assert.Equal(t, "▏", drawnBar(1e-9, 8), "seen, however small")
	assert.Empty(t, drawnBar(0, 8))
	assert.Empty(t, drawnBar(-3, 8))
}

func TestReleasesAreSortedAsPeopleCount(t *testing.T) {
	ids := []string{"b@1.10.0", "b@1.9.0", "a@2", "b@1.9.0-rc1", "b@01.9.0"}
	slices.SortFunc(ids, naturally)
	assert.Equal(t, []string{"a@2", "b@01.9.0", "b@1.9.0", "b@1.9.0-rc1", "b@1.10.0"}, ids)
}

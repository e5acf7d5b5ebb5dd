package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release/figures"
)

func portfolioPage(t testing.TB, p figures.Portfolio) string {
	t.Helper()
	var w bytes.Buffer
	require.NoError(t, PortfolioHTML(&w, p))
	return w.String()
}

func TestThePortfolioIsTheGoldenFile(t *testing.T) {
	golden(t, "portfolio.md", PortfolioMarkdown(brief()))
	golden(t, "portfolio.html", portfolioPage(t, brief()))
}

func TestEveryFigureTellsWhatItIsMadeOf(t *testing.T) {
	p := year()
	html := portfolioPage(t, p)
	for _, text := range []string{PortfolioMarkdown(p), html} {
		for _, f := range p.Figures {
			assert.Contains(t, text, f.Title)
			assert.Contains(t, text, f.Definition)
			assert.Contains(t, text, f.Source)
		}
		for _, h := range p.Hints {
			assert.Contains(t, text, h.Text)
		}
	}
	for _, d := range p.Calendar {
		assert.Regexp(t, `<span id="release-\d+">`+regexp.QuoteMeta(d.Release)+`<`, html)
	}
}

// Every number of a picture is in its table, and the pictures are told to those who
// do not see them.
func TestEveryPictureHasItsTableAndItsDescription(t *testing.T) {
	html := portfolioPage(t, year())
	charts := strings.Count(html, `<figure class="chart`)
	assert.Equal(t, 15, charts)
	assert.Equal(t, charts, strings.Count(html, "The same as a table"))
	assert.Equal(t, strings.Count(html, `<svg class="area" role="img"`), strings.Count(html, "</title><desc>"))
	assert.Contains(t, html, "<title>December 2025, introduced: ")
}

func TestAFigureIsComparedWithThePeriodBefore(t *testing.T) {
	said := func(value, was float64, better figures.Better) string {
		return plainly(before(figures.Figure{Value: &value, Before: &was, Better: better}))
	}
	assert.Equal(t, "better than 12 before", said(10, 12, figures.Lower))
	assert.Equal(t, "worse than 12 before", said(10, 12, figures.Higher))
	assert.Equal(t, "worse than 1 before", said(10, 1, figures.Lower))
	assert.Equal(t, "1 before", said(10, 1, ""))
	assert.Equal(t, "as before", said(10, 10, figures.Lower))
	assert.Empty(t, before(figures.Figure{}))
}

// Twelve columns fit neither paper nor a phone.
func TestManySeriesHaveARowForEveryNumber(t *testing.T) {
	var many []figures.Series
	for i := range mostColumns + 1 {
		many = append(many, byMonths(fmt.Sprint("kind ", i), map[string]float64{"2026-01": float64(i), "2026-02": 2}))
	}
	b := spring.breakdown(figures.Figure{Unit: "incidents"}, many)
	assert.Equal(t, []string{"Month", "Of", "Incidents", "Releases"}, b.Table.Columns)
	assert.Len(t, b.Table.Rows, 2*mostColumns+1, "zeros are left out")
	b = spring.breakdown(figures.Figure{Unit: "incidents"}, many[1:])
	assert.Len(t, b.Table.Columns, 2+mostColumns)
	assert.Len(t, b.Table.Rows, 2)
}

func TestWhatIsLeftOutIsSaid(t *testing.T) {
	p := brief()
	p.CalendarLeft, p.Figures[0].Series[0].Left = 1200, 7
	for _, text := range []string{portfolioPage(t, p), PortfolioMarkdown(p)} {
		assert.Contains(t, text, "1,200 older deployments were left out.")
		assert.Contains(t, text, "7 more were left out")
	}
}

func TestAPortfolioWithoutFiguresSaysSo(t *testing.T) {
	p := figures.Portfolio{Since: yearBegins, Until: yearEnds, Filter: figures.Filter{Service: "httpbin", Type: "emergency"}}
	for _, text := range []string{PortfolioMarkdown(p), portfolioPage(t, p)} {
		assert.Contains(t, text, "Nothing was recorded in this time")
		assert.Contains(t, text, "Nothing was deployed in this time")
		assert.Contains(t, text, "Only service httpbin, type emergency")
		assert.NotContains(t, text, "<figure")
	}
	p.Figures = []figures.Figure{{Title: "Lead time", Series: []figures.Series{{By: byMonth}}}}
	assert.Contains(t, PortfolioMarkdown(p), "nothing was recorded")
	assert.NotContains(t, portfolioPage(t, p), "<figure", "nor an empty picture")
}

func TestTheCalendarShowsTheWorstOfADay(t *testing.T) {
	day := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	p := figures.Portfolio{Since: yearBegins, Until: day.AddDate(0, 0, 2), Calendar: []figures.Deployment{
		{Release: "a@1", Environment: "production", From: day, To: day.Add(time.Hour), State: "live"},
		{Release: "b@1", Environment: "production", From: day, To: day.Add(time.Hour), State: "backed out"},
		{Release: "c@1", Environment: "production", From: day.AddDate(0, 0, 1)},
		{Release: "d@1", Environment: "production", From: day.AddDate(0, 0, 3)},
	}}
	md := PortfolioMarkdown(p)
	assert.Contains(t, md, "Mar 2026  ·✕…·○··········")
	assert.Contains(t, md, "✕ backed out, … goes on, ✓ live, ○ planned")
	html := portfolioPage(t, p)
	assert.Contains(t, html, `href="#day-2026-03-02" title="2 March 2026: a@1 to production, live; b@1 to production, backed out"`)
	assert.Contains(t, html, "✕2</a>")
}

func TestAThousandReleasesHaveAPage(t *testing.T) {
	html := portfolioPage(t, portfolioOf(1000, 3))
	wellFormed(t, html)
	assert.Less(t, len(html), 2_000_000)
	assert.Regexp(t, `✕\d</a>`, html, "a day says how many there were")
}

func TestPortfolioTextsStayTexts(t *testing.T) {
	html := portfolioPage(t, hostilePortfolio("</svg></title><script>alert(1)</script>\x1b[31m\u202e | `x`", 3))
	harmlessPage(t, html)
	assert.Contains(t, html, "&lt;script&gt;")
	sameWidth(t, PortfolioMarkdown(hostilePortfolio("a | b\n| c", 1)))
}

func FuzzThePortfolioPage(f *testing.F) {
	f.Add("</svg><script>alert(1)</script>", 1.5)
	f.Add("javascript:alert(1)", -1e300)
	f.Add("\"><img src=x onerror=alert(1)>", 1e9)
	f.Add("2026-03", 5e-324)
	f.Fuzz(func(t *testing.T, text string, value float64) {
		p := hostilePortfolio(text, value)
		harmlessPage(t, portfolioPage(t, p))
		sameWidth(t, unfenced(PortfolioMarkdown(p)))
	})
}

// harmlessPage checks that a page is well formed, holds no scripts, and leads
// nowhere but to places of its own.
func harmlessPage(t *testing.T, html string) {
	t.Helper()
	assert.False(t, strings.Contains(html, "ZgotmplZ"), "a value was in a place where it is not safe")
	assert.Equal(t, strings.Count(html, "url("), strings.Count(html, "url(#"))
	places, led := map[string]bool{}, map[string]bool{}
	for _, e := range elements(t, html) {
		assert.NotContains(t, []string{"script", "link", "img", "iframe", "object", "embed", "foreignobject", "base", "form"}, strings.ToLower(e.Name.Local))
		for _, a := range e.Attr {
			switch name := strings.ToLower(a.Name.Local); name {
			case "id":
				places["#"+a.Value] = true
			case "href":
				led[a.Value] = true
			default:
				assert.False(t, name == "src" || strings.HasPrefix(name, "on"), name)
			}
		}
	}
	for href := range led {
		assert.True(t, places[href], href)
	}
}

// hostilePortfolio has a text and a value in every place for them.
func hostilePortfolio(text string, value float64) figures.Portfolio {
	p := brief()
	p.Service, p.Type, p.Environment, p.Currency = text, text, text, text
	links := figures.Links{Releases: []string{text, "httpbin@1.0.0"}, Count: 9}
	p.Hints = []figures.Hint{{Figure: text, Text: text, Links: links}}
	p.Calendar = []figures.Deployment{{Release: text, Environment: text, Type: text, From: yearBegins, State: text}}
	p.Figures = nil
	for i, by := range []string{byMonth, "stage", text} {
		points := []figures.Point{{At: text, Value: value, Links: links}, {At: "2026-02", Value: 1 - value}}
		p.Figures = append(p.Figures, figures.Figure{
			ID: fmt.Sprint(text, i), Title: text, Definition: text, Source: text, Unit: text, Value: &value, Better: figures.Better(text), Links: links,
			Series: []figures.Series{{By: by, Name: text, Points: points}, {By: by, Points: points[1:]}},
		})
	}
	return p
}

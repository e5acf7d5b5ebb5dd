package report

import (
	"bytes"
	"html/template"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// poster draws a timeline as one SVG, for a page that cannot show HTML.
var poster = template.Must(template.Must(page().Clone()).Parse(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 {{.Height}}" width="860" height="{{.Height}}" font-family="system-ui, sans-serif" font-size="13.5" role="img">
<title>What became of a release, and when</title>
<style>
{{.Style}}
text { fill: var(--ink); } .quiet { fill: var(--quiet); } .head { font-weight: 650; }
</style>
<rect width="860" height="{{.Height}}" fill="var(--ground)"/>
{{template "drawings"}}
{{range .Rows}}<text class="{{.Class}}" x="12" y="{{.Y}}" dy="15">{{.Title}}</text><text class="quiet" x="750" y="{{.Y}}" dy="15">{{.Note}}</text>
<svg x="170" y="{{.Y}}" width="560" height="20" overflow="visible">{{range .Ticks}}{{if .Label}}<text class="quiet" x="{{.X}}" y="15" text-anchor="{{.Anchor}}">{{.Label}}</text>{{else}}<line class="grid" x1="{{.X}}" x2="{{.X}}" y1="0" y2="20"/>{{end}}{{end}}
{{- range .Bars}}<rect class="bar {{.Kind}}" x="{{.Left}}" width="{{.Width}}" y="4" height="12" rx="1.5"/>{{end}}
{{- range .Marks}}<use class="mark {{.Kind}}" href="#mark-{{.Kind}}" x="{{.X}}" y="10"/>{{end}}</svg>
{{end}}</svg>
`))

// posterRow is a lane, or the title of a group.
type posterRow struct {
	lane
	Class string
	Y     int
	Ticks []tick
}

// The README shows what the timeline of a release looks like.
func TestTheDocumentationShowsATimeline(t *testing.T) {
	r := quick.completed()
	c := composer{Record: r, plan: quick.plan(), now: present(r), clock: newClock(r.Started, r.Closed)}
	drawn := c.timeline()
	rows := []posterRow{{Ticks: drawn.Ticks}}
	blank := each(drawn.Ticks, func(t tick) tick { return tick{At: t.At} })
	for _, g := range drawn.Groups {
		rows = append(rows, posterRow{lane: lane{Title: capital(g.Title)}, Class: "head"})
		for _, l := range g.Lanes {
			rows = append(rows, posterRow{lane: l, Ticks: blank})
		}
	}
	for i := range rows {
		rows[i].Y = 8 + 20*i
	}
	var w bytes.Buffer
	require.NoError(t, poster.Execute(&w, map[string]any{"Height": 20*len(rows) + 16, "Rows": rows, "Style": posterStyle(t)}))
	golden(t, "../../../docs/timeline.svg", w.String())
	wellFormed(t, w.String())
	assert.Less(t, w.Len(), 30_000)
}

// posterStyle is what of the style sheet a timeline needs.
func posterStyle(t *testing.T) template.CSS {
	t.Helper()
	css, err := files.ReadFile("style.css")
	require.NoError(t, err)
	colours, _, found := strings.Cut(string(css), "* {")
	require.True(t, found)
	var rules strings.Builder
	for line := range strings.Lines(string(css)) {
		for _, start := range []string{".bar", ".mark", ".hatch", ".dots", ".stripes", ".undone", ".grid {"} {
			if strings.HasPrefix(line, start) {
				rules.WriteString(line)
			}
		}
	}
	return template.CSS(colours + rules.String()) // #nosec G203: it is ours
}

package report

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestEveryStageOfThePlanAppears(t *testing.T) {
	for name, c := range told {
		t.Run(name, func(t *testing.T) {
			md, html := Markdown(c.record, c.plan), rendered(t, c.record, c.plan)
			for _, s := range c.plan.Stages {
				assert.True(t, strings.Contains(md, "| "+fullTitle(s.Name)+" "), s.Name)
				assert.True(t, strings.Contains(html, `<th scope="row">`+fullTitle(s.Name)+"<"), s.Name)
			}
		})
	}
}

// However far a release came, the stages are told in the order of the plan.
func TestStagesKeepTheOrderOfThePlan(t *testing.T) {
	p, r := quick.plan(), quick.record()
	for _, s := range p.Stages {
		var order []release.StageName
		for _, row := range stageRows(r, p, quick.at(500)) {
			order = append(order, row.Name)
		}
		var want []release.StageName
		for _, planned := range p.Stages {
			want = append(want, planned.Name)
		}
		assert.Equal(t, want, order, "%d stages entered", len(r.Stages))
		n := float64(len(r.Stages))
		r.Stages = append(r.Stages, release.Stage{Name: s.Name, Started: quick.at(n), Ended: quick.at(n + 1)})
	}
}

func TestEverythingThatPeopleDidAppears(t *testing.T) {
	r, p := quick.completed(), quick.plan()
	r.Acts = append(r.Acts, quick.act(15, release.ActAuthorize, "ana", "reject gate plan: replaced later", ""))
	for _, text := range []string{Markdown(r, p), rendered(t, r, p)} {
		for _, a := range r.Acts {
			assert.True(t, strings.Contains(text, a.Refusal), a.Refusal)
		}
		for _, g := range r.Gates {
			assert.True(t, strings.Contains(text, string(g.Digest)), "in full for those who check")
			for _, v := range g.Votes {
				assert.True(t, strings.Contains(text, v.Comment), v.Comment)
			}
		}
		assert.True(t, strings.Contains(text, "reject gate plan: replaced later"))
		assert.True(t, strings.Contains(text, "rebuild: the route for AVIF was missing"))
	}
}

func TestWhatWasLiveWhenTheReleaseWasRejectedStaysSo(t *testing.T) {
	md := Markdown(quick.stopped(), quick.plan())
	assert.Contains(t, md, "staging stays live on 2.26.0")
	assert.NotContains(t, md, "production stays live")
	assert.NotContains(t, Markdown(quick.completed(), quick.plan()), "stays live")
	assert.NotContains(t, Markdown(quick.running(), quick.plan()), "stays live")
}

func TestAnAuditorSeesHowVotesWereCast(t *testing.T) {
	r, p := quick.completed(), quick.plan()
	for _, text := range []string{Markdown(r, p), rendered(t, r, p)} {
		for _, want := range []string{
			r.Gates[4].Votes[0].Key, r.Gates[4].Votes[1].Key, "unsigned", "In place of", "escalated to group directors", "the definition was revised",
			"requested the release and cannot authorize it", "2 of group cab, signed", "no contact", r.Amendments[0].Why, string(r.Amendments[0].From),
			string(r.Attestation.Digest), string(r.Ledger.Head), "CACHE_MB of production-2", "golang.org/x/net", r.Environments[0].ModulesNote,
		} {
			assert.True(t, strings.Contains(text, want), want)
		}
	}
}

// What was forwarded to early life support is in two records.
func TestAnActionIsToldOnce(t *testing.T) {
	incidents := 0
	for _, a := range allActs(quick.completed()) {
		if a.Action == release.ActIncident {
			incidents++
		}
	}
	assert.Equal(t, 1, incidents)
}

func TestTextsOfPeopleStayTexts(t *testing.T) {
	r, p := quick.hostile(), quick.plan()
	html, md := rendered(t, r, p), Markdown(r, p)

	assert.False(t, strings.Contains(html, "<script"))
	assert.False(t, strings.Contains(html, `href="javascript`))
	assert.True(t, strings.Contains(html, "&lt;script&gt;"))
	wellFormed(t, html)

	sameWidth(t, md)
	for line := range strings.Lines(unfenced(md)) {
		assert.NotRegexp(t, `(^|[^\\])(<script|\[l\])`, line)
	}
	for _, text := range []string{html, md} {
		assert.False(t, strings.Contains(text, "\x1b"), "escape sequences would reach the terminal")
		assert.False(t, strings.Contains(text, "\u202e"), "text would be shown turned round")
		assert.True(t, utf8.ValidString(text))
	}
}

// unfenced leaves out what is shown as it is. A fence ends where it stands again.
func unfenced(md string) string {
	var w strings.Builder
	fence := ""
	for line := range strings.Lines(md) {
		bare := strings.TrimRight(line, "\n")
		switch {
		case fence == "" && strings.HasPrefix(line, "```"):
			fence = strings.TrimSuffix(bare, "text")
		case bare == fence:
			fence = ""
		case fence == "":
			w.WriteString(line)
		}
	}
	return w.String()
}

// sameWidth checks that no cell broke out of its table.
func sameWidth(t *testing.T, md string) {
	t.Helper()
	cells := regexp.MustCompile(`(?:^|[^\\])\|`)
	titles := 0
	for line := range strings.Lines(md) {
		if !strings.HasPrefix(line, "| ") {
			titles = 0
			continue
		}
		n := len(cells.FindAllString(line, -1))
		if titles == 0 {
			titles = n
		}
		assert.Equal(t, titles, n, "%s", line)
	}
}

func TestThePageNeedsNothingElse(t *testing.T) {
	for name, c := range told {
		t.Run(name, func(t *testing.T) {
			html := rendered(t, c.record, c.plan)
			wellFormed(t, html)
			assert.Empty(t, regexp.MustCompile(`<(script|link|img|iframe|object|embed)\b|\bsrc=|@import|url\([^#]`).FindString(html))
			for _, used := range regexp.MustCompile(`(?:href="|url\()#([^")]+)`).FindAllStringSubmatch(html, -1) {
				assert.True(t, strings.Contains(html, `id="`+used[1]+`"`), used[1])
			}
			assert.False(t, strings.Contains(html, "ZgotmplZ"), "a value was in a place where it is not safe")
		})
	}
}

func wellFormed(t *testing.T, html string) {
	t.Helper()
	elements(t, html)
}

// elements reads a page, in which every element has to be closed.
func elements(t *testing.T, html string) (found []xml.StartElement) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(html))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	open := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch element := token.(type) {
		case xml.StartElement:
			open++
			found = append(found, element.Copy())
		case xml.EndElement:
			open--
		}
	}
	assert.Zero(t, open, "elements that are not closed")
	return found
}

func TestBothRenderersTellTheSameSections(t *testing.T) {
	for name, c := range told {
		t.Run(name, func(t *testing.T) {
			inPage := regexp.MustCompile(`<h([23])>([^<]*)</h`).FindAllStringSubmatch(rendered(t, c.record, c.plan), -1)
			inMarkdown := regexp.MustCompile(`(?m)^#(##?) (.*)$`).FindAllStringSubmatch(Markdown(c.record, c.plan), -1)
			require.Len(t, inMarkdown, len(inPage))
			for i := range inPage {
				assert.Equal(t, inPage[i][2], inMarkdown[i][2])
			}
		})
	}
}

func TestAFailingWriterIsReported(t *testing.T) {
	assert.ErrorContains(t, HTML(broken{}, quick.completed(), quick.plan()), "no space left")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left") }

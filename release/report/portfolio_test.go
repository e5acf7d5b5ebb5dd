package report

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release/figures"
)

func portfolioPage(t *testing.T, p figures.Portfolio) string {
	t.Helper()
	var w bytes.Buffer
	require.NoError(t, PortfolioHTML(&w, p))
	return w.String()
}

func TestEveryFigureTellsWhatItIsMadeOf(t *testing.T) {
	p := year()
	for _, text := range []string{PortfolioMarkdown(p), portfolioPage(t, p)} {
		for _, f := range p.Figures {
			assert.Contains(t, text, f.Title)
			assert.Contains(t, text, f.Definition)
			assert.Contains(t, text, f.Source)
		}
		for _, h := range p.Hints {
			assert.Contains(t, text, h.Text)
		}
	}
	wellFormed(t, portfolioPage(t, p))
}

func TestAPortfolioWithoutFiguresSaysSo(t *testing.T) {
	text := PortfolioMarkdown(figures.Portfolio{Since: yearBegins, Until: yearEnds})
	assert.Contains(t, text, "Nothing was recorded in this time")
	assert.Contains(t, text, "Nothing was deployed in this time")
}

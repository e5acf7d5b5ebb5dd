// Package report writes what became of a release, and the figures of a portfolio of
// releases, for people: as Markdown for a terminal or a ticket, and as one
// self-contained HTML file for a browser, a printer or an archive. Both are rendered
// from the same document, so that they say the same in the same order.
//
// It reads no clock: the present is when the release was closed or, while it is
// open, the latest time in its record.
package report

import (
	"bufio"
	"embed"
	"fmt"
	"html/template"
	"io"
	"sync"

	"slipway/release"
	"slipway/release/figures"
)

//go:embed *.html.tmpl style.css
var files embed.FS

// page is parsed when the first one is written: most calls of a program write none.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(files, "*.tmpl", "style.css"))
})

// Markdown gives the report as GitHub-flavoured Markdown that reads well
// unrendered too. The plan may be the zero value when there was none.
func Markdown(r release.Record, p release.Plan) string {
	return markdown(compose(r, p))
}

// HTML writes the report as one file that needs nothing else: no network, no
// scripts. The plan may be the zero value when there was none.
func HTML(w io.Writer, r release.Record, p release.Plan) error {
	if err := render(w, compose(r, p)); err != nil {
		return fmt.Errorf("report of %s: %w", r.ID, err)
	}
	return nil
}

// PortfolioMarkdown gives the figures of a portfolio as GitHub-flavoured Markdown
// that reads well unrendered too, with small bars beside the numbers.
func PortfolioMarkdown(p figures.Portfolio) string {
	return markdown(composePortfolio(p))
}

// PortfolioHTML writes the figures of a portfolio, with charts and a calendar, as
// one file that needs nothing else: no network, no scripts.
func PortfolioHTML(w io.Writer, p figures.Portfolio) error {
	if err := render(w, composePortfolio(p)); err != nil {
		return fmt.Errorf("report of the portfolio: %w", err)
	}
	return nil
}

func render(w io.Writer, d document) error {
	buffered := bufio.NewWriter(w)
	if err := page().ExecuteTemplate(buffered, "report.html.tmpl", d); err != nil {
		return err
	}
	return buffered.Flush()
}

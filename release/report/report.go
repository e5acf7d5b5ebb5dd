// Package report writes what became of a release for people: as Markdown for a
// terminal or a ticket, and as one self-contained HTML file for a browser, a
// printer or an archive. Both are rendered from the same document, so that they
// say the same in the same order.
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

	"slipway/release"
)

//go:embed *.html.tmpl style.css
var files embed.FS

var page = template.Must(template.ParseFS(files, "*.tmpl", "style.css"))

// Markdown gives the report as GitHub-flavoured Markdown that reads well
// unrendered too. The plan may be the zero value when there was none.
func Markdown(r release.Record, p release.Plan) string {
	return markdown(compose(r, p))
}

// HTML writes the report as one file that needs nothing else: no network, no
// scripts. The plan may be the zero value when there was none.
func HTML(w io.Writer, r release.Record, p release.Plan) error {
	buffered := bufio.NewWriter(w)
	if err := page.ExecuteTemplate(buffered, "report.html.tmpl", compose(r, p)); err != nil {
		return fmt.Errorf("report of %s: %w", r.ID, err)
	}
	return buffered.Flush()
}

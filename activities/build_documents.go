package activities

import (
	"encoding/json"
	"fmt"
	"strings"

	"slipway/activities/driver/dml"
	"slipway/release"
)

// documents are the package's papers: what the release is, what it contains, and
// what its users and operators have to know.
func (b *build) documents() (map[string][]byte, error) {
	d := b.in.Plan.Definition
	d.Components = b.in.Components // a rebuild may have other sources than the plan
	sbom, err := dml.SBOM(b.out(), d.Service, d.Version)
	if err != nil {
		return nil, err
	}
	documents := map[string][]byte{
		"sbom.cdx.json":    sbom,
		"release-notes.md": []byte(notes(d)),
	}
	for name, value := range map[string]any{
		"definition.json": d, "plan.json": b.in.Plan, "known-errors.json": d.KnownErrors,
	} {
		if documents[name], err = json.MarshalIndent(value, "", "  "); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return documents, nil
}

func notes(d release.Definition) string {
	var text strings.Builder
	fmt.Fprintf(&text, "# %s\n\n%s\n", d.Headline(), d.ReleaseNotes)
	if len(d.KnownErrors) > 0 {
		text.WriteString("\n## Known errors\n\n")
	}
	for _, k := range d.KnownErrors {
		fmt.Fprintf(&text, "- %s: %s. Workaround: %s\n", k.ID, k.Summary, k.Workaround)
	}
	return text.String()
}

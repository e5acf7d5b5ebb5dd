package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/worker/library"
)

func (a *app) dmlShowVerb(m *media) *cobra.Command {
	var document string
	verb := &cobra.Command{
		Use:   "show ID|TAG|DIGEST",
		Short: "Show a package with its documents, and what refers to it",
		Long: `Show a package: its manifest, the layers with what goes to the targets, its
documents, what refers to it and says, release notes and known errors. Any other
artifact of the library can be named by its digest, of which twelve digits will do.
Of several packages of a release the one that was deployed is shown.

--document prints one document as it is, such as release-notes.md, sbom.cdx.json,
back-out.md or contents.json. What is shown was checked against its digest; use
starter dml verify to check signatures.`,
		Example: `  starter dml show httpbin@2.26.0
  starter dml show httpbin-2.26.0-b2 -o yaml
  starter dml show httpbin@2.26.0 --document release-notes.md`,
		Args:              oneArtifact,
		ValidArgsFunction: completing(m.complete),
		RunE: func(verb *cobra.Command, args []string) error {
			contents, item, err := m.one(verb, args[0])
			if err != nil {
				return err
			}
			if document != "" {
				text, err := contents.Document(verb.Context(), item, document)
				if err != nil {
					return err
				}
				_, err = a.out.Write(text)
				return err
			}
			details, err := contents.Show(verb.Context(), item)
			if err != nil {
				return fmt.Errorf("%w; see `starter dml verify`", err)
			}
			return a.print(details, func(w io.Writer) { writeDetails(w, details) })
		},
	}
	verb.Flags().StringVar(&document, "document", "", "print this document as it is")
	return verb
}

func writeDetails(w io.Writer, d library.Details) {
	fmt.Fprintf(w, "%s  %s\n\n", strings.Join(append(slices.Clone(d.Tags), d.Digest.Short()), ", "), d.Kind)
	rows := [][]string{{"digest", string(d.Digest)}, {"type", d.Type}}
	if d.Subject != "" {
		rows = append(rows, []string{"refers to", string(d.Subject)})
	}
	rows = append(rows, []string{"size", release.Size(d.Size)})
	for _, name := range slices.Sorted(maps.Keys(d.About)) {
		rows = append(rows, []string{name, d.About[name]})
	}
	columns(w, rows...)
	writeParts(w, "LAYER", d.Layers)
	writeParts(w, "DOCUMENT", d.Papers)
	if len(d.Referred) > 0 {
		rows := [][]string{{"REFERRER", "NAME", "DIGEST", "SAYS"}}
		for _, r := range d.Referred {
			rows = append(rows, []string{r.Kind, r.Name, r.Digest.Short(), orDash(oneLine(r.Says))})
		}
		fmt.Fprintln(w)
		columns(w, rows...)
	}
	if d.Notes != "" {
		fmt.Fprintf(w, "\n%s\n", d.Notes)
	}
	if len(d.KnownErrors) > 0 {
		rows := [][]string{{"KNOWN ERROR", "WHAT", "WORKAROUND"}}
		for _, k := range d.KnownErrors {
			rows = append(rows, []string{k.ID, k.Summary, orDash(k.Workaround)})
		}
		fmt.Fprintln(w)
		columns(w, rows...)
	}
}

func writeParts(w io.Writer, title string, parts []library.Part) {
	if len(parts) == 0 {
		return
	}
	rows := [][]string{{title, "SIZE", "DIGEST"}}
	for _, p := range parts {
		rows = append(rows, []string{p.Name, release.Size(p.Size), p.Digest.Short()})
	}
	fmt.Fprintln(w)
	columns(w, rows...)
}

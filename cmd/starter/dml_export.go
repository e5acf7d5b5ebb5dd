package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"slipway/config"
	"slipway/release"
	"slipway/worker/library"
)

func (a *app) dmlExportVerb(m *media) *cobra.Command {
	var to string
	var access config.Registry
	var all bool
	verb := &cobra.Command{
		Use:   "export ID|TAG|DIGEST",
		Short: "Copy a release to another library, whole",
		Long: `Copy a package to another library, with all that refers to it, and with the master
copies and logs that its records name: starter dml verify and starter audit verify
hold against the copy alone. The other library is made when it is missing; what it
has already is not sent again. Digests and tags stay the same. A registry that asks
for a password gets the one that --password refers to.

Of several packages of a release those that were deployed are taken; --all takes
all of them.`,
		Example: `  starter dml export httpbin@2.26.0 --to oci-layout:/media/usb/dml
  starter dml export httpbin@2.26.0 --all --to registry.example.com/archive --username robot --password env:ARCHIVE_PASSWORD`,
		Args:              oneArtifact,
		ValidArgsFunction: completing(m.complete),
		RunE: func(verb *cobra.Command, args []string) error {
			if err := need(verb, "to"); err != nil {
				return err
			}
			if problems := access.Check(); len(problems) > 0 {
				return usage("--%s: %s", strings.TrimPrefix(problems[0].Path, "registry."), problems[0].Message)
			}
			contents, err := m.read(verb)
			if err != nil {
				return err
			}
			chosen, err := contents.Chosen(verb.Context(), args[0], all)
			if err != nil {
				return err
			}
			items, err := contents.Whole(verb.Context(), chosen)
			if err != nil {
				return err
			}
			var progress library.Progress
			stop := a.following("export", &progress)
			done, err := contents.Export(verb.Context(), items, to, access, &progress)
			stop()
			if err != nil {
				return fmt.Errorf("%w; what was copied stays: call it again to go on", err)
			}
			return a.print(done, func(w io.Writer) { writeExport(w, done) })
		},
	}
	verb.Flags().StringVar(&to, "to", "", "the other library, oci-layout:FOLDER or REGISTRY/PREFIX")
	verb.Flags().BoolVar(&all, "all", false, "all packages of the release, also those that were never deployed")
	verb.Flags().StringVar(&access.Username, "username", "", "the user of the other registry")
	verb.Flags().StringVar(&access.Password, "password", "", "where that user's password is: env:NAME or file:PATH")
	verb.Flags().StringVar(&access.CA, "ca", "", "certificates that vouch for the other registry, a file in PEM")
	return verb
}

func writeExport(w io.Writer, e library.Exported) {
	rows := [][]string{{"SEGMENT", "WHAT", "NAME", "SIZE", "DIGEST", ""}}
	for _, i := range e.Copied {
		rows = append(rows, []string{i.Segment, i.Kind, i.Name, release.Size(i.Size), i.Digest.Short(), "copied"})
	}
	for _, i := range e.There {
		rows = append(rows, []string{i.Segment, i.Kind, i.Name, release.Size(i.Size), i.Digest.Short(), "there already"})
	}
	columns(w, rows...)
	fmt.Fprintf(w, "\n%s copied to %s, %d there already; %s sent\n", release.ManyOf(len(e.Copied), "artifact"), e.To, len(e.There), release.Size(e.Bytes))
	fmt.Fprintf(w, "check it with: starter dml verify --dml %s\n", quoted(e.To))
}

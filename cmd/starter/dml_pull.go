package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"slipway/release"
)

// pulled is what dml pull did.
type pulled struct {
	Package release.Digest `json:"package"`
	Name    string         `json:"name"`
	Folder  string         `json:"folder"`
}

func (a *app) dmlPullVerb(m *media) *cobra.Command {
	var folder string
	var documents bool
	verb := &cobra.Command{
		Use:   "pull ID|TAG|DIGEST",
		Short: "Unpack a package into a folder, checked to the last byte",
		Long: `Unpack what goes to the targets into a folder, which must not exist or be empty. It
appears when all of it was what its digests say. With --documents the folder has
two in it: content, and documents.`,
		Example: `  starter dml pull httpbin@2.26.0 --to /tmp/httpbin
  starter dml pull httpbin-2.26.0-b2 --to /tmp/httpbin --documents`,
		Args:              oneArtifact,
		ValidArgsFunction: completing(m.complete),
		RunE: func(verb *cobra.Command, args []string) error {
			if err := need(verb, "to"); err != nil {
				return err
			}
			contents, item, err := m.one(verb, args[0])
			if err != nil {
				return err
			}
			if err := contents.Pull(verb.Context(), item, folder, documents); err != nil {
				return err
			}
			done := pulled{Package: item.Digest, Name: item.Name(), Folder: folder}
			return a.print(done, func(w io.Writer) { fmt.Fprintf(w, "%s (%s) is in %s\n", done.Name, done.Package, folder) })
		},
	}
	verb.Flags().StringVar(&folder, "to", "", "the folder to make")
	verb.Flags().BoolVar(&documents, "documents", false, "the documents of the package too")
	must(verb.MarkFlagDirname("to"))
	return verb
}

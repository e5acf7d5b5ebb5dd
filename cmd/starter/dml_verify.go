package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/worker/library"
)

func (a *app) dmlVerifyVerb(m *media) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [ID|TAG|DIGEST …]",
		Short: "Read the media library to the last byte, and check signatures",
		Long: `Read the media library to the last byte: every list, manifest and blob against its
digest, that all is there which a record names, and every signed statement against
the keys of the workers in the configuration. Names restrict that to what belongs to
them. Nothing is changed, and others may write meanwhile.

Files that nothing refers to are told; they are no fault. Whether what was deployed
is what was authorized is for starter audit verify.

Exit status: 0 all of it holds; 1 something is wrong, or could not be read; 2 wrong
use.`,
		Example: `  starter dml verify
  starter dml verify httpbin@2.26.0
  starter dml verify --dml oci-layout:/backup/dml --config slipway.yaml -o json`,
		ValidArgsFunction: completing(m.complete),
		RunE: func(verb *cobra.Command, args []string) error {
			lib, c, err := m.open(verb)
			if err != nil {
				return err
			}
			var progress library.Progress
			stop := a.following("verify", &progress)
			v, err := lib.Verify(verb.Context(), args, c.Organization.Workers, a.now(), &progress)
			stop()
			if err != nil {
				return err
			}
			if err := a.print(v, func(w io.Writer) { writeVerification(w, v) }); err != nil {
				return err
			}
			if !v.Holds {
				return fmt.Errorf("the library has %s: bring each blob back from another copy of the library, where its file has the same name, and verify again", release.ManyOf(len(v.Faults), "fault"))
			}
			return nil
		},
	}
}

func writeVerification(w io.Writer, v library.Verification) {
	for _, f := range v.Faults {
		fmt.Fprintf(w, "FAILS  %s\n", f.What)
		rows := [][]string{{"       found", f.Found}}
		if f.Blob != "" {
			rows = append(rows, []string{"       blob", string(f.Blob)})
		}
		columns(w, append(rows, []string{"       in", f.Place})...)
	}
	what := "are what their digests say"
	if len(v.Faults) > 0 {
		what = "were read"
	}
	fmt.Fprintf(w, "%s with %s, %s, %s\n", release.ManyOf(v.Artifacts, "artifact"), release.ManyOf(v.Blobs, "blob"), release.Size(v.Bytes), what)
	if len(v.Signatures) > 0 || len(v.Unchecked) == 0 {
		fmt.Fprintf(w, "%s by workers of the roster\n", release.ManyOf(len(v.Signatures), "signature"))
	}
	for _, u := range v.Unchecked {
		fmt.Fprintf(w, "unchecked  the signature of %s: %s\n", u.What, u.Why)
	}
	writeStrays(w, v.Strays)
}

// writeStrays lists the first files that nothing refers to, and counts the young ones.
func writeStrays(w io.Writer, strays []library.Stray) {
	const most = 20
	var young, size int64
	listed, more := 0, 0
	for _, s := range strays {
		switch {
		case s.Young:
			young++
			size += s.Size
		case listed < most:
			listed++
			fmt.Fprintf(w, "stray  %s (%s): nothing refers to it\n", s.Place, release.Size(s.Size))
		default:
			more++
		}
	}
	if more > 0 {
		fmt.Fprintf(w, "stray  %s more; -o json lists them\n", release.ManyOf(more, "file"))
	}
	if young > 0 {
		fmt.Fprintf(w, "stray  %s (%s) of the last 24 hours: being checked in perhaps; -o json lists them\n", release.ManyOf(int(young), "file"), release.Size(size))
	}
}

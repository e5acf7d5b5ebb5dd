package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/worker/library"
)

func (a *app) dmlListVerb(m *media) *cobra.Command {
	segment := library.Packages
	verb := &cobra.Command{
		Use:   "list [SERVICE|ID]",
		Short: "List what the media library holds",
		Long: `List the packages of the media library with what refers to them: all, or those of
a service or a release. --segment sources lists the master copies of components,
--segment evidence the logs; what you name is looked for in their names then.`,
		Example: `  starter dml list
  starter dml list httpbin@2.26.0 -o json
  starter dml list --segment sources`,
		Args: func(verb *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("%s wants at most one service or release id, as in: %s", verb.CommandPath(), example(verb))
			}
			if !slices.Contains(library.Segments(), segment) {
				return usage("--segment %s is not known: use %s", segment, strings.Join(library.Segments(), ", "))
			}
			return nil
		},
		ValidArgsFunction: completing(m.complete),
		RunE: func(verb *cobra.Command, args []string) error {
			contents, err := m.read(verb)
			if err != nil {
				return err
			}
			of := strings.Join(args, "")
			if segment != library.Packages {
				stored := contents.Stored(segment, of)
				if err := a.print(stored, func(w io.Writer) { writeStored(w, segment, stored) }); err != nil {
					return err
				}
				return incomplete(contents)
			}
			packages, err := contents.Packages(verb.Context(), of)
			if err != nil {
				return fmt.Errorf("%w; see `starter dml verify`", err)
			}
			if err := a.print(packages, func(w io.Writer) { a.writePackages(w, packages) }); err != nil {
				return err
			}
			return incomplete(contents)
		},
	}
	verb.Flags().StringVar(&segment, "segment", segment, "the part of the library: packages, sources or evidence")
	must(verb.RegisterFlagCompletionFunc("segment", cobra.FixedCompletions(library.Segments(), cobra.ShellCompDirectiveNoFileComp)))
	return verb
}

func (a *app) writePackages(w io.Writer, packages []library.Package) {
	if len(packages) == 0 {
		fmt.Fprintln(w, "There are no such packages.")
		return
	}
	rows := [][]string{{"TAG", "RELEASE", "BUILD", "BUILT", "FILES", "SIZE", "DIGEST", "WITH"}}
	for _, p := range packages {
		build := "-"
		if p.Build > 0 {
			build = fmt.Sprint(p.Build)
		}
		rows = append(rows, []string{
			orDash(p.Tag), orDash(p.Release), build, orDash(a.clock(p.Built)), fmt.Sprint(p.Files), release.Size(p.Size), p.Digest.Short(), orDash(withThem(p.Referrers)),
		})
	}
	columns(w, rows...)
}

// withThem lists what refers to a package.
func withThem(counts []library.Count) string {
	var parts []string
	for _, c := range counts {
		kind := c.Kind
		switch {
		case c.Count == 1 || strings.Contains(kind, "/"): // of a type that nobody has a word for
		case kind == library.KindHistory:
			kind = "histories"
		case kind == library.KindBuildRecord, kind == library.KindAttestation, kind == library.KindSupport, kind == library.KindReport:
			kind += "s"
		}
		parts = append(parts, fmt.Sprintf("%d %s", c.Count, kind))
	}
	return strings.Join(parts, ", ")
}

func writeStored(w io.Writer, segment string, stored []library.Stored) {
	if len(stored) == 0 {
		fmt.Fprintf(w, "Segment %s has nothing like that.\n", segment)
		return
	}
	rows := [][]string{{"NAME", "SIZE", "DIGEST"}}
	if segment == library.Sources {
		rows = [][]string{{"SOURCE", "SUM", "SIZE", "DIGEST"}}
	}
	for _, s := range stored {
		if segment == library.Sources {
			rows = append(rows, []string{orDash(s.Source), orDash(s.Sum), release.Size(s.Size), s.Digest.Short()})
			continue
		}
		name := strings.Join(s.Names, ", ")
		if n := len(s.Names); n > 2 {
			name = fmt.Sprintf("%s and %d more", s.Names[0], n-1)
		}
		rows = append(rows, []string{orDash(name), release.Size(s.Size), s.Digest.Short()})
	}
	columns(w, rows...)
}

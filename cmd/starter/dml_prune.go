package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/config"
	"slipway/release"
	"slipway/worker/library"
)

func (a *app) dmlPruneVerb(m *media) *cobra.Command {
	var text, store string
	var dry bool
	verb := &cobra.Command{
		Use:   "prune",
		Short: "Remove packages that nothing needs any more",
		Long: `Remove packages that nothing needs any more, with all that refers to them, and the
master copies and logs that only their records name.

A package stays as long as it runs in an environment, ran there before what runs
now, was made by an open release or is what that may return to, may be held by a
target that is undecided, or was built or ran less than --older ago. Attestations
and histories stay and go with their package. What needs a package is read from the
CMS of the configuration; when that cannot be read, nothing is removed.

--dry-run says what would go, and why all else stays, and removes nothing.`,
		Example: `  starter dml prune --dry-run
  starter dml prune --older 730d --config /etc/slipway/slipway.yaml`,
		Args: noArguments,
		RunE: func(verb *cobra.Command, _ []string) error {
			older, err := age(text)
			if err != nil {
				return err
			}
			lib, c, err := m.open(verb)
			if err != nil {
				return err
			}
			needs, err := a.needs(verb, cmp.Or(store, c.CMS), c.CMSPassword)
			if err != nil {
				return err
			}
			contents, err := lib.Read(verb.Context())
			if err != nil {
				return err
			}
			pruning, err := contents.Prune(verb.Context(), needs, older, a.now())
			if err != nil {
				return err
			}
			if !dry {
				if err := m.remove(verb, &pruning, c); err != nil {
					return err
				}
			}
			return a.print(pruning, func(w io.Writer) { writePruning(w, pruning) })
		},
	}
	verb.Flags().StringVar(&text, "older", "365d", "what was built, or ran the last time, less than this ago stays")
	verb.Flags().StringVar(&store, "cms", "", "the CMS, sqlite:FILE or postgres://USER@HOST/DATABASE (default: what the configuration says)")
	verb.Flags().BoolVar(&dry, "dry-run", false, "remove nothing, only say what would go")
	return verb
}

// age reads how old a package has to be.
func age(text string) (release.Duration, error) {
	older, err := release.ParseDuration(text)
	switch {
	case err != nil:
		return 0, usage("--older: %v", err)
	case older < release.ShortestRetention:
		return 0, usage("--older %s is too short: what is being made is not known to the CMS yet; use %s or more", text, release.ShortestRetention)
	}
	return older, nil
}

func (a *app) needs(verb *cobra.Command, spec, password string) (release.Needs, error) {
	if spec == "" {
		return release.Needs{}, usage("nothing says where the CMS is, and so what is needed: name the configuration file with --config, or the CMS with --cms")
	}
	needs, err := library.Needs(verb.Context(), spec, password)
	if err != nil {
		return needs, fmt.Errorf("nothing is removed, for nobody can tell what is needed: %w", err)
	}
	return needs, nil
}

func (m *media) remove(verb *cobra.Command, p *library.Pruning, c config.Config) error {
	if err := p.Remove(verb.Context(), cmp.Or(m.dml, c.DML), m.registry(c)); err != nil {
		return fmt.Errorf("not all of it was removed: %w; call it again to go on", err)
	}
	return nil
}

func writePruning(w io.Writer, p library.Pruning) {
	gone := "would go"
	if p.Removed {
		gone = "is gone"
	}
	rows := [][]string{{"PACKAGE", "RELEASE", "SIZE", "", "WHY"}}
	count := 0
	for _, f := range p.Packages {
		verdict, why := "stays", strings.Join(f.Keep, "; ")
		if f.Goes {
			count++
			verdict, why = gone, "nothing needs it since "+f.Unused.UTC().Format(time.DateOnly)
			if with := withThem(f.With); with != "" {
				why += "; with " + with
			}
		}
		rows = append(rows, []string{cmp.Or(strings.Join(f.Tags, ", "), f.Digest.Short()), orDash(f.Release), release.Size(f.Size), verdict, why})
	}
	columns(w, rows...)
	if len(p.Also) > 0 {
		rows := [][]string{{"WITH THEM", "NAME", "SIZE", "DIGEST"}}
		for _, i := range p.Also {
			rows = append(rows, []string{i.Kind, i.Name, release.Size(i.Size), i.Digest.Short()})
		}
		fmt.Fprintln(w)
		columns(w, rows...)
	}
	if p.Removed {
		fmt.Fprintf(w, "\n%s of %d removed, %s of %s freed by now\n", release.ManyOf(count, "package"), len(p.Packages), release.Size(p.Freed), release.Size(p.Frees))
		return
	}
	fmt.Fprintf(w, "\n%s of %d would go, %s would be freed\n", release.ManyOf(count, "package"), len(p.Packages), release.Size(p.Frees))
}

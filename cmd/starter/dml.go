package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"slipway/config"
	"slipway/release"
	"slipway/worker/library"
)

// media is which media library a verb of dml works on.
type media struct {
	config, dml string
}

func (a *app) dmlVerb() *cobra.Command {
	var m media
	verb := &cobra.Command{
		Use:   "dml",
		Short: "Look into the definitive media library, check it, copy from it",
		Long: `Look into the definitive media library, check it, copy from it. No server is asked.

The library is the one that the workers' configuration file names with dml, or the
one that --dml names. Keys of workers, credentials of registries and the CMS come
from that file too.`,
		Example: `  starter dml list
  starter dml verify --config /etc/slipway/slipway.yaml`,
		Args: noArguments,
		RunE: func(verb *cobra.Command, _ []string) error {
			return usage("say what to do with the media library, as in: %s", example(verb))
		},
	}
	flags := verb.PersistentFlags()
	flags.StringVar(&m.config, "config", "slipway.yaml", "the configuration file of the workers")
	flags.StringVar(&m.dml, "dml", "", "the media library, oci-layout:FOLDER or REGISTRY/PREFIX (default: what the configuration says)")
	must(verb.MarkPersistentFlagFilename("config", "yaml", "yml"))
	verb.AddCommand(a.dmlListVerb(&m), a.dmlShowVerb(&m), a.dmlPullVerb(&m), a.dmlVerifyVerb(&m), a.dmlExportVerb(&m), a.dmlPruneVerb(&m))
	return verb
}

// settings reads the configuration file. It may be missing where --dml says all that
// is needed.
func (m *media) settings(verb *cobra.Command) (config.Config, error) {
	c, err := config.Read(m.config)
	switch {
	case errors.Is(err, os.ErrNotExist) && m.dml != "" && !verb.Flags().Changed("config"):
		return config.Config{}, nil
	case errors.Is(err, os.ErrNotExist):
		return config.Config{}, usage("there is no file %s: name the configuration file of the workers with --config, or the library with --dml", m.config)
	}
	return c, err
}

// open opens the library, only to read it.
func (m *media) open(verb *cobra.Command) (library.Library, config.Config, error) {
	c, err := m.settings(verb)
	if err != nil {
		return library.Library{}, c, err
	}
	lib, err := m.in(c)
	return lib, c, err
}

// in opens the library of a configuration, or the one that was named instead.
func (m *media) in(c config.Config) (library.Library, error) {
	spec := cmp.Or(m.dml, c.DML)
	if spec == "" {
		return library.Library{}, usage("%s does not say where the media library is: add --dml oci-layout:FOLDER", m.config)
	}
	lib, err := library.Open(spec, m.registry(c))
	if err != nil {
		return library.Library{}, usageError(err.Error())
	}
	return lib, nil
}

// read opens the library and reads what it holds.
func (m *media) read(verb *cobra.Command) (*library.Contents, error) {
	lib, _, err := m.open(verb)
	if err != nil {
		return nil, err
	}
	return lib.Read(verb.Context())
}

// one finds the one artifact that is called so, in all that the library holds.
func (m *media) one(verb *cobra.Command, name string) (*library.Contents, *library.Item, error) {
	contents, err := m.read(verb)
	if err != nil {
		return nil, nil, err
	}
	item, err := contents.One(verb.Context(), name)
	return contents, item, err
}

// incomplete is the error of a list in which something may be missing.
func incomplete(contents *library.Contents) error {
	if n := len(contents.Faults); n > 0 {
		return fmt.Errorf("%s of the library cannot be read, so that something may be missing here; see `starter dml verify`", release.ManyOf(n, "artifact"))
	}
	return nil
}

// registry says how to get into the registry of a library: the configuration does for
// its own, and no other gets to see what that one is told.
func (m *media) registry(c config.Config) config.Registry {
	if m.dml == "" || library.Host(m.dml) == library.Host(c.DML) {
		return c.Registry
	}
	return config.Registry{}
}

// complete offers the tags of packages and the ids of their releases.
func (m *media) complete(ctx context.Context, verb *cobra.Command, args []string) ([]cobra.Completion, error) {
	if len(args) > 0 {
		return nil, nil
	}
	lib, _, err := m.open(verb)
	if err != nil {
		return nil, err
	}
	contents, err := lib.Read(ctx)
	if err != nil {
		return nil, err
	}
	var offers []cobra.Completion
	for _, n := range contents.Names() {
		offers = append(offers, cobra.CompletionWithDesc(n.Name, n.About))
	}
	return offers, nil
}

// oneArtifact wants the name of something in the library.
func oneArtifact(verb *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage("%s wants one release id, tag or digest, as in: %s", verb.CommandPath(), example(verb))
	}
	return nil
}

// tellEvery is how often people are told how far something long is.
const tellEvery = 2 * time.Second

// following tells how far a piece of work is, until stop is called.
func (a *app) following(what string, progress *library.Progress) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(tellEvery)
		defer ticker.Stop()
		for told := int64(0); ; {
			select {
			case <-done:
				return
			case <-ticker.C:
				n, of := progress.Bytes()
				if n != told {
					a.tell("%s: %s of %s", what, release.Size(n), release.Size(of))
				}
				told = n
			}
		}
	}()
	return func() { close(done); <-ended }
}

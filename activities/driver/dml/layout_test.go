package dml_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"

	"slipway/activities/driver/dml"
	"slipway/release"
)

const (
	helperLibrary = "DML_TEST_LIBRARY"
	helperSubject = "DML_TEST_SUBJECT"
	helperName    = "DML_TEST_NAME"
	attachments   = 10
)

// TestMain lets the test program stand in for another process that uses the same
// library.
func TestMain(m *testing.M) {
	if os.Getenv(helperLibrary) == "" {
		os.Exit(m.Run())
	}
	if err := attachMany(os.Getenv(helperLibrary), release.Digest(os.Getenv(helperSubject)), os.Getenv(helperName)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func attachMany(spec string, subject release.Digest, name string) error {
	l, err := dml.Open(spec)
	if err != nil {
		return err
	}
	for i := range attachments {
		data := fmt.Appendf(nil, "%s-%d", name, i)
		if _, err := l.Attach(context.Background(), subject, "application/vnd.test", "a.txt", data, nil); err != nil {
			return err
		}
	}
	return nil
}

func TestProcessesDoNotLoseEachOthersEntries(t *testing.T) {
	at(t, func(t *testing.T, spec string) {
		l := open(t, spec)
		p := checkIn(t, l, build(t))
		var group sync.WaitGroup
		for i := range 2 {
			group.Go(func() {
				helper := exec.Command(os.Args[0])
				helper.Env = append(os.Environ(), helperLibrary+"="+spec,
					helperSubject+"="+string(p.Digest), fmt.Sprintf("%s=process-%d", helperName, i))
				output, err := helper.CombinedOutput()
				assert.NoError(t, err, string(output))
			})
			group.Go(func() {
				assert.NoError(t, attachMany(spec, p.Digest, fmt.Sprintf("goroutine-%d", i)))
			})
		}
		group.Wait()
		assert.Len(t, attached(t, l, p.Digest), 4*attachments)
		assert.Len(t, referrers(t, spec, p), 4*attachments, "and other tools find all of them")
	})
}

// referrers lists what refers to a package as other tools do.
func referrers(t *testing.T, spec string, p release.Package) []ocispec.Descriptor {
	t.Helper()
	store := others(t, spec, "packages")
	subject, err := store.Resolve(context.Background(), p.Tag)
	require.NoError(t, err)
	found, err := registry.Referrers(context.Background(), store, subject, "")
	require.NoError(t, err)
	return found
}

// others opens a segment as other tools do.
func others(t *testing.T, spec, segment string) oras.GraphTarget {
	t.Helper()
	if folder, found := strings.CutPrefix(spec, "oci-layout:"); found {
		store, err := oci.New(filepath.Join(folder, segment))
		require.NoError(t, err)
		return store
	}
	repository, err := remote.NewRepository(spec + "/" + segment)
	require.NoError(t, err)
	repository.PlainHTTP = true
	return repository
}

func TestOneOfTwoCheckInsUnderATagWins(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		inputs := []dml.CheckIn{build(t), build(t)}
		inputs[1].Files["release-notes.md"] = []byte("# Other")
		errs := make([]error, len(inputs))
		var group sync.WaitGroup
		for i, in := range inputs {
			group.Go(func() { _, errs[i] = l.CheckIn(context.Background(), in) })
		}
		group.Wait()
		if errs[0] == nil {
			require.ErrorIs(t, errs[1], dml.ErrTagTaken)
		} else {
			require.NoError(t, errs[1])
			require.ErrorIs(t, errs[0], dml.ErrTagTaken)
		}
	})
}

func TestOpenSweepsUpWhatDeadWritersLeft(t *testing.T) {
	_, folder := library(t)
	ingest := filepath.Join(folder, "packages", "ingest")
	for name, age := range map[string]time.Duration{"dead": 48 * time.Hour, "alive": 0} {
		path := filepath.Join(ingest, name)
		require.NoError(t, os.WriteFile(path, nil, 0o644))
		then := time.Now().Add(-age)
		require.NoError(t, os.Chtimes(path, then, then))
	}
	_, err := dml.Open("oci-layout:" + folder)
	require.NoError(t, err)
	assert.Equal(t, []string{"alive"}, names(t, ingest))
}

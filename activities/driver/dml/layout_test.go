package dml_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/registry"

	"slipway/activities/driver/dml"
	"slipway/release"
)

const (
	helperLibrary = "DML_TEST_LIBRARY"
	helperSubject = "DML_TEST_SUBJECT"
	helperName    = "DML_TEST_NAME"
	attachments   = 20
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

func attachMany(folder string, subject release.Digest, name string) error {
	l, err := dml.Open("oci-layout:" + folder)
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
	l, folder := library(t)
	p := checkIn(t, l, build(t))
	var group sync.WaitGroup
	for i := range 2 {
		group.Go(func() {
			helper := exec.Command(os.Args[0])
			helper.Env = append(os.Environ(), helperLibrary+"="+folder,
				helperSubject+"="+string(p.Digest), fmt.Sprintf("%s=process-%d", helperName, i))
			output, err := helper.CombinedOutput()
			assert.NoError(t, err, string(output))
		})
		group.Go(func() {
			assert.NoError(t, attachMany(folder, p.Digest, fmt.Sprintf("goroutine-%d", i)))
		})
	}
	group.Wait()
	assert.Len(t, attached(t, l, p.Digest), 4*attachments)
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

func TestOtherToolsReadAndCopyTheLayout(t *testing.T) {
	l, folder := library(t)
	ctx := context.Background()
	p := checkIn(t, l, build(t))
	_, err := l.Attach(ctx, p.Digest, "application/vnd.test", "a.json", []byte("{}"), nil)
	require.NoError(t, err)

	store, err := oci.New(filepath.Join(folder, "packages"))
	require.NoError(t, err)
	manifest, err := store.Resolve(ctx, p.Tag)
	require.NoError(t, err)
	assert.Equal(t, string(p.Digest), manifest.Digest.String())
	referrers, err := registry.Referrers(ctx, store, manifest, "application/vnd.test")
	require.NoError(t, err)
	assert.Len(t, referrers, 1)

	elsewhere := t.TempDir()
	copied, err := oci.New(filepath.Join(elsewhere, "packages"))
	require.NoError(t, err)
	_, err = oras.ExtendedCopy(ctx, store, p.Tag, copied, p.Tag, oras.DefaultExtendedCopyOptions)
	require.NoError(t, err)
	there, err := dml.Open("oci-layout:" + elsewhere)
	require.NoError(t, err)
	require.NoError(t, there.Pull(ctx, p.Digest, filepath.Join(t.TempDir(), "x")))
	assert.Len(t, attached(t, there, p.Digest), 1)
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

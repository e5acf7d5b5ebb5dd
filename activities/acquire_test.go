package activities_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/dirhash"

	"slipway/activities"
	"slipway/activities/driver/dml"
	"slipway/activities/driver/source"
	"slipway/activities/driver/source/sourcetest"
	"slipway/release"
)

// take builds a package with the file "a" of a component, for one environment.
func (y *yard) take(s release.Source, purpose string) (release.BuildRecord, error) {
	y.t.Helper()
	plan := y.plan(step("copy", `cp a "$OUT/a"`))
	plan.Environments = []release.PlannedEnvironment{{Name: "one", Purpose: purpose}}
	plan.Definition.Components[0].Source = s
	return y.carryOut(plan)
}

// took builds, and gives how the component was taken.
func (y *yard) took(s release.Source) release.Acquired {
	y.t.Helper()
	record, err := y.take(s, "test")
	require.NoError(y.t, err)
	require.Empty(y.t, record.Failure)
	require.Len(y.t, record.Sources, 1)
	return record.Sources[0]
}

// repository makes one with the file "a", and gives it and a source that is its commit.
func (y *yard) repository() (sourcetest.Repository, release.Source) {
	y.t.Helper()
	r := sourcetest.NewRepository(y.t, y.path("repository"))
	require.NoError(y.t, os.Symlink("a", y.path("repository", "link")))
	return r, r.At(r.Commit(map[string]string{"a": "1"}))
}

func TestANextBuildNeedsNothingFromOutside(t *testing.T) {
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	out, err := w.Create("a")
	require.NoError(t, err)
	_, err = out.Write([]byte("1"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	sum := sha256.Sum256(packed.Bytes())
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(packed.Bytes()) }))
	defer server.Close()

	y := newYard(t, release.SourcePlace{Git: "/"}, release.SourcePlace{Dir: "/"}, release.SourcePlace{Archive: server.URL}, release.SourcePlace{OCI: "dml"})
	outside := source.New("")
	outside.Roots = x509.NewCertPool()
	outside.Roots.AddCert(server.Certificate())
	y.a.Sources = outside
	folder := y.path("trial")
	require.NoError(t, os.Mkdir(folder, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "a"), []byte("1"), 0o644))
	trial, err := dirhash.HashDir(folder, "", dirhash.Hash1)
	require.NoError(t, err)

	repository, committed := y.repository()
	all := []release.Source{
		committed, {Archive: server.URL + "/web.zip", Sum: "sha256:" + hex.EncodeToString(sum[:])}, {Dir: folder, Sum: trial},
	}
	var first []release.Acquired
	for _, s := range all {
		got := y.took(s)
		assert.False(t, got.Kept, s)
		assert.NotEmpty(t, got.Master, s)
		assert.True(t, strings.HasPrefix(got.Sum, "h1:"), s)
		first = append(first, got)
	}
	server.Close()
	require.NoError(t, os.RemoveAll(repository.Folder))
	require.NoError(t, os.RemoveAll(folder))
	for i, s := range all {
		s.Branch = map[bool]string{true: "main"}[s.Git != ""]
		want := first[i]
		want.Kept = true
		assert.Equal(t, want, y.took(s))
		// The master copy is an artifact of the DML like any other.
		again := y.took(release.Source{OCI: "dml@" + string(want.Master), Sum: want.Sum})
		assert.Equal(t, want.Master, again.Master)
		assert.Equal(t, want.Sum, again.Sum)
	}
}

func TestAComponentFromOutsideTheListFailsTheBuild(t *testing.T) {
	y := newYard(t, release.SourcePlace{Git: "https://git.acme/team"}, release.SourcePlace{Dir: "/"})
	_, s := y.repository()
	record, err := y.take(s, "test")
	require.NoError(t, err)
	assert.Contains(t, record.Failure, "component web: git "+s.Git)
	assert.Contains(t, record.Failure, "of the kind git it takes them from https://git.acme/team")
	record, err = y.take(release.Source{Dir: s.Git, Sum: "h1:x="}, "production")
	require.NoError(t, err)
	assert.Contains(t, record.Failure, `may not go to environments whose purpose is "production"`)
	assert.Empty(t, record.Sources)
}

func TestAMasterCopyIsTakenOnlyWhenItsTagWasSignedAsThePlaceAsks(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "eva", "-f", key).CombinedOutput()
	require.NoError(t, err, string(out))
	eva, err := os.ReadFile(key + ".pub")
	require.NoError(t, err)

	place := release.SourcePlace{Git: "/"}
	y := newYard(t)
	y.a.Organization = func() release.Organization {
		return release.Organization{Sources: []release.SourcePlace{place}}
	}
	r, plain := y.repository()
	plain.Tag = "v1"
	r.Git("-c", "gpg.format=ssh", "-c", "user.signingkey="+key, "tag", "--sign", "--message=v1", "v1")
	unsigned := plain
	unsigned.Tag = "v0"
	r.Git("tag", "v0")
	assert.Empty(t, y.took(unsigned).SignedBy)
	place.Signers = []string{strings.TrimSpace(string(eva))}
	record, err := y.take(unsigned, "test")
	require.NoError(t, err)
	assert.Contains(t, record.Failure, "tag v0 is not signed", "though its master copy is there")

	signed := y.took(plain)
	assert.True(t, strings.HasPrefix(signed.SignedBy, "SHA256:"))
	require.NoError(t, os.RemoveAll(r.Folder))
	again := y.took(plain)
	assert.True(t, again.Kept)
	assert.Equal(t, signed.SignedBy, again.SignedBy)
}

func TestAMasterCopyThatWasChangedIsNotBuiltFrom(t *testing.T) {
	y := newYard(t, release.SourcePlace{Git: "/"})
	_, s := y.repository()
	master := y.took(s).Master
	blobs, err := filepath.Glob(y.path("dml", "sources", "blobs", "sha256", "*"))
	require.NoError(t, err)
	for _, blob := range blobs {
		if strings.HasSuffix(blob, strings.TrimPrefix(string(master), "sha256:")) {
			continue
		}
		data, err := os.ReadFile(blob)
		require.NoError(t, err)
		if len(data) > 1000 {
			data[len(data)/2] ^= 1
			require.NoError(t, os.Chmod(blob, 0o644))
			require.NoError(t, os.WriteFile(blob, data, 0o644))
		}
	}
	record, err := y.take(s, "test")
	require.NoError(t, err)
	assert.Contains(t, record.Failure, dml.ErrCorrupt.Error())
	assert.Contains(t, record.Failure, s.String())
	assert.Nil(t, record.Package)
}

func TestASourceThatCannotBeReachedIsTriedAgainAndNotForEver(t *testing.T) {
	down := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	url := down.URL
	down.Close()
	y := newYard(t, release.SourcePlace{Archive: url})
	_, err := y.take(release.Source{Archive: url + "/x.zip", Sum: "sha256:" + strings.Repeat("a", 64)}, "test")
	require.ErrorContains(t, err, "component web: archive "+url)
	require.ErrorContains(t, err, "connection refused")
	for attempt, given := range map[int32]bool{1: false, 9: false, 10: true, 11: true} {
		assert.Equal(t, given, activities.ForGood(fmt.Errorf("x: %w", source.ErrUnavailable), attempt), attempt)
	}
	assert.True(t, activities.ForGood(source.ErrMissing, 1))
	assert.False(t, activities.ForGood(os.ErrPermission, 100), "the worker's own trouble")
}

func TestTheToolsThatTheSourcesNeedAreLookedForBeforeTheBuild(t *testing.T) {
	y := newYard(t)
	t.Setenv("PATH", t.TempDir())
	value, err := y.env.ExecuteActivity(y.a.Prepare, activities.PrepareInput{Components: []release.Component{
		{Name: "web", Source: release.Source{Git: "/x", Commit: strings.Repeat("a", 40)}},
		{Name: "lib", Source: release.Source{Module: "example.org/lib", Version: "v1.0.0", Sum: "h1:x="}},
		{Name: "docs", Source: release.Source{Dir: "/x", Sum: "h1:x="}},
	}})
	require.NoError(t, err)
	var found activities.ReadyResult
	require.NoError(t, value.Get(&found))
	assert.Equal(t, []string{
		"the worker has no git command, by which component web comes: install it there",
		"the worker has no go command, by which component lib comes: install it there",
	}, found.Missing)
}

package library_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/release/audit"
	"slipway/worker/library"
	"slipway/worker/library/librarytest"
)

// full is a library with two releases, one with two builds.
func full(t testing.TB) (*librarytest.Media, release.Package) {
	t.Helper()
	m := librarytest.New(t)
	old := m.Build("shop@1.0.0", 1, "one")
	m.Test(old, "unit")
	m.Attest("shop@1.0.0", old, "production")
	m.Build("shop@1.1.0", 1, "two")
	p := m.Build("shop@1.1.0", 2, "two")
	m.Test(p, "unit")
	m.Attach(p, "application/vnd.slipway.history.v1+json", "history.json", []byte(`{"events": []}`), nil)
	m.Attest("shop@1.1.0", p, "staging", "production")
	return m, p
}

func verify(t testing.TB, m *librarytest.Media, names ...string) library.Verification {
	t.Helper()
	lib, err := library.Open(m.Spec())
	require.NoError(t, err)
	v, err := lib.Verify(context.Background(), names, m.Workers(), time.Now(), &library.Progress{})
	require.NoError(t, err)
	return v
}

func contents(t testing.TB, spec string) *library.Contents {
	t.Helper()
	lib, err := library.Open(spec)
	require.NoError(t, err)
	c, err := lib.Read(context.Background())
	require.NoError(t, err)
	return c
}

func TestALibraryThatNobodyTouchedHolds(t *testing.T) {
	m, _ := full(t)
	v := verify(t, m)
	require.True(t, v.Holds, "%+v", v.Faults)
	require.Len(t, v.Signatures, 5)
	require.Empty(t, v.Unchecked)
	require.Empty(t, v.Strays)
	one := verify(t, m, "shop@1.0.0")
	require.True(t, one.Holds)
	require.Less(t, one.Bytes, v.Bytes)
	require.Len(t, one.Signatures, 2)
}

// find gives a file of the library by what it is.
func find(t *testing.T, m *librarytest.Media, segment, what string) string {
	t.Helper()
	in := filepath.Join(m.Folder, "dml", segment)
	if what == "index" {
		return filepath.Join(in, "index.json")
	}
	for _, i := range contents(t, m.Spec()).Items(segment) {
		if what == "manifest of "+i.Name() {
			return filepath.Join(in, "blobs", "sha256", string(i.Digest)[len("sha256:"):])
		}
		for _, l := range i.Layers {
			if l.Name == what {
				return filepath.Join(in, "blobs", "sha256", string(l.Digest)[len("sha256:"):])
			}
		}
	}
	t.Fatalf("segment %s has no %s", segment, what)
	return ""
}

func flip(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	text[len(text)/2] ^= 1
	require.NoError(t, os.Chmod(path, 0o644))
	require.NoError(t, os.WriteFile(path, text, 0o644))
}

// spots are all kinds of files in a library.
var spots = []struct{ segment, file, what string }{
	{library.Packages, "web.tar", "web.tar of package shop-1.0.0-b1"},
	{library.Packages, "release-notes.md", "release-notes.md of package shop-1.0.0-b1"},
	{library.Packages, "contents.json", "contents.json of package shop-1.0.0-b1"},
	{library.Packages, "manifest of shop-1.0.0-b1", "the manifest of shop-1.0.0-b1"},
	{library.Packages, "build-1.json", "build-1.json of build record build-1.json of package shop-1.0.0-b1"},
	{library.Packages, "evidence-unit.json", "evidence-unit.json of test evidence evidence-unit.json of package shop-1.0.0-b1"},
	{library.Packages, audit.EnvelopeName, audit.EnvelopeName + " of attestation " + audit.EnvelopeName + " of package shop-1.0.0-b1"},
	{library.Packages, "provenance-1.dsse.json", "provenance-1.dsse.json of provenance provenance-1.dsse.json of package shop-1.0.0-b1"},
	{library.Packages, "history.json", "history.json of history history.json of package shop-1.1.0-b2"},
	{library.Packages, "manifest of history.json", "the manifest of "},
	{library.Evidence, "shop@1.0.0-build-1-compile.log", "shop@1.0.0-build-1-compile.log of logs shop@1.0.0-build-1-compile.log"},
	{library.Evidence, "shop-1.0.0-b1-unit.log", "shop-1.0.0-b1-unit.log of logs shop-1.0.0-b1-unit.log"},
	{library.Evidence, "shop-1.0.0-b1-unit-1.log", "shop-1.0.0-b1-unit-1.log of logs shop-1.0.0-b1-unit-1.log"},
	{library.Sources, "source.tar", "source.tar of master copy of "},
}

func TestAFlippedByteIsFoundWhereverItIs(t *testing.T) {
	m, _ := full(t)
	for _, spot := range spots {
		t.Run(spot.file, func(t *testing.T) {
			path := find(t, m, spot.segment, spot.file)
			flip(t, path)
			defer flip(t, path)
			v := verify(t, m)
			require.False(t, v.Holds)
			requireFault(t, v, spot.segment, spot.what, path, "its bytes are not those of its digest: it was changed")
			require.False(t, verify(t, m, "shop@1.0.0", "shop@1.1.0").Holds)
		})
	}
}

func TestWhatIsMissingIsFoundWhereverItWas(t *testing.T) {
	m, _ := full(t)
	for _, spot := range spots {
		t.Run(spot.file, func(t *testing.T) {
			path := find(t, m, spot.segment, spot.file)
			require.NoError(t, os.Rename(path, path+".away"))
			defer func() { require.NoError(t, os.Rename(path+".away", path)) }()
			requireFault(t, verify(t, m), spot.segment, spot.what, path, "it is not there")
		})
	}
}

func requireFault(t *testing.T, v library.Verification, segment, what, place, found string) {
	t.Helper()
	for _, f := range v.Faults {
		if f.Segment == segment && f.Place == place && f.Found == found && (f.What == what || len(f.What) > len(what) && f.What[:len(what)] == what) {
			return
		}
	}
	require.Failf(t, "the fault was not found", "%s: %s in %s, among %+v", what, found, place, v.Faults)
}

func TestAListThatCannotBeReadIsFound(t *testing.T) {
	for _, segment := range library.Segments() {
		m, _ := full(t)
		path := find(t, m, segment, "index")
		require.NoError(t, os.WriteFile(path, []byte(`{"schemaVersion": 2, "mani`), 0o644))
		v := verify(t, m)
		require.False(t, v.Holds)
		require.Equal(t, "the list of segment "+segment, v.Faults[0].What)
		require.Equal(t, path, v.Faults[0].Place)
	}
}

// index changes the list of a segment.
func index(t *testing.T, m *librarytest.Media, segment string, change func([]ocispec.Descriptor) []ocispec.Descriptor) {
	t.Helper()
	path := find(t, m, segment, "index")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var list ocispec.Index
	require.NoError(t, json.Unmarshal(text, &list))
	list.Manifests = change(list.Manifests)
	text, err = json.Marshal(list)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o644))
}

func tail(manifests []ocispec.Descriptor) []ocispec.Descriptor { return manifests[1:] }

func TestWhatWasTakenOutOfAListIsMissedByWhatNamesIt(t *testing.T) {
	for segment, what := range map[string]string{
		library.Sources:  "the master copy of component web of build record build-1.json",
		library.Packages: "the package of build record build-1.json",
	} {
		m, _ := full(t)
		index(t, m, segment, tail)
		v := verify(t, m)
		require.False(t, v.Holds)
		require.Contains(t, v.Faults[0].What, what)
		require.Equal(t, "it is not there", v.Faults[0].Found)
	}
	// A log is found by its digest, listed or not.
	m, _ := full(t)
	index(t, m, library.Evidence, tail)
	require.True(t, verify(t, m).Holds)
}

func TestAPackageThatWasRenamedIsFound(t *testing.T) {
	m, _ := full(t)
	path := find(t, m, library.Packages, "index")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "shop-1.0.0-b1", "shop-9.9.9-b1")), 0o644))
	v := verify(t, m)
	require.Len(t, v.Faults, 1)
	require.Equal(t, "the tag shop-1.0.0-b1 of package shop-9.9.9-b1", v.Faults[0].What)
}

func TestASignatureOfAStrangerIsFound(t *testing.T) {
	m, _ := full(t)
	stranger := librarytest.New(t)
	lib, err := library.Open(m.Spec())
	require.NoError(t, err)
	v, err := lib.Verify(context.Background(), nil, stranger.Workers(), time.Now(), &library.Progress{})
	require.NoError(t, err)
	require.Len(t, v.Faults, 5)
	require.Equal(t, "the signature of provenance provenance-1.dsse.json of package shop-1.0.0-b1", v.Faults[0].What)
	require.Contains(t, v.Faults[0].Found, "no worker's on the roster")
	unknown, err := lib.Verify(context.Background(), nil, nil, time.Now(), &library.Progress{})
	require.NoError(t, err)
	require.True(t, unknown.Holds)
	require.Len(t, unknown.Unchecked, 5)
}

func TestAStatementAboutAnotherPackageIsFound(t *testing.T) {
	m, p := full(t)
	other := m.Build("shop@1.2.0", 1, "three")
	item, err := contents(t, m.Spec()).One(context.Background(), p.Tag)
	require.NoError(t, err)
	details, err := contents(t, m.Spec()).Show(context.Background(), item)
	require.NoError(t, err)
	for _, r := range details.Referred {
		if r.Kind != library.KindAttestation && r.Kind != library.KindProvenance {
			continue
		}
		envelope, err := contents(t, m.Spec()).One(context.Background(), string(r.Digest))
		require.NoError(t, err)
		text, err := contents(t, m.Spec()).Document(context.Background(), envelope, r.Name)
		require.NoError(t, err)
		m.Attach(other, audit.EnvelopeType, r.Name, text, envelope.Annotations)
	}
	v := verify(t, m)
	require.Len(t, v.Faults, 2)
	for _, f := range v.Faults {
		require.Contains(t, f.Found, "it is about package "+string(p.Digest))
	}
}

func TestStraysAreToldAndNoFault(t *testing.T) {
	m, _ := full(t)
	stray := filepath.Join(m.Folder, "dml", "packages", "blobs", "sha256", string(release.DigestOfBytes([]byte("stray")))[len("sha256:"):])
	require.NoError(t, os.WriteFile(stray, []byte("stray"), 0o644))
	v := verify(t, m)
	require.True(t, v.Holds)
	require.Equal(t, []library.Stray{{Segment: library.Packages, Digest: release.DigestOfBytes([]byte("stray")), Size: 5, Place: stray, Young: true}}, v.Strays)
	old := time.Now().Add(-48 * time.Hour)
	require.NoError(t, os.Chtimes(stray, old, old))
	require.False(t, verify(t, m).Strays[0].Young)
}

func TestOthersMayWriteWhileALibraryIsVerified(t *testing.T) {
	m, _ := full(t)
	done := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 1; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			p := m.Build("busy@1.0.0", i, "busy")
			m.Test(p, "unit")
			m.Attest("busy@1.0.0", p, "staging")
		}
	})
	for range 15 {
		v := verify(t, m)
		require.True(t, v.Holds, "%+v", v.Faults)
		_, err := contents(t, m.Spec()).Packages(context.Background(), "")
		require.NoError(t, err)
		require.Empty(t, contents(t, m.Spec()).Faults)
	}
	close(done)
	writer.Wait()
}

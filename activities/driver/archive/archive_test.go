package archive_test

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/archive"
	"slipway/release"
)

// sample makes a folder with one of everything that a package may hold.
func sample(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "share", "empty"), 0o755))
	require.NoError(t, os.Mkdir(filepath.Join(folder, "bin"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "bin", "tool"), []byte("#!/bin/sh\n"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "share", "grüße.txt"), []byte("hallo"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "share", strings.Repeat("n", 200)), nil, 0o644))
	require.NoError(t, os.Symlink("../bin/tool", filepath.Join(folder, "share", "tool")))
	return folder
}

func digest(t *testing.T, folder string) release.Digest {
	t.Helper()
	d, err := archive.Digest(context.Background(), folder)
	require.NoError(t, err)
	return d
}

// The digest is written down in records and votes: it must never change for the
// same files, whatever version computes it.
func TestDigestIsTheSameForever(t *testing.T) {
	assert.Equal(t, release.Digest("sha256:3da6442e49de8460e6baa886c3779059f855f9981173c4eee0e240d17fec7df0"), digest(t, sample(t)))
}

func TestDigestLooksAtNothingButNamesContentsAndTheExecutableBit(t *testing.T) {
	one, two := sample(t), sample(t)
	file := filepath.Join(two, "share", "grüße.txt")
	require.NoError(t, os.Chmod(file, 0o600))
	require.NoError(t, os.Chtimes(file, time.Unix(1, 0), time.Unix(2, 0)))
	require.NoError(t, os.Chmod(filepath.Join(two, "share"), 0o700))
	assert.Equal(t, digest(t, one), digest(t, two))
}

func TestDigestNoticesEveryChange(t *testing.T) {
	changes := map[string]func(folder string) error{
		"content": func(f string) error {
			return os.WriteFile(filepath.Join(f, "bin", "tool"), []byte("#!/bin/sH\n"), 0o755)
		},
		"executable": func(f string) error { return os.Chmod(filepath.Join(f, "bin", "tool"), 0o644) },
		"name":       func(f string) error { return os.Rename(filepath.Join(f, "bin"), filepath.Join(f, "sbin")) },
		"more":       func(f string) error { return os.WriteFile(filepath.Join(f, "new"), nil, 0o644) },
		"less":       func(f string) error { return os.Remove(filepath.Join(f, "share", "empty")) },
		"link": func(f string) error {
			link := filepath.Join(f, "share", "tool")
			_ = os.Remove(link)
			return os.Symlink("../bin", link)
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			folder := sample(t)
			before := digest(t, folder)
			require.NoError(t, change(folder))
			assert.NotEqual(t, before, digest(t, folder))
		})
	}
}

func TestWhatIsExtractedHasTheDigestOfWhatWasWritten(t *testing.T) {
	folder, copied := sample(t), t.TempDir()
	var data bytes.Buffer
	files, err := archive.Write(context.Background(), &data, folder)
	require.NoError(t, err)
	assert.Equal(t, 4, files)

	defer syscall.Umask(syscall.Umask(0o077))
	require.NoError(t, archive.Extract(context.Background(), &data, copied))
	assert.Equal(t, digest(t, folder), digest(t, copied))
	info, err := os.Stat(filepath.Join(copied, "bin", "tool"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o755), info.Mode(), "whatever the umask")
}

func TestWriteRefusesWhatHasNoPlaceInAPackage(t *testing.T) {
	link := func(target string) func(string) error {
		return func(f string) error { return os.Symlink(target, filepath.Join(f, "bin", "odd")) }
	}
	cases := map[string]func(folder string) error{
		"absolute link":        link("/etc/passwd"),
		"link out":             link("../../secret"),
		"link down and up":     link("../share/../../secret"),
		"named pipe":           func(f string) error { return syscall.Mkfifo(filepath.Join(f, "bin", "odd"), 0o644) },
		"setuid":               func(f string) error { return setuid(filepath.Join(f, "bin", "odd")) },
		"link to the folder's": link("../../" + "x"),
	}
	for name, add := range cases {
		t.Run(name, func(t *testing.T) {
			folder := sample(t)
			require.NoError(t, add(folder))
			_, err := archive.Write(context.Background(), io.Discard, folder)
			require.ErrorIs(t, err, archive.ErrUnsafe)
			assert.ErrorContains(t, err, "bin/odd", "names the culprit")
		})
	}
}

func setuid(path string) error {
	if err := os.WriteFile(path, nil, 0o755); err != nil {
		return err
	}
	return os.Chmod(path, 0o755|os.ModeSetuid)
}

func TestExtractRefusesWhatLeadsOutOfThePackage(t *testing.T) {
	folder := tar.Header{Typeflag: tar.TypeDir, Name: "d/"}
	cases := map[string][]tar.Header{
		"parent path":            {{Typeflag: tar.TypeReg, Name: "../evil"}},
		"hidden parent path":     {folder, {Typeflag: tar.TypeReg, Name: "d/../../evil"}},
		"up and down again":      {folder, {Typeflag: tar.TypeReg, Name: "d/../evil"}},
		"absolute path":          {{Typeflag: tar.TypeReg, Name: "/tmp/evil"}},
		"the folder itself":      {{Typeflag: tar.TypeDir, Name: "./"}},
		"absolute link":          {{Typeflag: tar.TypeSymlink, Name: "l", Linkname: "/etc"}},
		"link out":               {folder, {Typeflag: tar.TypeSymlink, Name: "d/l", Linkname: "../../x"}},
		"empty link":             {{Typeflag: tar.TypeSymlink, Name: "l"}},
		"hard link":              {{Typeflag: tar.TypeLink, Name: "l", Linkname: "/etc/passwd"}},
		"device":                 {{Typeflag: tar.TypeChar, Name: "null", Devmajor: 1, Devminor: 3}},
		"named pipe":             {{Typeflag: tar.TypeFifo, Name: "pipe"}},
		"no folder":              {{Typeflag: tar.TypeReg, Name: "a/b"}},
		"through a link":         {folder, {Typeflag: tar.TypeSymlink, Name: "l", Linkname: "d"}, {Typeflag: tar.TypeReg, Name: "l/evil"}},
		"out by a link's parent": {folder, {Typeflag: tar.TypeSymlink, Name: "d/up", Linkname: ".."}, {Typeflag: tar.TypeSymlink, Name: "evil", Linkname: "d/up/../x"}},
	}
	for name, headers := range cases {
		t.Run(name, func(t *testing.T) {
			outer := t.TempDir()
			inner := filepath.Join(outer, "inner")
			require.NoError(t, os.Mkdir(inner, 0o755))
			err := archive.Extract(context.Background(), tarOf(t, headers), inner)
			require.ErrorIs(t, err, archive.ErrUnsafe)
			entries, err := os.ReadDir(outer)
			require.NoError(t, err)
			assert.Len(t, entries, 1, "nothing beside the folder")
		})
	}
}

func TestExtractTakesNoNameTwice(t *testing.T) {
	headers := []tar.Header{{Typeflag: tar.TypeSymlink, Name: "x", Linkname: "y"}, {Typeflag: tar.TypeReg, Name: "x"}}
	require.ErrorIs(t, archive.Extract(context.Background(), tarOf(t, headers), t.TempDir()), os.ErrExist)
}

func tarOf(t testing.TB, headers []tar.Header) *bytes.Buffer {
	t.Helper()
	var data bytes.Buffer
	w := tar.NewWriter(&data)
	for _, h := range headers {
		require.NoError(t, w.WriteHeader(&h))
	}
	require.NoError(t, w.Close())
	return &data
}

func TestWriteAndExtractStopWithTheirContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := archive.Write(ctx, io.Discard, sample(t))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, archive.Extract(ctx, tarOf(t, nil), t.TempDir()), context.Canceled)
}

func TestMissingFolderIsNamed(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	_, err := archive.Digest(context.Background(), missing)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, missing)
	require.ErrorIs(t, archive.Extract(context.Background(), tarOf(t, nil), missing), os.ErrNotExist)
}

// Whatever the bytes are, nothing appears outside of the folder, and what was
// taken can be written again.
func FuzzExtractStaysInItsFolder(f *testing.F) {
	var data bytes.Buffer
	w := tar.NewWriter(&data)
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeDir, Name: "d/", Mode: 0o755},
		{Typeflag: tar.TypeReg, Name: "d/f", Size: 3},
		{Typeflag: tar.TypeSymlink, Name: "l", Linkname: "d/f"},
	} {
		if err := w.WriteHeader(&h); err != nil {
			f.Fatal(err)
		}
		if h.Size > 0 {
			_, _ = w.Write([]byte("abc"))
		}
	}
	_ = w.Close()
	f.Add(data.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		outer := t.TempDir()
		inner := filepath.Join(outer, "inner")
		require.NoError(t, os.Mkdir(inner, 0o755))
		if archive.Extract(context.Background(), bytes.NewReader(data), inner) == nil {
			_, err := archive.Write(context.Background(), io.Discard, inner)
			require.NoError(t, err)
		}
		entries, err := os.ReadDir(outer)
		require.NoError(t, err)
		require.Len(t, entries, 1)
	})
}

func TestACopyHasTheSameDigest(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.MkdirAll(filepath.Join(from, "a", "empty"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(from, "a", "run"), []byte("x"), 0o711))
	require.NoError(t, os.Symlink("a/run", filepath.Join(from, "link")))
	require.NoError(t, archive.Copy(t.Context(), from, to))
	want, err := archive.Digest(t.Context(), from)
	require.NoError(t, err)
	got, err := archive.Digest(t.Context(), to)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.ErrorIs(t, archive.Copy(t.Context(), from, to), os.ErrExist)
	require.ErrorIs(t, archive.Copy(t.Context(), filepath.Join(from, "missing"), to+"2"), os.ErrNotExist)
}

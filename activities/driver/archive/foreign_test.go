package archive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/archive"
)

// entry is one of an archive that somebody else made.
type entry struct {
	name, text string
	mode       fs.FileMode
	kind       byte
	link       string
}

func file(name, text string) entry { return entry{name: name, text: text, mode: 0o644} }

func symlink(name, target string) entry {
	return entry{name: name, mode: fs.ModeSymlink | 0o777, kind: tar.TypeSymlink, link: target}
}

func foreignTar(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var data bytes.Buffer
	w := tar.NewWriter(&data)
	for _, e := range entries {
		h := &tar.Header{Typeflag: e.kind, Name: e.name, Mode: int64(e.mode.Perm()), Linkname: e.link, Size: int64(len(e.text))}
		if e.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		require.NoError(t, w.WriteHeader(h))
		_, err := io.WriteString(w, e.text)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return data.Bytes()
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return packed.Bytes()
}

func foreignZip(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var data bytes.Buffer
	w := zip.NewWriter(&data)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode)
		out, err := w.CreateHeader(h)
		require.NoError(t, err)
		if !strings.HasSuffix(e.name, "/") {
			_, err = io.WriteString(out, e.text+e.link)
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	return data.Bytes()
}

var plenty = archive.Limits{Files: 1000, Bytes: 1 << 20}

// unpack gives the folder into which an archive was laid out, and checks that nothing
// came beside it.
func unpack(t testing.TB, data []byte, limits archive.Limits) (string, error) {
	t.Helper()
	outer := t.TempDir()
	inner, packed := filepath.Join(outer, "inner"), filepath.Join(t.TempDir(), "archive")
	require.NoError(t, os.Mkdir(inner, 0o755))
	require.NoError(t, os.WriteFile(packed, data, 0o600))
	u, err := archive.NewUnpacker(context.Background(), inner, limits)
	require.NoError(t, err)
	unpacked := u.Archive(packed)
	require.NoError(t, u.Close())
	beside, err := os.ReadDir(outer)
	require.NoError(t, err)
	require.Len(t, beside, 1, "nothing beside the folder")
	return inner, unpacked
}

func TestArchivesOfEachKindAreLaidOutAlike(t *testing.T) {
	entries := []entry{
		{name: "web-1/", mode: fs.ModeDir | 0o700, kind: tar.TypeDir},
		file("web-1/a.txt", "text"),
		{name: "web-1/run", text: "#!/bin/sh\n", mode: 0o4711},
		symlink("web-1/link", "../other/deep/b"), file("other/deep/b", "b"),
		{name: "web-1/", mode: fs.ModeDir | 0o700, kind: tar.TypeDir},
	}
	plain := foreignTar(t, entries...)
	digests := map[string]bool{}
	for _, data := range [][]byte{plain, gzipped(t, plain), foreignZip(t, entries...)} {
		folder, err := unpack(t, data, plenty)
		require.NoError(t, err)
		info, err := os.Stat(filepath.Join(folder, "web-1", "run"))
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o755), info.Mode())
		digests[string(digest(t, folder))] = true
	}
	assert.Len(t, digests, 1)
}

func TestAForeignEntryThatLeadsOutOrIsNoFileIsNamedAndRefused(t *testing.T) {
	for name, entries := range map[string][]entry{
		"../evil":      {file("../evil", "x")},
		"a/../../evil": {file("a/../../evil", "x")},
		"/tmp/evil":    {file("/tmp/evil", "x")},
		"out":          {symlink("out", "../secret")},
		"passwd":       {symlink("passwd", "/etc/passwd")},
		"dir/x":        {file("a", ""), symlink("dir", "."), file("dir/x", "x")},
		"twice":        {file("twice", "1"), file("twice", "2")},
		"over":         {symlink("over", "b"), file("over", "2")},
		"a/below":      {file("a", "1"), file("a/below", "2")},
		"more":         {file("less", ""), file("more", strings.Repeat("x", 1<<20+1))},
	} {
		for kind, data := range map[string][]byte{"tar": foreignTar(t, entries...), "zip": foreignZip(t, entries...)} {
			_, err := unpack(t, data, plenty)
			require.ErrorIs(t, err, archive.ErrUnsafe, "%s in %s", name, kind)
			assert.ErrorContains(t, err, fmt.Sprintf("%q", name), kind)
		}
	}
	for name, kind := range map[string]byte{"null": tar.TypeChar, "sda": tar.TypeBlock, "pipe": tar.TypeFifo, "hard": tar.TypeLink} {
		_, err := unpack(t, foreignTar(t, entry{name: name, kind: kind, link: "x"}), plenty)
		require.ErrorIs(t, err, archive.ErrUnsafe)
		assert.ErrorContains(t, err, name)
	}
}

func TestABombOfAnyKindIsStoppedAtTheLimit(t *testing.T) {
	many := make([]entry, 12)
	for i := range many {
		many[i] = file(fmt.Sprintf("f%02d", i), "")
	}
	for name, data := range map[string][]byte{
		"a ratio of thousands": gzipped(t, foreignTar(t, file("zeros", strings.Repeat("\x00", 8<<20)))),
		"in a zip":             foreignZip(t, file("zeros", strings.Repeat("\x00", 8<<20))),
		"many files":           foreignTar(t, many...),
		"many in a zip":        foreignZip(t, many...),
		"folders nobody named": foreignTar(t, file(strings.Repeat("d/", 20)+"f", "")),
		"a name without end":   foreignTar(t, file(strings.Repeat("d/", 3000)+"f", "")),
	} {
		_, err := unpack(t, data, archive.Limits{Files: 10, Bytes: 1 << 20})
		assert.ErrorIs(t, err, archive.ErrUnsafe, name)
	}
	listed := make([]entry, 20_000)
	for i := range listed {
		listed[i] = file(fmt.Sprintf("%060d", i), "")
	}
	_, err := unpack(t, foreignZip(t, listed...), archive.Limits{Files: 10, Bytes: 1 << 20})
	require.ErrorContains(t, err, "its directory lists too much")
}

func TestWhatIsNoArchiveOrCutIsToldSo(t *testing.T) {
	whole := foreignTar(t, file("a", strings.Repeat("x", 4000)))
	zipped := foreignZip(t, file("a", strings.Repeat("xy", 4000)))
	flipped := bytes.Clone(zipped)
	flipped[45] ^= 0xff
	packed := gzipped(t, whole)
	for name, data := range map[string][]byte{
		"empty": nil, "text": []byte(strings.Repeat("no archive at all\n", 100)), "cut tar": whole[:2000],
		"cut gzip": packed[:len(packed)/2], "cut zip": zipped[:len(zipped)/2], "flipped": flipped,
		"nothing in it": foreignTar(t), "xz": []byte("\xfd7zXZ\x00 and more"),
	} {
		_, err := unpack(t, data, plenty)
		require.ErrorIs(t, err, archive.ErrFormat, name)
		assert.NotErrorIs(t, err, archive.ErrUnsafe, name)
	}
}

func TestUnpackingStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	u, err := archive.NewUnpacker(ctx, t.TempDir(), plenty)
	require.NoError(t, err)
	defer u.Close()
	cancel()
	require.ErrorIs(t, u.Tar(bytes.NewReader(foreignTar(t, file("a", "x")))), context.Canceled)
}

// Whatever the bytes are, nothing appears outside of the folder nor beyond the
// limits, and what was taken can be packed again.
func FuzzExtractForeignStaysInItsFolder(f *testing.F) {
	entries := []entry{file("d/f", "abc"), symlink("l", "d/f"), file("../x", "y")}
	plain := foreignTar(f, entries[:2]...)
	for _, seed := range [][]byte{
		plain, gzipped(f, plain), foreignZip(f, entries[:2]...), foreignTar(f, entries...), foreignZip(f, entries...),
		foreignTar(f, symlink("d", ".."), file("d/x", "")), foreignZip(f, symlink("d", "/tmp"), file("d/x", "")),
	} {
		f.Add(seed)
	}
	limits := archive.Limits{Files: 50, Bytes: 1 << 16}
	f.Fuzz(func(t *testing.T, data []byte) {
		folder, err := unpack(t, data, limits)
		if err == nil {
			files, err := archive.Write(context.Background(), io.Discard, folder)
			require.NoError(t, err)
			require.LessOrEqual(t, files, limits.Files)
		}
	})
}

package archive_test

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/activities/driver/archive"
)

func write(t require.TestingT, folder string) []byte {
	var data bytes.Buffer
	_, err := archive.Write(context.Background(), &data, folder)
	require.NoError(t, err)
	return data.Bytes()
}

// place puts a file or a link into a folder, with the folders above it.
func place(t require.TestingT, folder, name, content string) {
	path := filepath.Join(folder, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	if strings.HasPrefix(content, "->") {
		require.NoError(t, os.Symlink(content[2:], path))
		return
	}
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}

func streams(t require.TestingT, folders map[string]string) (all []archive.Stream) {
	for name, folder := range folders {
		all = append(all, archive.Stream{Name: name, Tar: bytes.NewReader(write(t, folder))})
	}
	slices.SortFunc(all, func(a, b archive.Stream) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func TestMergingIsWritingTheFolderThatHoldsAll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := t.TempDir()
		parts := map[string]string{"a": t.TempDir(), "b": t.TempDir(), "c": t.TempDir()}
		// Names that sort otherwise as paths than as texts, and folders that are shared.
		paths := rapid.SliceOfNDistinct(rapid.StringMatching(`[ab]([.\-/][a-c]{1,2}){0,3}/[.\-!a-z]?[x-z]{1,2}f`), 0, 12, rapid.ID).Draw(rt, "paths")
		for _, path := range paths {
			content := rapid.SampledFrom([]string{"", "text", strings.Repeat("big", 300_000), "->elsewhere"}).Draw(rt, "content")
			part := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "part")
			place(rt, all, path, content)
			place(rt, parts[part], path, content)
		}
		var merged bytes.Buffer
		require.NoError(rt, archive.Merge(context.Background(), &merged, streams(rt, parts)...))
		require.True(rt, bytes.Equal(write(rt, all), merged.Bytes()))
	})
}

func TestMergingOneGivesTheSame(t *testing.T) {
	data := write(t, sample(t))
	var merged bytes.Buffer
	require.NoError(t, archive.Merge(context.Background(), &merged, archive.Stream{Name: "a", Tar: bytes.NewReader(data)}))
	assert.True(t, bytes.Equal(data, merged.Bytes()))
}

func TestWhatTwoLeaveIsRefusedWithTheNamesOfBoth(t *testing.T) {
	for name, pair := range map[string][2]string{
		"file and file": {"bin/x=1", "bin/x=1"},
		"file and link": {"bin/x=1", "bin/x=->y"},
		"link and link": {"bin/x=->y", "bin/x=->y"},
		"file and path": {"bin/x=1", "bin/x/y=1"},
		"link and path": {"bin/x=->y", "bin/x/y=1"},
	} {
		t.Run(name, func(t *testing.T) {
			folders := map[string]string{"api": t.TempDir(), "web": t.TempDir()}
			for i, part := range []string{"api", "web"} {
				path, content, _ := strings.Cut(pair[i], "=")
				place(t, folders[part], path, content)
			}
			err := archive.Merge(context.Background(), io.Discard, streams(t, folders)...)
			require.ErrorIs(t, err, archive.ErrUnsafe)
			require.ErrorContains(t, err, `"bin/x": it is left by both api and web`)
		})
	}
}

func TestMergeRefusesTarsOfOthers(t *testing.T) {
	entry := func(kind byte, name string) *tar.Header { return &tar.Header{Typeflag: kind, Name: name} }
	for name, headers := range map[string][]*tar.Header{
		"out of order": {entry(tar.TypeReg, "b"), entry(tar.TypeReg, "a")},
		"twice":        {entry(tar.TypeReg, "a"), entry(tar.TypeReg, "a")},
		"device":       {entry(tar.TypeChar, "a")},
	} {
		t.Run(name, func(t *testing.T) {
			var data bytes.Buffer
			w := tar.NewWriter(&data)
			for _, h := range headers {
				require.NoError(t, w.WriteHeader(h))
			}
			require.NoError(t, w.Close())
			err := archive.Merge(context.Background(), io.Discard, archive.Stream{Name: "odd", Tar: &data})
			require.ErrorIs(t, err, archive.ErrUnsafe)
			require.ErrorContains(t, err, `"a"`)
		})
	}
}

func TestMergeSaysOfWhichStreamItCouldNotReadOn(t *testing.T) {
	data := write(t, sample(t))
	err := archive.Merge(context.Background(), io.Discard,
		archive.Stream{Name: "whole", Tar: bytes.NewReader(nil)}, archive.Stream{Name: "cut", Tar: bytes.NewReader(data[:700])})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorContains(t, err, "cut")
}

func TestWriteEachTellsOfEveryFileAndLink(t *testing.T) {
	folder := sample(t)
	var told []string
	var data bytes.Buffer
	require.NoError(t, archive.WriteEach(context.Background(), &data, folder, func(e archive.Entry) {
		told = append(told, fmt.Sprintf("%.12s %#o %q %d %.8s", e.Path, e.Mode, e.Link, e.Size, e.Sum))
	}))
	assert.True(t, bytes.Equal(write(t, folder), data.Bytes()))
	assert.Equal(t, []string{
		`bin/tool 0755 "" 10 a8076d3d`, `share/grüße. 0644 "" 5 d3751d33`, `share/nnnnnn 0644 "" 0 e3b0c442`, `share/tool 0 "../bin/tool" 0 `,
	}, told)
}

func TestSeveralTarsAreExtractedOverEachOther(t *testing.T) {
	one, two, both := t.TempDir(), t.TempDir(), t.TempDir()
	place(t, one, "share/a", "a")
	place(t, two, "share/b", "b")
	for _, folder := range []string{one, two} {
		require.NoError(t, archive.Extract(context.Background(), bytes.NewReader(write(t, folder)), both))
	}
	for _, name := range []string{"a", "b"} {
		data, err := os.ReadFile(filepath.Join(both, "share", name))
		require.NoError(t, err)
		assert.Equal(t, name, string(data))
	}
}

func TestNothingIsExtractedThroughALinkThatAnotherTarBrought(t *testing.T) {
	one, two, both := t.TempDir(), t.TempDir(), t.TempDir()
	place(t, one, "real/x", "x")
	place(t, one, "share", "->real")
	place(t, two, "share/y", "y")
	require.NoError(t, archive.Extract(context.Background(), bytes.NewReader(write(t, one)), both))
	require.ErrorIs(t, archive.Extract(context.Background(), bytes.NewReader(write(t, two)), both), os.ErrExist)
	assert.NoFileExists(t, filepath.Join(both, "real", "y"))
}

// Whatever is taken for a tar of Write is merged into one.
func FuzzMerge(f *testing.F) {
	folder := f.TempDir()
	place(f, folder, "bin/x", "text")
	place(f, folder, "bin/y", "->x")
	f.Add(write(f, folder))
	f.Add(write(f, f.TempDir()))
	f.Fuzz(func(t *testing.T, data []byte) {
		merge := func(data []byte) ([]byte, error) {
			var merged bytes.Buffer
			err := archive.Merge(context.Background(), &merged, archive.Stream{Name: "one", Tar: bytes.NewReader(data)})
			return merged.Bytes(), err
		}
		merged, err := merge(data)
		if err != nil {
			return
		}
		again, err := merge(merged)
		require.NoError(t, err)
		require.True(t, bytes.Equal(merged, again))
	})
}

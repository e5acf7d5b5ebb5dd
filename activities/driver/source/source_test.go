package source_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/dirhash"

	"slipway/activities/driver/source"
	"slipway/release"
)

const (
	goHTTPBin = "github.com/mccutchen/go-httpbin/v2"
	goodSum   = "h1:YpPBoAIKYIyyPEwXZkEqBVIKwon02TK7CELwAkt1mLU="
	otherSum  = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
)

// fetch takes a source, which is a place of its own, into a new folder, and checks that
// failure leaves none.
func fetch(t *testing.T, f *source.Fetcher, s release.Source) (folder, sum string, err error) {
	t.Helper()
	artifact, _, _ := strings.Cut(s.OCI, "@")
	return fetchFrom(t, f, s, release.SourcePlace{Module: s.Module, Git: s.Git, Archive: s.Archive, OCI: artifact, Dir: s.Dir})
}

// fetchFrom does so with a source of a place.
func fetchFrom(t *testing.T, f *source.Fetcher, s release.Source, place release.SourcePlace) (folder, sum string, err error) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "content")
	found, err := f.Fetch(t.Context(), s, place, folder)
	if err != nil {
		assert.NoDirExists(t, folder)
		assert.Empty(t, found)
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(folder), ".source-*"))
	assert.Empty(t, left)
	return folder, found.Sum, err
}

// folderOf makes a folder of files, by path.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for path, text := range files {
		path = filepath.Join(dir, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

func hash(t *testing.T, dir string) string {
	t.Helper()
	sum, err := dirhash.HashDir(dir, "", dirhash.Hash1)
	require.NoError(t, err)
	return sum
}

func TestAModuleIsLaidOutWritableAndHasItsSum(t *testing.T) {
	folder, sum, err := fetch(t, source.New(""), release.Source{Module: goHTTPBin, Version: "v2.25.0", Sum: goodSum})
	require.NoError(t, err)
	assert.Equal(t, goodSum, sum)
	assert.FileExists(t, filepath.Join(folder, "cmd/go-httpbin/main.go"))
	info, err := os.Stat(filepath.Join(folder, "go.mod"))
	require.NoError(t, err)
	assert.NotZero(t, info.Mode().Perm()&0o200)
	assert.NoError(t, os.WriteFile(filepath.Join(folder, "cmd/new"), nil, 0o600))
}

func TestAModuleWithAnotherSumIsRefusedWithBoth(t *testing.T) {
	_, _, err := fetch(t, source.New(""), release.Source{Module: goHTTPBin, Version: "v2.25.0", Sum: otherSum})
	require.ErrorIs(t, err, source.ErrSum)
	var differs *source.SumError
	require.ErrorAs(t, err, &differs)
	assert.Equal(t, goodSum, differs.Got)
	assert.Equal(t, otherSum, differs.Want)
	assert.ErrorContains(t, err, "module "+goHTTPBin+" v2.25.0")
	assert.NotErrorIs(t, err, source.ErrUnavailable)
}

func TestAModuleCacheThatWasChangedIsNoticed(t *testing.T) {
	changed := folderOf(t, map[string]string{"main.go": "package evil"})
	fake := filepath.Join(t.TempDir(), "go")
	answer := `{"Dir": "` + changed + `", "Sum": "` + goodSum + `"}`
	require.NoError(t, os.WriteFile(fake, []byte("#!/bin/sh\necho '"+answer+"'\n"), 0o700))
	_, _, err := fetch(t, source.New(fake), release.Source{Module: goHTTPBin, Version: "v2.25.0", Sum: goodSum})
	require.ErrorIs(t, err, source.ErrSum)
	assert.ErrorContains(t, err, goodSum)
}

func TestAVersionThatIsNotThereIsMissingWithTheProxysWordsInOneLine(t *testing.T) {
	_, _, err := fetch(t, source.New(""), release.Source{Module: goHTTPBin, Version: "v2.999.0", Sum: otherSum})
	require.ErrorIs(t, err, source.ErrUnavailable)
	require.ErrorIs(t, err, source.ErrMissing)
	assert.ErrorContains(t, err, "v2.999.0")
	assert.NotContains(t, err.Error(), "\n")
}

func TestAProxyThatIsDownIsUnavailableForNow(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	t.Setenv("GOPROXY", "http://"+address)
	t.Setenv("GOMODCACHE", t.TempDir())
	_, _, err = fetch(t, source.New(""), release.Source{Module: goHTTPBin, Version: "v2.25.0", Sum: goodSum})
	require.ErrorIs(t, err, source.ErrUnavailable)
	assert.NotErrorIs(t, err, source.ErrMissing)
	assert.ErrorContains(t, err, "connection refused")
}

func TestWhatIsNoModuleNeverReachesTheGoCommand(t *testing.T) {
	for _, s := range []release.Source{
		{Module: "-modfile=/etc/passwd", Version: "v1.0.0", Sum: otherSum},
		{Module: "github.com/a/b", Version: "latest", Sum: otherSum},
		{Module: "github.com/a/b", Version: "v1.0.0 -x", Sum: otherSum},
		{Module: "github.com/a/b/v2", Version: "v1.0.0", Sum: otherSum},
		{Module: "../b", Version: "v1.0.0", Sum: otherSum},
		{Module: "github.com/a/b", Version: "v1.0.0", Dir: "/src", Sum: otherSum},
		{Dir: "src", Sum: otherSum},
		{Dir: "/src"},
		{},
	} {
		_, _, err := fetch(t, source.New("/no/such/go"), s)
		assert.ErrorIs(t, err, source.ErrUnfit, s)
	}
	_, _, err := fetch(t, source.New("/no/such/go"), release.Source{Module: "github.com/a/b", Version: "v1.0.0", Sum: otherSum})
	require.ErrorIs(t, err, os.ErrNotExist)
	assert.NotErrorIs(t, err, source.ErrUnavailable)
}

func TestAFolderIsCopiedAndHasItsSum(t *testing.T) {
	dir := folderOf(t, map[string]string{"run.sh": "echo", "a/b/c.txt": "text"})
	require.NoError(t, os.Chmod(filepath.Join(dir, "run.sh"), 0o500))
	require.NoError(t, os.Symlink("b/c.txt", filepath.Join(dir, "a", "link")))
	want := hash(t, dir)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".git"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".git", "index"), []byte("changes all the time"), 0o600))

	folder, sum, err := fetch(t, source.New(""), release.Source{Dir: dir, Sum: want})
	require.NoError(t, err)
	assert.Equal(t, want, sum)
	assert.NoDirExists(t, filepath.Join(folder, ".git"))
	info, err := os.Stat(filepath.Join(folder, "run.sh"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o300), info.Mode().Perm()&0o300)
	text, err := os.ReadFile(filepath.Join(folder, "a", "link"))
	require.NoError(t, err)
	assert.Equal(t, "text", string(text))
}

func TestAFolderWithAnotherSumIsRefused(t *testing.T) {
	dir := folderOf(t, map[string]string{"a": "1"})
	_, _, err := fetch(t, source.New(""), release.Source{Dir: dir, Sum: otherSum})
	require.ErrorIs(t, err, source.ErrSum)
	assert.ErrorContains(t, err, hash(t, dir))
	assert.ErrorContains(t, err, otherSum)
}

func TestAFolderThatIsNotThereIsMissing(t *testing.T) {
	_, _, err := fetch(t, source.New(""), release.Source{Dir: "/no/such/folder", Sum: otherSum})
	require.ErrorIs(t, err, source.ErrMissing)
	assert.ErrorContains(t, err, "dir /no/such/folder")
}

func TestALinkOutOfTheSourceOrToNothingIsRefused(t *testing.T) {
	outside := folderOf(t, map[string]string{"secret": "s"})
	for _, target := range []string{filepath.Join(outside, "secret"), "../../../../../../etc/passwd", "/etc/passwd", "nowhere", "folder", "link"} {
		dir := folderOf(t, map[string]string{"folder/file": "1"})
		require.NoError(t, os.Symlink(target, filepath.Join(dir, "link")))
		_, _, err := fetch(t, source.New(""), release.Source{Dir: dir, Sum: otherSum})
		require.ErrorIs(t, err, source.ErrUnfit, target)
		assert.ErrorContains(t, err, "link")
	}
}

func TestAPipeIsRefusedWithoutWaitingForIt(t *testing.T) {
	dir := folderOf(t, map[string]string{"a": "1"})
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	_, _, err := fetch(t, source.New(""), release.Source{Dir: dir, Sum: otherSum})
	require.ErrorIs(t, err, source.ErrUnfit)
	assert.ErrorContains(t, err, "pipe")
}

func TestMoreFilesOrBytesThanTheLimitAreRefused(t *testing.T) {
	dir := folderOf(t, map[string]string{"a": "12345", "b": "12345"})
	for _, f := range []source.Fetcher{{MaxFiles: 1, MaxBytes: 10}, {MaxFiles: 2, MaxBytes: 9}} {
		_, _, err := fetch(t, &f, release.Source{Dir: dir, Sum: hash(t, dir)})
		require.ErrorIs(t, err, source.ErrUnfit)
		assert.ErrorContains(t, err, "too many")
	}
	_, _, err := fetch(t, &source.Fetcher{MaxFiles: 2, MaxBytes: 10}, release.Source{Dir: dir, Sum: hash(t, dir)})
	assert.NoError(t, err)
}

func TestWhatCannotBeReadIsUnavailable(t *testing.T) {
	dir := folderOf(t, map[string]string{"a": "1"})
	require.NoError(t, os.Chmod(filepath.Join(dir, "a"), 0))
	folder := filepath.Join(t.TempDir(), "content")
	if os.Getuid() == 0 { // root reads everything; this thread's file access is somebody's
		const somebody = 65534
		for _, path := range []string{dir, filepath.Dir(dir), filepath.Dir(folder), filepath.Dir(filepath.Dir(folder))} {
			require.NoError(t, os.Chown(path, somebody, -1))
		}
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		require.NoError(t, syscall.Setfsuid(somebody))
		defer func() { assert.NoError(t, syscall.Setfsuid(0)) }()
	}
	_, err := source.New("").Fetch(t.Context(), release.Source{Dir: dir, Sum: otherSum}, release.SourcePlace{}, folder)
	require.ErrorIs(t, err, source.ErrUnavailable)
	require.ErrorIs(t, err, os.ErrPermission)
}

func TestAFolderInUseIsNotTouched(t *testing.T) {
	used := folderOf(t, map[string]string{"mine": "1"})
	_, err := source.New("").Fetch(t.Context(), release.Source{Dir: t.TempDir(), Sum: otherSum}, release.SourcePlace{}, used)
	require.ErrorContains(t, err, "not empty")
	assert.FileExists(t, filepath.Join(used, "mine"))

	_, err = source.New("").Fetch(t.Context(), release.Source{Dir: used, Sum: hash(t, used)}, release.SourcePlace{}, filepath.Join(used, "copy"))
	require.ErrorIs(t, err, source.ErrUnfit)
	assert.FileExists(t, filepath.Join(used, "mine"))
	assert.NoDirExists(t, filepath.Join(used, "copy"))
}

func TestCancellingEndsTheGoCommandAndTheCopy(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	slow := filepath.Join(t.TempDir(), "go")
	ready := filepath.Join(t.TempDir(), "ready")
	require.NoError(t, syscall.Mkfifo(ready, 0o600))
	require.NoError(t, os.WriteFile(slow, []byte("#!/bin/sh\necho >"+ready+"\nsleep 300\n"), 0o700))
	go func() {
		_, _ = os.ReadFile(ready)
		cancel()
	}()
	folder := filepath.Join(t.TempDir(), "content")
	_, err := source.New(slow).Fetch(ctx, release.Source{Module: goHTTPBin, Version: "v2.25.0", Sum: otherSum}, release.SourcePlace{}, folder)
	require.ErrorIs(t, err, context.Canceled)

	dir := folderOf(t, map[string]string{strings.Repeat("d/", 9) + "a": "1"})
	_, err = source.New("").Fetch(ctx, release.Source{Dir: dir, Sum: hash(t, dir)}, release.SourcePlace{}, folder)
	require.ErrorIs(t, err, context.Canceled)
	assert.NoDirExists(t, folder)
}

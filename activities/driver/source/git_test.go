package source_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/source"
	"slipway/activities/driver/source/sourcetest"
	"slipway/release"
)

func TestTheNewestCommitOfABranchIsFound(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	first := r.Commit(map[string]string{"a": "1"})
	r.Git("branch", "old")
	second := r.Commit(map[string]string{"a": "2"})
	for branch, want := range map[string]string{"old": first, "main": second} {
		for _, url := range []string{r.Folder, "file://" + r.Folder} {
			got, err := source.New("").Newest(t.Context(), url, branch, release.SourcePlace{})
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
	}
	_, err := source.New("").Newest(t.Context(), r.Folder, "ma*", release.SourcePlace{})
	require.ErrorIs(t, err, source.ErrMissing)
	require.ErrorContains(t, err, `there is no branch "ma*"`)
	_, err = source.New("").Newest(t.Context(), filepath.Join(r.Folder, "gone"), "main", release.SourcePlace{})
	require.ErrorIs(t, err, source.ErrMissing)
	require.ErrorContains(t, err, "gone")
}

func TestNoOtherTransportThanAllowedIsUsed(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	for _, url := range []string{"ext::sh -c touch% " + mark, "ext://" + mark, "http://example.org/x", "git://example.org/x", "--upload-pack=touch " + mark, "relative", "git@example.org:x"} {
		_, err := source.New("").Newest(t.Context(), url, "main", release.SourcePlace{})
		require.ErrorIs(t, err, source.ErrUnfit, url)
	}
	assert.NoFileExists(t, mark)
}

func TestACommitIsLaidOutAsItIsWithoutWhatCameBeforeOrAfter(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		r := sourcetest.NewRepository(t, t.TempDir(), "--object-format="+format)
		r.Commit(map[string]string{"gone": "1", "a": "0"})
		r.Git("rm", "--quiet", "gone")
		require.NoError(t, os.WriteFile(filepath.Join(r.Folder, "run"), []byte("#!/bin/sh\n"), 0o755))
		require.NoError(t, os.Symlink("b", filepath.Join(r.Folder, "folder")))
		require.NoError(t, os.Symlink("nowhere", filepath.Join(r.Folder, "dangling")))
		wanted := r.Commit(map[string]string{
			"a": "1\n", "b/c": "2", "$Id$": "$Id$ $Format:%H$",
			".gitattributes": "* text eol=crlf ident export-subst filter=evil\nb export-ignore\n",
		})
		r.Git("config", "filter.evil.smudge", "touch "+filepath.Join(r.Folder, "evil"))
		r.Commit(map[string]string{"a": "later"})

		folder, sum, err := fetch(t, source.New(""), r.At(wanted))
		require.NoError(t, err, format)
		assert.NoFileExists(t, filepath.Join(folder, "gone"))
		assert.NoFileExists(t, filepath.Join(r.Folder, "evil"))
		assert.NoDirExists(t, filepath.Join(folder, ".git"))
		for path, want := range map[string]string{"a": "1\n", "b/c": "2", "folder/c": "2", "$Id$": "$Id$ $Format:%H$"} {
			text, err := os.ReadFile(filepath.Join(folder, path))
			require.NoError(t, err)
			assert.Equal(t, want, string(text))
		}
		info, err := os.Stat(filepath.Join(folder, "run"))
		require.NoError(t, err)
		assert.NotZero(t, info.Mode().Perm()&0o100)

		pinned := r.At(wanted)
		pinned.Sum = sum
		_, again, err := fetch(t, source.New(""), pinned)
		require.NoError(t, err)
		assert.Equal(t, sum, again)
		pinned.Sum = otherSum
		_, _, err = fetch(t, source.New(""), pinned)
		require.ErrorIs(t, err, source.ErrSum)
	}
}

func TestACommitThatNoBranchLeadsToStillComes(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	r.Commit(nil)
	r.Git("checkout", "--quiet", "-b", "aside")
	lost := r.Commit(map[string]string{"a": "1"})
	r.Git("checkout", "--quiet", "main")
	r.Git("branch", "--quiet", "-D", "aside")
	folder, _, err := fetch(t, source.New(""), r.At(lost))
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(folder, "a"))
}

func TestWhatACommitOnlyPointsToIsToldAndNotLeftOut(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	commit := r.Commit(map[string]string{"big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("a", 64) + "\nsize 12345\n"})
	_, _, err := fetch(t, source.New(""), r.At(commit))
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "big.bin is only a pointer to content in Git LFS")

	r = sourcetest.NewRepository(t, t.TempDir())
	r.Commit(map[string]string{"a": "1"})
	r.Git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",libs/other")
	r.Git("commit", "--quiet", "--message=submodule")
	_, _, err = fetch(t, source.New(""), r.At(r.Git("rev-parse", "HEAD")))
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "libs/other is a submodule")
}

func TestACommitWithTooMuchOrALinkOutOfItIsRefused(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	commit := r.Commit(map[string]string{"a": "12345", "b": "12345"})
	for _, f := range []source.Fetcher{{Git: "git", MaxFiles: 1, MaxBytes: 10}, {Git: "git", MaxFiles: 2, MaxBytes: 9}} {
		_, _, err := fetch(t, &f, r.At(commit))
		require.ErrorIs(t, err, source.ErrUnfit)
	}
	require.NoError(t, os.Symlink("../../etc/passwd", filepath.Join(r.Folder, "out")))
	_, _, err := fetch(t, source.New(""), r.At(r.Commit(nil)))
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, `"out": link out of it`)
}

func TestARepositoryThatIsTooBigIsNotFetched(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	noise := make([]byte, 3<<20)
	_, err := rand.Read(noise)
	require.NoError(t, err)
	commit := r.Commit(map[string]string{"noise": string(noise)})
	_, _, err = fetch(t, &source.Fetcher{Git: "git", MaxFiles: 10, MaxBytes: 1 << 20}, r.At(commit))
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "more than 1048576 bytes")
}

func TestARepositoryOrCommitThatIsGoneIsMissing(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	commit := r.Commit(map[string]string{"a": "1"})
	_, _, err := fetch(t, source.New(""), r.At(strings.Repeat("ab", 20)))
	require.ErrorIs(t, err, source.ErrMissing)
	require.ErrorContains(t, err, "no commit abab")
	require.NoError(t, os.RemoveAll(r.Folder))
	_, _, err = fetch(t, source.New(""), r.At(commit))
	require.ErrorIs(t, err, source.ErrMissing)
	require.ErrorContains(t, err, r.Folder)
}

func TestWithoutGitNothingIsSaidToBeMissing(t *testing.T) {
	f := source.Fetcher{Git: "/no/such/git", MaxFiles: 1, MaxBytes: 1}
	_, _, err := fetch(t, &f, release.Source{Git: "/x", Commit: strings.Repeat("ab", 20)})
	require.ErrorIs(t, err, os.ErrNotExist)
	assert.NotErrorIs(t, err, source.ErrUnavailable)
}

// A repository of somebody else cannot have the worker run anything.
func TestNothingOfTheRepositoryIsRun(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	commit := r.Commit(map[string]string{"a": "1"})
	mark := filepath.Join(t.TempDir(), "mark")
	script := []byte("#!/bin/sh\ntouch " + mark + "\n")
	for _, hook := range []string{"post-checkout", "reference-transaction", "post-merge", "pre-auto-gc"} {
		require.NoError(t, os.WriteFile(filepath.Join(r.Folder, ".git/hooks", hook), script, 0o755))
	}
	r.Git("config", "uploadpack.packObjectsHook", "touch "+mark)
	home := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("[core]\n\thooksPath = "+filepath.Join(r.Folder, ".git/hooks")+"\n[credential]\n\thelper = !touch "+mark+"\n"), 0o600))
	t.Setenv("HOME", home)
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "uploadpack.packObjectsHook")
	t.Setenv("GIT_CONFIG_VALUE_0", "touch "+mark)
	t.Setenv("GIT_DIR", r.Folder)
	_, _, err := fetch(t, source.New(""), r.At(commit))
	require.NoError(t, err)
	assert.NoFileExists(t, mark)
}

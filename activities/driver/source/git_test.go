package source_test

import (
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/source"
	"slipway/release"
)

// repository is a real one, in a folder.
type repository struct {
	t      *testing.T
	folder string
}

func newRepository(t *testing.T, args ...string) repository {
	t.Helper()
	r := repository{t, t.TempDir()}
	r.git(append([]string{"init", "--quiet", "--initial-branch=main"}, args...)...)
	return r
}

// git runs git in the repository, as somebody, and gives what it printed.
func (r repository) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.folder
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=eva", "GIT_AUTHOR_EMAIL=eva@acme", "GIT_COMMITTER_NAME=eva", "GIT_COMMITTER_EMAIL=eva@acme")
	out, err := cmd.CombinedOutput()
	require.NoError(r.t, err, string(out))
	return strings.TrimSpace(string(out))
}

// commit writes files and commits everything.
func (r repository) commit(files map[string]string) string {
	r.t.Helper()
	for path, text := range files {
		path = filepath.Join(r.folder, path)
		require.NoError(r.t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(r.t, os.WriteFile(path, []byte(text), 0o644))
	}
	r.git("add", "--all")
	r.git("commit", "--quiet", "--allow-empty", "--message=work")
	return r.git("rev-parse", "HEAD")
}

func TestTheNewestCommitOfABranchIsFound(t *testing.T) {
	r := newRepository(t)
	first := r.commit(map[string]string{"a": "1"})
	r.git("branch", "old")
	second := r.commit(map[string]string{"a": "2"})
	for branch, want := range map[string]string{"old": first, "main": second} {
		for _, url := range []string{r.folder, "file://" + r.folder} {
			got, err := source.New("").Newest(t.Context(), url, branch, release.SourcePlace{})
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
	}
	_, err := source.New("").Newest(t.Context(), r.folder, "ma*", release.SourcePlace{})
	require.ErrorIs(t, err, source.ErrMissing)
	require.ErrorContains(t, err, `there is no branch "ma*"`)
	_, err = source.New("").Newest(t.Context(), filepath.Join(r.folder, "gone"), "main", release.SourcePlace{})
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

func (r repository) at(commit string) release.Source {
	return release.Source{Git: r.folder, Commit: commit}
}

func TestACommitIsLaidOutAsItIsWithoutWhatCameBeforeOrAfter(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		r := newRepository(t, "--object-format="+format)
		r.commit(map[string]string{"gone": "1", "a": "0"})
		r.git("rm", "--quiet", "gone")
		require.NoError(t, os.WriteFile(filepath.Join(r.folder, "run"), []byte("#!/bin/sh\n"), 0o755))
		require.NoError(t, os.Symlink("b", filepath.Join(r.folder, "folder")))
		require.NoError(t, os.Symlink("nowhere", filepath.Join(r.folder, "dangling")))
		wanted := r.commit(map[string]string{
			"a": "1\n", "b/c": "2", "$Id$": "$Id$ $Format:%H$",
			".gitattributes": "* text eol=crlf ident export-subst filter=evil\nb export-ignore\n",
		})
		r.git("config", "filter.evil.smudge", "touch "+filepath.Join(r.folder, "evil"))
		r.commit(map[string]string{"a": "later"})

		folder, sum, err := fetch(t, source.New(""), r.at(wanted))
		require.NoError(t, err, format)
		assert.NoFileExists(t, filepath.Join(folder, "gone"))
		assert.NoFileExists(t, filepath.Join(r.folder, "evil"))
		assert.NoDirExists(t, filepath.Join(folder, ".git"))
		for path, want := range map[string]string{"a": "1\n", "b/c": "2", "folder/c": "2", "$Id$": "$Id$ $Format:%H$"} {
			text, err := os.ReadFile(filepath.Join(folder, path))
			require.NoError(t, err)
			assert.Equal(t, want, string(text))
		}
		info, err := os.Stat(filepath.Join(folder, "run"))
		require.NoError(t, err)
		assert.NotZero(t, info.Mode().Perm()&0o100)

		pinned := r.at(wanted)
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
	r := newRepository(t)
	r.commit(nil)
	r.git("checkout", "--quiet", "-b", "aside")
	lost := r.commit(map[string]string{"a": "1"})
	r.git("checkout", "--quiet", "main")
	r.git("branch", "--quiet", "-D", "aside")
	folder, _, err := fetch(t, source.New(""), r.at(lost))
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(folder, "a"))
}

func TestWhatACommitOnlyPointsToIsToldAndNotLeftOut(t *testing.T) {
	r := newRepository(t)
	commit := r.commit(map[string]string{"big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("a", 64) + "\nsize 12345\n"})
	_, _, err := fetch(t, source.New(""), r.at(commit))
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "big.bin is only a pointer to content in Git LFS")

	r = newRepository(t)
	r.commit(map[string]string{"a": "1"})
	r.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",libs/other")
	r.git("commit", "--quiet", "--message=submodule")
	_, _, err = fetch(t, source.New(""), r.at(r.git("rev-parse", "HEAD")))
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "libs/other is a submodule")
}

func TestACommitWithTooMuchOrALinkOutOfItIsRefused(t *testing.T) {
	r := newRepository(t)
	commit := r.commit(map[string]string{"a": "12345", "b": "12345"})
	for _, f := range []source.Fetcher{{Git: "git", MaxFiles: 1, MaxBytes: 10}, {Git: "git", MaxFiles: 2, MaxBytes: 9}} {
		_, _, err := fetch(t, &f, r.at(commit))
		require.ErrorIs(t, err, source.ErrUnfit)
	}
	require.NoError(t, os.Symlink("../../etc/passwd", filepath.Join(r.folder, "out")))
	_, _, err := fetch(t, source.New(""), r.at(r.commit(nil)))
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, `"out": link out of it`)
}

func TestARepositoryThatIsTooBigIsNotFetched(t *testing.T) {
	r := newRepository(t)
	noise := make([]byte, 3<<20)
	_, err := rand.Read(noise)
	require.NoError(t, err)
	commit := r.commit(map[string]string{"noise": string(noise)})
	_, _, err = fetch(t, &source.Fetcher{Git: "git", MaxFiles: 10, MaxBytes: 1 << 20}, r.at(commit))
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "more than 1048576 bytes")
}

func TestARepositoryOrCommitThatIsGoneIsMissing(t *testing.T) {
	r := newRepository(t)
	commit := r.commit(map[string]string{"a": "1"})
	_, _, err := fetch(t, source.New(""), r.at(strings.Repeat("ab", 20)))
	require.ErrorIs(t, err, source.ErrMissing)
	require.ErrorContains(t, err, "no commit abab")
	require.NoError(t, os.RemoveAll(r.folder))
	_, _, err = fetch(t, source.New(""), r.at(commit))
	require.ErrorIs(t, err, source.ErrMissing)
	require.ErrorContains(t, err, r.folder)
}

func TestWithoutGitNothingIsSaidToBeMissing(t *testing.T) {
	f := source.Fetcher{Git: "/no/such/git", MaxFiles: 1, MaxBytes: 1}
	_, _, err := fetch(t, &f, release.Source{Git: "/x", Commit: strings.Repeat("ab", 20)})
	require.ErrorIs(t, err, os.ErrNotExist)
	assert.NotErrorIs(t, err, source.ErrUnavailable)
}

// A repository of somebody else cannot have the worker run anything.
func TestNothingOfTheRepositoryIsRun(t *testing.T) {
	r := newRepository(t)
	commit := r.commit(map[string]string{"a": "1"})
	mark := filepath.Join(t.TempDir(), "mark")
	script := []byte("#!/bin/sh\ntouch " + mark + "\n")
	for _, hook := range []string{"post-checkout", "reference-transaction", "post-merge", "pre-auto-gc"} {
		require.NoError(t, os.WriteFile(filepath.Join(r.folder, ".git/hooks", hook), script, 0o755))
	}
	r.git("config", "uploadpack.packObjectsHook", "touch "+mark)
	home := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("[core]\n\thooksPath = "+filepath.Join(r.folder, ".git/hooks")+"\n[credential]\n\thelper = !touch "+mark+"\n"), 0o600))
	t.Setenv("HOME", home)
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "uploadpack.packObjectsHook")
	t.Setenv("GIT_CONFIG_VALUE_0", "touch "+mark)
	t.Setenv("GIT_DIR", r.folder)
	_, _, err := fetch(t, source.New(""), r.at(commit))
	require.NoError(t, err)
	assert.NoFileExists(t, mark)
}

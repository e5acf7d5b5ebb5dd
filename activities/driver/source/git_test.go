package source_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/source"
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
			got, err := source.New("").Newest(t.Context(), url, branch)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
	}
	_, err := source.New("").Newest(t.Context(), r.folder, "ma*")
	require.ErrorIs(t, err, source.ErrMissing)
	require.ErrorContains(t, err, `there is no branch "ma*"`)
	_, err = source.New("").Newest(t.Context(), filepath.Join(r.folder, "gone"), "main")
	require.ErrorIs(t, err, source.ErrMissing)
	require.ErrorContains(t, err, "gone")
}

func TestNoOtherTransportThanAllowedIsUsed(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	for _, url := range []string{"ext::sh -c touch% " + mark, "ext://" + mark, "http://example.org/x", "git://example.org/x", "--upload-pack=touch " + mark, "relative", "git@example.org:x"} {
		_, err := source.New("").Newest(t.Context(), url, "main")
		require.ErrorIs(t, err, source.ErrUnfit, url)
	}
	assert.NoFileExists(t, mark)
}

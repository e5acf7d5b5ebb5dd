// Package sourcetest makes git repositories for tests of what is built from them.
package sourcetest

import (
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/release"
)

// Repository is a real one, in a folder.
type Repository struct {
	t      testing.TB
	Folder string
}

// NewRepository makes one in a folder, with nothing on its branch "main"; args are more
// of those of git init.
func NewRepository(t testing.TB, folder string, args ...string) Repository {
	t.Helper()
	require.NoError(t, os.MkdirAll(folder, 0o755))
	r := Repository{t, folder}
	r.Git(append([]string{"init", "--quiet", "--initial-branch=main"}, args...)...)
	return r
}

// Git runs git in the repository, as eva, whatever the machine's own settings are, and
// gives what it printed.
func (r Repository) Git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.Folder
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=eva", "GIT_AUTHOR_EMAIL=eva@acme", "GIT_COMMITTER_NAME=eva", "GIT_COMMITTER_EMAIL=eva@acme")
	out, err := cmd.CombinedOutput()
	require.NoError(r.t, err, string(out))
	return strings.TrimSpace(string(out))
}

// Commit writes files by their paths, and gives the commit of all that lies there.
func (r Repository) Commit(files map[string]string) string {
	r.t.Helper()
	for path, text := range files {
		path = filepath.Join(r.Folder, path)
		require.NoError(r.t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(r.t, os.WriteFile(path, []byte(text), 0o644))
	}
	r.Git("add", "--all")
	r.Git("commit", "--quiet", "--allow-empty", "--message=work")
	return r.Git("rev-parse", "HEAD")
}

// At gives a commit of the repository as a source.
func (r Repository) At(commit string) release.Source {
	return release.Source{Git: r.Folder, Commit: commit}
}

// Served gives what serves all repositories of a folder over HTTP, by git's own program.
func Served(t testing.TB, folder string) http.Handler {
	t.Helper()
	path, err := exec.Command("git", "--exec-path").Output()
	require.NoError(t, err)
	return &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(path)), "git-http-backend"), InheritEnv: []string{"PATH"},
		Env: []string{"GIT_PROJECT_ROOT=" + folder, "GIT_HTTP_EXPORT_ALL=1"}, Stderr: os.Stderr,
	}
}

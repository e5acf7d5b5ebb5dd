// Package sourcetest makes git repositories for tests of what is built from them.
package sourcetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Repository is a real one, in a folder.
type Repository struct {
	t      testing.TB
	Folder string
}

// NewRepository makes one in a folder, with nothing on its branch "main".
func NewRepository(t testing.TB, folder string) Repository {
	t.Helper()
	require.NoError(t, os.MkdirAll(folder, 0o755))
	r := Repository{t, folder}
	r.Git("init", "--quiet", "--initial-branch=main")
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

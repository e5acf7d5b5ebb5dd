// Package repository makes the git repository from which the demo takes its
// acceptance suite: a real controlled source, with one commit that is the same on
// every machine.
package repository

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Make makes a bare repository in a folder that does not exist yet, with one commit
// on the branch main that holds the files of content. The hash of the commit, which
// it gives, depends on nothing but the files.
func Make(ctx context.Context, folder, content string) (commit string, err error) {
	steps := [][]string{
		{"init", "--quiet", "--initial-branch=main"},
		{"add", "--all", "."},
		{"commit", "--quiet", "--message=The acceptance suite of httpbin"},
		{"config", "core.bare", "true"},
	}
	for _, step := range steps {
		if _, err := git(ctx, folder, content, step...); err != nil {
			return "", err
		}
	}
	return git(ctx, folder, content, "rev-parse", "main")
}

// git runs git away from what the user has configured.
func git(ctx context.Context, folder, content string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.autocrlf=false", "-c", "commit.gpgSign=false"}, args...)...)
	cmd.Dir = content
	cmd.Env = append(os.Environ(),
		"GIT_DIR="+folder, "GIT_WORK_TREE="+content, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=Tess Transfer", "GIT_AUTHOR_EMAIL=tess@example.org", "GIT_AUTHOR_DATE=2026-01-01T00:00:00Z",
		"GIT_COMMITTER_NAME=Tess Transfer", "GIT_COMMITTER_EMAIL=tess@example.org", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z",
	)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return strings.TrimSpace(string(out)), nil
}

package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"

	"slipway/release"
)

// gone recognises the go command's words for what will not come by waiting: a
// proxy's answer, or a repository without the revision.
var gone = regexp.MustCompile(`: (403|404|410) [A-Z]|unknown revision|no matching versions|not found: `)

// downloaded is what "go mod download -json" tells.
type downloaded struct {
	Dir   string
	Sum   string
	Error string
}

// takeModule lays out a module that has the definition's sum. Fetch checks the copy
// too: the module cache may have been changed since the go command filled it.
func (f *Fetcher) takeModule(ctx context.Context, s release.Source, folder string) error {
	found, err := f.goDownload(ctx, s)
	if err != nil {
		return err
	}
	if found.Sum != s.Sum {
		return &SumError{Source: s, Want: s.Sum, Got: found.Sum}
	}
	return f.copyTree(ctx, found.Dir, folder)
}

// goDownload has the go command bring the module into its cache, checked against
// its checksum database as the worker's environment says.
func (f *Fetcher) goDownload(ctx context.Context, s release.Source) (downloaded, error) {
	var found downloaded
	// Away from any go.mod, which could replace the module.
	empty, err := os.MkdirTemp("", "slipway-source-")
	if err != nil {
		return found, err
	}
	defer func() { _ = os.RemoveAll(empty) }()

	cmd := exec.CommandContext(ctx, f.Go, "mod", "download", "-json", s.Module+"@"+s.Version)
	cmd.Dir = empty
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GIT_TERMINAL_PROMPT=0")
	stdout, stderr, err := run(ctx, cmd)
	if ctx.Err() != nil {
		return found, err
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return found, fmt.Errorf("run the go command: %w", err)
	}
	if json.Unmarshal([]byte(stdout), &found) != nil || found.Error != "" || found.Dir == "" {
		return found, unavailable(found.Error + "\n" + stderr)
	}
	return found, nil
}

// unavailable tells in one line what the go command said.
func unavailable(said string) error {
	kind := ErrUnavailable
	if gone.MatchString(said) {
		kind = ErrMissing
	}
	return fmt.Errorf("%w: %s", kind, quoted(said))
}

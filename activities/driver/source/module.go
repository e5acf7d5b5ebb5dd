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

// download has the go command bring the module into its cache, checked against
// its checksum database as the worker's environment says.
func (f *Fetcher) download(ctx context.Context, s release.Source) (downloaded, error) {
	var found downloaded
	// Away from any go.mod, which could replace the module.
	empty, err := os.MkdirTemp("", "slipway-source-")
	if err != nil {
		return found, fmt.Errorf("%s: %w", s, err)
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
		return found, fmt.Errorf("%s: run the go command: %w", s, err)
	}
	if json.Unmarshal([]byte(stdout), &found) != nil || found.Error != "" || found.Dir == "" {
		return found, unavailable(s, found.Error+"\n"+stderr)
	}
	return found, nil
}

// unavailable tells in one line what the go command said.
func unavailable(s release.Source, said string) error {
	kind := ErrUnavailable
	if gone.MatchString(said) {
		kind = ErrMissing
	}
	return fmt.Errorf("%s: %w: %s", s, kind, quoted(said))
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"slipway/release"
)

// exitOtherOutcome is starter's exit status for a release that ended otherwise
// than completed.
const exitOtherOutcome = 4

// operator works with starter like a person at a terminal, which shows the
// commands and what they print.
type operator struct {
	starter string
	// keyOf is the file of somebody's private key.
	keyOf  func(person string) string
	env    []string
	screen *screen
}

func newOperator(s *site) operator {
	return operator{starter: filepath.Join(s.Root, "bin/starter"), keyOf: s.keyOf, env: s.environment(), screen: &screen{out: os.Stdout}}
}

// release starts a release, shows its progress, lets the approvers answer what
// it waits for, and checks how it ends.
func (o operator) release(ctx context.Context, definition, id string, want release.Outcome) error {
	if err := o.run(ctx, "start", "-f", definition); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var showing sync.WaitGroup
	var shown error
	showing.Go(func() { shown = o.run(ctx, "watch", id) })
	last, err := o.follow(ctx, id, newApprover(o))
	if err != nil {
		cancel(err)
	}
	showing.Wait()
	switch {
	case err != nil:
		return err
	case shown != nil && exitStatus(shown) != exitOtherOutcome:
		return shown
	case last.Outcome != want:
		return fmt.Errorf("%s ended as %q, want %s: %s", id, last.Outcome, want, last.Reason)
	}
	return nil
}

// follow reads the release's status whenever it changes, until it is closed.
func (o operator) follow(ctx context.Context, id string, a *approver) (release.Record, error) {
	var record release.Record
	cmd := exec.CommandContext(ctx, o.starter, "watch", id, "-o", "jsonl")
	cmd.Env, cmd.Stderr = o.env, io.Discard // the shown watch says it
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return record, err
	}
	if err := cmd.Start(); err != nil {
		return record, err
	}
	for changes := json.NewDecoder(stdout); ; {
		var next release.Record
		err := changes.Decode(&next)
		if err == nil {
			record = next
			err = a.answer(ctx, record)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			_ = cmd.Process.Kill()
			return record, errors.Join(err, ctx.Err())
		}
	}
	if err := cmd.Wait(); err != nil && exitStatus(err) != exitOtherOutcome {
		return record, fmt.Errorf("starter watch %s: %w", id, err)
	}
	return record, nil
}

// run shows a command of starter and what it prints.
func (o operator) run(ctx context.Context, args ...string) error {
	line := make([]string, len(args))
	for i, arg := range args {
		line[i] = quote(arg)
	}
	o.screen.print("$ starter " + strings.Join(line, " ") + "\n")
	cmd := exec.CommandContext(ctx, o.starter, args...)
	out := &lines{screen: o.screen}
	cmd.Env, cmd.Stdout, cmd.Stderr = o.env, out, out
	err := cmd.Run()
	out.flush()
	if err != nil && context.Cause(ctx) == nil {
		return fmt.Errorf("starter %s: %w", args[0], err)
	}
	return err
}

func exitStatus(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// quote writes an argument as a shell reads it.
func quote(arg string) string {
	if arg != "" && !strings.ContainsAny(arg, " \t\n'\"$\\*?;&|<>()") {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

// screen is shared by commands that run at the same time.
type screen struct {
	sync.Mutex
	out io.Writer
}

func (s *screen) print(text string) {
	s.Lock()
	defer s.Unlock()
	fmt.Fprint(s.out, text)
}

// lines passes whole lines on to the screen, so that those of several commands
// do not mix.
type lines struct {
	screen *screen
	rest   []byte
}

func (l *lines) Write(data []byte) (int, error) {
	l.rest = append(l.rest, data...)
	if end := bytes.LastIndexByte(l.rest, '\n'); end >= 0 {
		l.screen.print(string(l.rest[:end+1]))
		l.rest = l.rest[end+1:]
	}
	return len(data), nil
}

func (l *lines) flush() {
	if len(l.rest) > 0 {
		l.screen.print(string(l.rest) + "\n")
	}
}

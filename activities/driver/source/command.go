package source

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// maxSaid bounds what a command is quoted with, in bytes.
const maxSaid = 1000

// run runs a command that ends with its context, and with it whatever it started. It
// gives what it said on stderr, and its output unless that goes elsewhere. The error
// is ctx.Err(), an *exec.ExitError, or that it could not be started.
func run(ctx context.Context, cmd *exec.Cmd) (stdout, stderr string, err error) {
	var out, said bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &out
	}
	cmd.Stderr = &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return out.String(), said.String(), err
}

// quoted tells in one line what a command said.
func quoted(said string) string {
	said = strings.ToValidUTF8(strings.Join(strings.Fields(said), " "), "")
	if len(said) > maxSaid {
		said = strings.ToValidUTF8(said[:maxSaid], "") + "…"
	}
	return said
}

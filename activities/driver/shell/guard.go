package shell

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// guard is a process that kills the script's group when the worker dies without
// a chance to do so: it waits for the end of a pipe that only the worker holds.
// (Pdeathsig reaches the shell, but not the shell's children.)
type guard struct {
	cmd  *exec.Cmd
	line *os.File
}

const guardScript = `read -r group && { read -r end || kill -9 "-$group"; }`

func newGuard() (*guard, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe for its guard: %w", err)
	}
	defer func() { _ = read.Close() }()
	cmd := exec.Command("/bin/sh", "-c", guardScript)
	cmd.Env, cmd.Stdin = []string{}, read
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		_ = write.Close()
		return nil, fmt.Errorf("start its guard: %w", err)
	}
	return &guard{cmd: cmd, line: write}, nil
}

// watch tells the guard the group. If the guard is gone the script runs without.
func (g *guard) watch(group int) { _, _ = fmt.Fprintln(g.line, group) }

// release ends the guard without its doing anything.
func (g *guard) release() {
	_ = g.cmd.Process.Kill()
	_ = g.cmd.Wait()
	_ = g.line.Close()
}

package shell

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
)

// guard is a process that kills the groups of scripts when the worker dies without a
// chance to do so: it waits for the end of a pipe that only the worker holds.
// (Pdeathsig reaches a shell, but not the shell's children.) There is one for all
// scripts of the worker, since a process for each would cost as much as the script.
type guard struct {
	mu sync.Mutex
	// line is nil before the first script, and when the guard is gone.
	line   *os.File
	groups map[int]bool
}

// guarding is the worker's guard.
var guarding = &guard{groups: map[int]bool{}}

const guardScript = `groups=
while read -r sign group; do
	case $sign in
	+) groups="$groups $group" ;;
	-)
		rest=
		for other in $groups; do [ "$other" = "$group" ] || rest="$rest $other"; done
		groups=$rest
		;;
	esac
done
for group in $groups; do kill -9 "-$group"; done`

// hold has a group guarded. A guard that is gone, as when somebody killed it, gives way
// to another one, which then guards all.
func (g *guard) hold(group int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.ready(); err != nil {
		return err
	}
	g.groups[group] = true
	if g.tell("+", group) {
		return nil
	}
	return g.ready()
}

// release has a group guarded no more, before its number is given to others.
func (g *guard) release(group int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.groups, group)
	g.tell("-", group)
}

// ready starts a guard if there is none, and tells it what is guarded.
func (g *guard) ready() error {
	if g.line != nil {
		return nil
	}
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("pipe for its guard: %w", err)
	}
	defer func() { _ = read.Close() }()
	cmd := exec.Command("/bin/sh", "-c", guardScript)
	cmd.Env, cmd.Stdin = []string{}, read
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		_ = write.Close()
		return fmt.Errorf("start its guard: %w", err)
	}
	go func() { _ = cmd.Wait() }()
	g.line = write
	for _, group := range slices.Sorted(maps.Keys(g.groups)) {
		g.tell("+", group)
	}
	return nil
}

// tell is false when there is no guard any more. What is in the pipe reaches it, even
// when the worker dies at once.
func (g *guard) tell(sign string, group int) bool {
	if g.line == nil {
		return false
	}
	if _, err := fmt.Fprintf(g.line, "%s %d\n", sign, group); err != nil {
		_ = g.line.Close()
		g.line = nil
		return false
	}
	return true
}

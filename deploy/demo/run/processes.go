package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopPatience is how long a process may take to end before it is killed.
var stopPatience = 15 * time.Second

// processes are the parts of the demo that outlive the runner. Each keeps a lock
// on its pid file, by an open file that it inherits: the lock tells a live
// process from a number that another one got since.
type processes struct{ pids, logs string }

// process is a part that was started, and a channel that is closed when it ends.
type process struct {
	name, log string
	ended     <-chan struct{}
}

// start runs a command in a session of its own, with its output in a log.
func (p processes) start(name string, env []string, command ...string) (process, error) {
	pid, err := os.OpenFile(filepath.Join(p.pids, name+".pid"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return process{}, err
	}
	defer pid.Close()
	if err := syscall.Flock(int(pid.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return process{}, fmt.Errorf("%s is already running: %w", name, err)
	}
	log, err := os.Create(filepath.Join(p.logs, name+".log"))
	if err != nil {
		return process{}, err
	}
	defer log.Close()

	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, log, log
	cmd.ExtraFiles = []*os.File{pid}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return process{}, err
	}
	// Not before the lock was had: it may have held the number of a live process.
	if err := os.WriteFile(pid.Name(), fmt.Appendln(nil, cmd.Process.Pid), 0o644); err != nil {
		return process{}, err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // why it ended is in its log
		close(ended)
	}()
	return process{name: name, log: log.Name(), ended: ended}, nil
}

// await returns when something holds, the process has ended or time is up.
func (p process) await(ctx context.Context, what string, holds func(context.Context) bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for !holds(ctx) {
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended before %s:\n%s", p.name, what, lastLines(p.log))
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %s: %w", what, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// stopAll ends everything that is still running, the server last.
func (p processes) stopAll() error {
	files, err := filepath.Glob(filepath.Join(p.pids, "*.pid"))
	if err != nil {
		return err
	}
	rank := map[string]int{"worker.pid": -1, "server.pid": 1}
	slices.SortStableFunc(files, func(a, b string) int {
		return cmp.Compare(rank[filepath.Base(a)], rank[filepath.Base(b)])
	})
	var failures []error
	for _, file := range files {
		failures = append(failures, stop(file))
	}
	return errors.Join(failures...)
}

// stop ends the process of a pid file: politely, then by force.
func stop(path string) error {
	name := strings.TrimSuffix(filepath.Base(path), ".pid")
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	gone := func() bool { return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil }
	if gone() {
		return os.Remove(path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return fmt.Errorf("%s is running, but %s does not say as what: %w", name, path, err)
	}
	// The group is the process and what it started; a signal to one that has just
	// ended is lost, and the lock says so.
	for _, attempt := range []func(){
		func() { _ = syscall.Kill(pid, syscall.SIGTERM) },
		func() { _ = syscall.Kill(-pid, syscall.SIGKILL) },
	} {
		attempt()
		for late := time.Now().Add(stopPatience); time.Now().Before(late); time.Sleep(10 * time.Millisecond) {
			if gone() {
				fmt.Println("stopped", name)
				return os.Remove(path)
			}
		}
	}
	return fmt.Errorf("%s (process %d) cannot be stopped", name, pid)
}

// lastLines gives the end of a log.
func lastLines(path string) string {
	const enough = 2000
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-enough):])
}

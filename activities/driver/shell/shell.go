// Package shell runs the POSIX scripts of builds, test suites and deployment
// steps: in a process group of their own that never outlives the run nor the
// worker, with a declared environment, with secrets kept out of the log.
package shell

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"syscall"
	"time"

	"slipway/release"
)

// DefaultTimeout is how long a script may take that does not say so itself.
const DefaultTimeout = 10 * time.Minute

// grace is how long a script has to end by itself after SIGTERM.
const grace = 3 * time.Second

// Command is a script and everything that it may know.
type Command struct {
	// Name is what people call the script; it is also the script's $0, and so
	// starts the shell's own messages.
	Name string
	// Script is run by "/bin/sh -eu".
	Script string
	// Dir is the working folder; it has to exist.
	Dir string
	// Env is the environment, besides a small base of the worker's own: where programs,
	// caches and the Go proxy are.
	Env map[string]string
	// Home is a folder of the script's own for $HOME. With it nothing reaches the script
	// that other scripts left in the worker's caches: the base is smaller then.
	Home string
	// Secrets maps a variable to the reference of its value, "env:NAME" or
	// "file:PATH" on the worker. The values appear as *** in log and tail.
	Secrets map[string]string
	// Timeout ends the script; zero stands for DefaultTimeout.
	Timeout time.Duration
	// Newest, which may be nil, gets the last few lines of the output, the oldest first,
	// as often as output arrives.
	Newest func(lines []string)
}

// Run runs the script to its end and tells how it ended. Its output, standard
// error included, goes to log as it comes; progress, which may be nil, gets the
// newest line of it, as often as output arrives. Neither is called twice at a time.
//
// A script that fails, is killed (exit status 128 and the signal's number) or
// times out is an Execution, not an error; Log is left for the caller to fill.
// Errors are for what could not be done: ErrSecret, a shell that does not start,
// a log that cannot be written, or ctx.Err() when ctx ended first. With the last
// two, the Execution holds what is known so far; its Started is zero when the script
// did not begin.
//
// When the script ends, times out or ctx does, no process of its group is left.
// A service that is meant to stay has to leave the group (setsid) and must not
// keep the script's output open, which nobody reads any more.
func Run(ctx context.Context, c Command, log io.Writer, progress func(line string)) (release.Execution, error) {
	done := release.Execution{Name: c.Name}
	env, secrets, err := c.environment()
	if err != nil {
		return done, err
	}
	if err := ctx.Err(); err != nil {
		return done, err
	}
	// Pdeathsig is tied to the thread that starts the shell, so that thread has
	// to live as long as the script.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	started := time.Now().UTC()
	p, err := start(c, env)
	if err != nil {
		return done, err
	}
	done.Started = started
	out := &output{log: log, redact: secrets.redactor(), progress: progress, newest: c.Newest}
	copied := out.follow(p.output)

	done.TimedOut, err = p.await(ctx, c.timeout(), copied.failed)
	p.sweep()
	copied.finish()

	done.Elapsed = release.Duration(time.Since(done.Started).Round(time.Millisecond))
	done.PeakMemory = p.memory.peak(p.cmd.ProcessState.SysUsage().(*syscall.Rusage))
	done.Exit = exitStatus(p.cmd.ProcessState.Sys().(syscall.WaitStatus))
	done.Tail = out.tail.String()
	if err == nil && out.err != nil {
		err = out.err
	}
	return done, err
}

func (c Command) timeout() time.Duration {
	if c.Timeout <= 0 {
		return DefaultTimeout
	}
	return c.Timeout
}

// await waits for the end of the script, and asks it to end when its time is
// over, ctx ends or its output cannot be kept.
func (p *process) await(ctx context.Context, timeout time.Duration, failed <-chan struct{}) (timedOut bool, err error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-p.ended:
		return false, nil
	case <-timer.C:
		timedOut = true
	case <-ctx.Done():
		err = ctx.Err()
	case <-failed:
	}
	p.terminate()
	return timedOut, err
}

// exitStatus is the status as a shell would report it.
func exitStatus(s syscall.WaitStatus) int {
	if s.Signaled() {
		return 128 + int(s.Signal())
	}
	return s.ExitStatus()
}

// describe names the script in errors.
func (c Command) describe() string { return fmt.Sprintf("script %q", c.Name) }

// Command starter launches, follows and steers releases from a terminal or a
// script. "starter --help" lists its verbs.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

// version is set by the build.
var version = "dev"

// garbage is how much there may be, in percent of what is in use, before it is collected.
const garbage = 800

func main() {
	// A call is over before it pays to collect garbage; what reads a lot still is kept small.
	debug.SetGCPercent(garbage)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	a := &app{
		in: os.Stdin, out: os.Stdout, errs: os.Stderr,
		env: os.Environ(), now: time.Now, zone: time.Local,
	}
	status := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

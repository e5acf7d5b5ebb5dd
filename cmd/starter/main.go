// Command starter launches, follows and steers releases from a terminal or a
// script. "starter --help" lists its verbs.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// version is set by the build.
var version = "dev"

func main() {
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

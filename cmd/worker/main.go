// Command worker carries releases out: it serves a Temporal task queue with
// Slipway's workflows and activities.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"
	sdk "go.temporal.io/sdk/worker"

	"slipway/config"
	"slipway/worker"
)

// version is set by the linker.
var version = "dev"

func main() { os.Exit(run()) }

// run gives the exit status: 1 for what could not be done, 2 for wrong use or an
// invalid configuration.
func run() int {
	flags := pflag.NewFlagSet("worker", pflag.ContinueOnError)
	config.Flags(flags)
	show := flags.Bool("version", false, "print the version")
	if err := flags.Parse(os.Args[1:]); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return 0
		}
		fmt.Fprintln(os.Stderr, "worker:", err)
		return 2
	}
	if *show {
		fmt.Println("slipway worker", version)
		return 0
	}
	c, err := config.Load(flags)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	log, err := c.Log.Logger()
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		return 2
	}
	// By it histories tell what did their tasks. Without, the SDK sums up the whole program
	// at each start, which takes longer than all the rest.
	sdk.SetBinaryChecksum("slipway " + version)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := worker.Run(ctx, c, log); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		return 1
	}
	return 0
}

// Command run shows Slipway at work: it starts a Temporal server, a worker and
// four target hosts on this machine, and carries the sample service through two
// releases as its operators and approvers would.
//
//	run -temporal PATH up        release 2.25.0, then 2.26.0
//	run -temporal PATH backout   the same, with a 2.26.0 that has to be backed out
//	run down                     stop what either left running
//
// It is run from the root of the repository; "make demo" does. All that it
// leaves is in .demo.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"slipway/release"
)

// scenario is what a demo releases on top of the baseline, and how that is to end.
type scenario struct {
	definition string
	outcome    release.Outcome
	// serves is the version that production serves in the end.
	serves string
}

var scenarios = map[string]scenario{
	"up":      {"deploy/demo/httpbin-2.26.0.yaml", release.Completed, "2.26.0"},
	"backout": {"deploy/demo/httpbin-2.26.0-backout.yaml", release.BackedOut, "2.25.0"},
}

const baseline = "deploy/demo/httpbin-2.25.0.yaml"

func main() {
	temporal := flag.String("temporal", "temporal", "the temporal program")
	flag.Parse()
	if err := run(*temporal, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(temporal, verb string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	chosen, found := scenarios[verb]
	if !found && verb != "down" {
		return fmt.Errorf("%q is not one of up, backout, down", verb)
	}
	s, err := newSite(temporal)
	if err != nil {
		return err
	}
	if verb == "down" {
		return s.stopAll()
	}
	if err := s.clear(); err != nil {
		return err
	}
	defer fmt.Println("\nServer, worker and hosts go on running. Stop them with: make demo-down")
	if err := s.up(ctx); err != nil {
		return fmt.Errorf("%w\nlogs are in %s", err, s.logs)
	}
	return play(ctx, s, chosen)
}

// play carries out both releases and says what came of them.
func play(ctx context.Context, s *site, chosen scenario) error {
	o := newOperator(s)
	fmt.Printf("\n# The first release becomes the baseline.\n")
	if err := o.release(ctx, baseline, "httpbin@2.25.0", release.Completed); err != nil {
		return err
	}
	fmt.Printf("\n# The next one replaces it. All the while somebody asks every target of production.\n")
	const id = "httpbin@2.26.0"
	users := watchTargets(ctx, s.in("production"))
	ended := o.release(ctx, chosen.definition, id, chosen.outcome)
	tallies := users.stop()
	if ended != nil {
		return ended
	}
	report := s.path("report.html")
	if err := o.run(ctx, "report", id, "--html", report); err != nil {
		return err
	}
	fmt.Printf("\n# What an auditor asks, of the library and the roster alone: was what runs authorized?\n")
	if err := o.run(ctx, "audit", "verify", id, "--roster", s.short("slipway.yaml")); err != nil {
		return err
	}
	address, err := s.uiAddress(ctx, id)
	if err != nil {
		return err
	}
	fmt.Printf("\nWhile %s was on its way, the targets of production were asked every %s:\n%s", id, askEvery, tallies)
	served := s.serving("production")
	fmt.Printf("\nOutcome   %s\nServing   %s\nReport    %s\nWeb UI    %s\n", chosen.outcome, served, report, address)
	service, _, err := release.ParseID(id)
	if err != nil {
		return err
	}
	fmt.Printf("\nLook next at\n  export TEMPORAL_ADDRESS=%s\n", s.address())
	for _, verb := range []string{
		"report " + id, "report portfolio", "cms baseline --history", "catalogue " + service,
		"dml show " + id + " --config " + s.short("slipway.yaml"),
	} {
		fmt.Printf("  bin/starter %s\n", verb)
	}
	return verdict(served, chosen.serves, tallies)
}

// verdict says whether users got what the outcome promises them.
func verdict(served answers, version string, tallies tallies) error {
	for _, s := range served {
		if s.version != "v"+version {
			return fmt.Errorf("%s serves %s, want v%s", s.target, s.version, version)
		}
	}
	for _, t := range tallies {
		if t.failed > 0 || t.answered == 0 {
			return fmt.Errorf("%s failed to answer %d times although it was not being switched", t.target, t.failed)
		}
	}
	return nil
}

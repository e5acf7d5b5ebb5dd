// Command bench measures Slipway beside what does the same without it, interleaved in
// one run, part by part:
//
//	steps     ten no-op steps by a plain shell script, by a minimal Temporal workflow
//	          and by a release; and how soon after a signal, and after a signed vote,
//	          the next activity starts
//	burst     fifty releases at once beside fifty minimal workflows, and whether any of a
//	          hundred that start, or are voted on, at once has to wait
//	waiting   5,000 releases that wait at a gate: their memory, and one command that
//	          authorizes them all
//	estates   what a target costs in a deployment to a thousand, and to ten thousand
//	process   the start and the idle memory of bin/worker, and a call of bin/starter
//	replay    the longest history of a release that must replay
//	demo      make demo in a clean clone over the commands that it is made of
//	library   check-in and attachment in a library of ten packages and of 5,000
//	packages  packaging and check-in of 1 GB beside tar | sha256sum and an oras copy
//	targets   one package to 100 folders beside cp -r
//	cms       records of releases written to SQLite and to PostgreSQL
//	figures   the figures of a year: of 200 releases on SQLite, and of 20,000 on PostgreSQL
//	large     a component of 2 GB, from its source to the package that is pulled
//	tuning    each option of the dev server and of the workers; only when it is named
//	scale     releases to many targets by more and more workers, and what they ask of the
//	          server and its database; only when it is named
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// part is a share of the bench that can be run by itself.
type part struct {
	name string
	run  func(ctx context.Context) ([]row, error)
}

// limit is how long the whole run may take, and lastBegin when a part may begin in it at
// the latest: none takes longer than what is left then. Parts that are asked for by their
// names have more time.
const limit, lastBegin, namedLimit = 15 * time.Minute, 11*time.Minute + 30*time.Second, time.Hour

func main() { os.Exit(run()) }

func run() int {
	switch {
	case len(os.Args) > 2 && servants[os.Args[1]] != nil:
		return serve(os.Args[1], os.Args[2])
	case len(os.Args) > 1 && children[os.Args[1]] != nil:
		return child(os.Args[1], os.Args[2:])
	}
	runs := flag.Int("runs", 50, "measured runs of each of the steps")
	only := flag.String("only", "", "parts to run, with commas between them; empty for all")
	options := flag.String("options", "", "what the options have in their names that the part tuning tries; empty for all")
	out := flag.String("out", "bench.json", "file for the rows; the chart is beside it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	within := limit
	if *only != "" {
		within = namedLimit
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err := profiled("bench", func() error { return bench(ctx, *runs, *only, *options, *out) })
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

// bench runs the parts, and writes down what they found.
func bench(ctx context.Context, runs int, only, options, out string) error {
	s := &server{}
	defer s.close()
	parts := []part{
		{"steps", s.on(func(ctx context.Context, site *site) ([]row, error) { return site.steps(ctx, runs) })},
		{"burst", s.on(func(ctx context.Context, site *site) ([]row, error) { return site.burst(ctx) })},
		{"waiting", s.on(func(ctx context.Context, site *site) ([]row, error) { return site.waiting(ctx) })},
		{"estates", s.on(func(ctx context.Context, site *site) ([]row, error) { return site.estates(ctx) })},
		{"process", s.on(func(ctx context.Context, site *site) ([]row, error) { return site.processes(ctx) })},
		{"replay", replays},
		{"demo", demo},
		{"library", libraries},
		{"packages", packages},
		{"targets", targets},
		{"cms", records},
		{"figures", portfolios},
		{"large", s.on(func(ctx context.Context, site *site) ([]row, error) { return site.large(ctx) })},
	}
	named := []part{
		{"tuning", s.on(func(ctx context.Context, site *site) ([]row, error) { return site.tuning(ctx, options) })},
		{"scale", scale},
	}
	parts, err := chosen(parts, named, only)
	if err != nil {
		return err
	}
	rows, failed := measure(ctx, parts, only != "")
	fmt.Println(verdict(rows))
	return errors.Join(failed, write(out, rows))
}

// measure runs parts one after the other, and prints what each found. One that fails
// does not keep the others from running.
func measure(ctx context.Context, parts []part, named bool) (rows []row, failed error) {
	began := time.Now()
	for _, p := range parts {
		start := time.Now()
		if !named && start.Sub(began) > lastBegin {
			fmt.Printf("%s is left out, for it is late: make bench BENCH=%s\n", p.name, p.name)
			continue
		}
		fmt.Fprintln(os.Stderr, p.name)
		found, err := p.run(ctx)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", p.name, err))
		}
		for _, r := range found {
			fmt.Println(r)
		}
		rows = append(rows, found...)
		fmt.Fprintf(os.Stderr, "%s took %s\n", p.name, time.Since(start).Round(time.Second))
	}
	return rows, failed
}

// write keeps the rows, and a chart of them beside.
func write(out string, rows []row) error {
	data, err := json.MarshalIndent(map[string]any{"rows": rows}, "", "  ")
	if err != nil {
		return err
	}
	var chart bytes.Buffer
	if err := drawChart(&chart, rows); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(out, append(data, '\n'), 0o644),
		os.WriteFile(strings.TrimSuffix(out, ".json")+".svg", chart.Bytes(), 0o644))
}

// chosen gives the parts that were asked for: all, but for those that run only when they
// are named.
func chosen(parts, named []part, only string) ([]part, error) {
	if only == "" {
		return parts, nil
	}
	parts = append(parts, named...)
	var some []part
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no part %q", name)
		}
		some = append(some, parts[i])
	}
	return some, nil
}

// server is the site of the parts that need one; the first of them opens it.
type server struct{ site *site }

func (s *server) on(run func(ctx context.Context, site *site) ([]row, error)) func(ctx context.Context) ([]row, error) {
	return func(ctx context.Context) (_ []row, err error) {
		if s.site == nil {
			if s.site, err = open(ctx, tuned); err != nil {
				return nil, err
			}
		}
		return run(ctx, s.site)
	}
}

func (s *server) close() {
	if s.site != nil {
		s.site.close()
	}
}

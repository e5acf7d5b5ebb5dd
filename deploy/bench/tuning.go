package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"slipway/deploy/devserver"
)

// What each option of the dev server and of the workers brings: two servers run side by
// side, the tuned one and one that differs from it in one option, and their workflows
// take turns.

// setup is how a site is run.
type setup struct {
	// flags are those of the server.
	flags  []string
	memory bool
	knobs  knobs
	// environment is what the processes find set, beside what the bench itself does.
	environment map[string]string
}

// tuned is what the demo, the tests and the rest of the bench use.
var tuned = setup{flags: slices.Concat(devserver.Tuning(), devserver.FileTuning())}

// knobs are what of the workers is tried; what is zero stays as Slipway has it.
type knobs struct {
	Pollers int `json:"pollers,omitempty"`
	// Compressed lets what goes to the server be compressed.
	Compressed bool `json:"compressed,omitempty"`
	// Held is how many workflows a worker holds in memory.
	Held int `json:"held,omitempty"`
}

// knobsName is the environment variable by which they get to the servants.
const knobsName = "SLIPWAY_BENCH_KNOBS"

func (k knobs) String() string {
	data, err := json.Marshal(k)
	if err != nil {
		panic(err) // numbers and flags can be written
	}
	return string(data)
}

func givenKnobs() (k knobs, err error) {
	err = json.Unmarshal([]byte(cmp.Or(os.Getenv(knobsName), "{}")), &k)
	return k, err
}

// turn sets a worker up.
func (k knobs) turn(server *client.Options, options *worker.Options) {
	if k.Compressed {
		server.ConnectionOptions.GrpcCompression = &client.GrpcCompressionGzip{}
	}
	if k.Pollers > 0 {
		options.MaxConcurrentWorkflowTaskPollers, options.MaxConcurrentActivityTaskPollers = k.Pollers, k.Pollers
	}
	if k.Held > 0 {
		worker.SetStickyWorkflowCacheSize(k.Held)
	}
}

// but is the tuned server with some settings turned back.
func but(settings ...string) setup {
	s := tuned
	s.flags = slices.Clone(tuned.flags)
	for _, setting := range settings {
		flag := "--dynamic-config-value"
		if strings.HasPrefix(setting, "journal_mode") || strings.HasPrefix(setting, "synchronous") {
			flag = "--sqlite-pragma"
		}
		s.flags = append(s.flags, flag, setting)
	}
	return s
}

func turned(k knobs) setup { return setup{flags: tuned.flags, knobs: k} }

// trials are the options one by one, each by what is otherwise than in the tuned setup.
var trials = []struct {
	name  string
	setup setup
}{
	{"server as it comes", setup{}},
	{"transfer queue polled 20 times a second", but("history.transferProcessorMaxPollRPS=20")},
	{"timer queue polled 20 times a second", but("history.timerProcessorMaxPollRPS=20")},
	{"4 partitions", but("matching.numTaskqueueReadPartitions=4", "matching.numTaskqueueWritePartitions=4")},
	{"no eager activities", but("system.enableActivityEagerExecution=false")},
	{"in memory", setup{flags: devserver.Tuning(), memory: true}},
	{"synchronous FULL", but("synchronous=FULL")},
	{"rollback journal", but("journal_mode=DELETE", "synchronous=FULL")},
	{"2 pollers", turned(knobs{Pollers: 2})},
	{"4 pollers", turned(knobs{Pollers: 4})},
	{"16 pollers", turned(knobs{Pollers: 16})},
	{"gzip", turned(knobs{Compressed: true})},
	{"5 workflows held", turned(knobs{Held: 5})},
	{"GOGC=200", setup{flags: tuned.flags, environment: map[string]string{"GOGC": "200"}}},
	{"GOGC=400", setup{flags: tuned.flags, environment: map[string]string{"GOGC": "400"}}},
	{"nothing else, as a check", tuned},
}

// tuning tries each option whose name contains one of what is asked for, with commas
// between them.
func (s *site) tuning(ctx context.Context, options string) ([]row, error) {
	asked := func(name string) bool {
		return slices.ContainsFunc(strings.Split(options, ","), func(one string) bool { return strings.Contains(name, one) })
	}
	var rows []row
	for i, t := range trials {
		if !asked(t.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, " ", t.name)
		found, err := s.try(ctx, i, t.name, t.setup)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", t.name, err)
		}
		rows = append(rows, found...)
	}
	if asked(eagerStart) {
		found, err := s.startEagerly(ctx)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", eagerStart, err)
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

const eagerStart = "eager start"

// startEagerly tries what only a program can do that both starts workflows and carries
// them out: their first task comes with the answer to the start.
func (s *site) startEagerly(ctx context.Context) ([]row, error) {
	fmt.Fprintln(os.Stderr, " ", eagerStart)
	w := minimalWorker(s.temporal, eagerStart, worker.Options{MaxConcurrentWorkflowTaskPollers: 8, MaxConcurrentActivityTaskPollers: 8}, hearer(s.letGo))
	if err := w.Start(); err != nil {
		return nil, err
	}
	defer w.Stop()
	run := func(eager bool) func(ctx context.Context, id string) error {
		return func(ctx context.Context, id string) error {
			return s.minimalWith(ctx, client.StartWorkflowOptions{ID: eagerStart + "@" + id, TaskQueue: eagerStart, EnableEagerStart: eager})
		}
	}
	plain := &contestant{name: "minimal workflow in one process with its client", run: timed(run(false))}
	eager := &contestant{name: "the same, started eagerly", run: timed(run(true)), against: []*contestant{plain}}
	err := race(ctx, []*contestant{plain, eager}, 3, 50)
	return slices.Concat(plain.tail(), eager.tail(), eager.over()), err
}

// hearer hears what is written to it, a line at a time.
type hearer func(line string)

func (h hearer) Write(line []byte) (int, error) {
	go h(strings.TrimSpace(string(line))) // who says it goes on with its task
	return len(line), nil
}

// try lets this site and one that is set up otherwise do the same in turn: one by one,
// and many at once.
func (s *site) try(ctx context.Context, trial int, name string, how setup) (_ []row, err error) {
	for name, value := range how.environment {
		before := os.Getenv(name)
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, os.Setenv(name, before)) }()
	}
	other, err := open(ctx, how)
	if err != nil {
		return nil, err
	}
	defer func() {
		other.close()
		err = errors.Join(err, s.point(knobs{}))
	}()
	// An id is used once on a server, so it has the trial in it.
	own := func(run func(context.Context, string) error) func(context.Context, string) error {
		return func(ctx context.Context, id string) error {
			return run(ctx, strings.Replace(id, ".0.", fmt.Sprintf(".%d.", trial+1), 1))
		}
	}
	pair := func(what string, here, there func(context.Context, string) error) []*contestant {
		known := &contestant{name: "tuned", run: timed(own(here))}
		return []*contestant{known, {name: name + ": " + what, run: timed(own(there)), against: []*contestant{known}}}
	}
	const warmUp, rounds, bursts = 2, 12, 3
	single := slices.Concat(pair("minimal workflow", s.minimal, other.minimal), pair("release", s.release, other.release))
	if err := race(ctx, single, warmUp, rounds); err != nil {
		return nil, err
	}
	many := pair(fmt.Sprintf("%d minimal workflows at once", burstSize), s.minimalBurst, other.minimalBurst)
	if err := race(ctx, many, 1, bursts); err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range append(single, many...) {
		if len(c.against) > 0 {
			rows = append(append(rows, c.tail()...), c.over()...)
		}
	}
	return rows, nil
}

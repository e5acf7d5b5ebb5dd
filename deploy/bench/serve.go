package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/worker"

	"slipway/config"
	slipway "slipway/worker"
)

// Slipway's worker and that of the minimal workflow are processes of their own, as
// they are where they are installed: neither shares its memory, its garbage collector
// or its connection with the other or with the client that takes the time. They are
// this program once more, so that they can be asked for a profile.

// servants serve task queues until they are told to stop. Their argument is what they
// are set up by; what they say, line by line, is heard by the bench.
var servants = map[string]func(ctx context.Context, setup string, say io.Writer) error{
	"slipway": serveSlipway,
	"minimal": serveMinimal,
	"noop":    serveNoop,
}

// serveSlipway is what bin/worker does, set up by a configuration file.
func serveSlipway(ctx context.Context, file string, _ io.Writer) error {
	c, err := config.Read(file)
	if err != nil {
		return err
	}
	log, err := c.Log.Logger()
	if err != nil {
		return err
	}
	k, err := givenKnobs()
	if err != nil {
		return err
	}
	return slipway.Run(ctx, c, log, k.turn)
}

// connect gives what a servant reaches the server by.
func connect(ctx context.Context, tune ...func(*client.Options)) (client.Client, error) {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return nil, err
	}
	options.Logger = silent{}
	slipway.Plain(&options)
	for _, t := range tune {
		t(&options)
	}
	return client.DialContext(ctx, options)
}

// attend lets a worker serve until the context ends.
func attend(ctx context.Context, w worker.Worker) error {
	if err := w.Start(); err != nil {
		return err
	}
	defer w.Stop()
	<-ctx.Done()
	return nil
}

// serve is the main function of a servant.
func serve(what, setup string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := profiled(what, func() error { return servants[what](ctx, setup, os.Stdout) })
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s: %v\n", what, err)
		return 1
	}
	return 0
}

// servant is a worker that runs.
type servant struct {
	what  string
	cmd   *exec.Cmd
	heard chan struct{}
}

// startServant starts a worker that finds the server by TEMPORAL_ADDRESS, and hears
// what it says, where it says something.
func startServant(what, setup string, hear func(line string)) (*servant, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &servant{what: what, cmd: exec.Command(self, what, setup), heard: make(chan struct{})}
	s.cmd.Stderr = os.Stderr
	said, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(s.heard)
		for lines := bufio.NewScanner(said); lines.Scan(); {
			if hear != nil {
				hear(lines.Text())
			}
		}
	}()
	return s, nil
}

// pid is for those who look at its memory.
func (s *servant) pid() int { return s.cmd.Process.Pid }

// stop lets it end what it does.
func (s *servant) stop() error {
	if s == nil {
		return nil
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("%s: %w", s.what, err)
	}
	<-s.heard
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", s.what, err)
	}
	return nil
}

// Command host stands in for the service manager of a target host: it keeps the
// service running that the link "current" in the target's folder points at.
//
//	host -folder DIR -port N
//
// SIGHUP restarts the service from whatever is current by then, SIGTERM stops
// it. The folder's host.pid is where to send them; service.pid is the service's.
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// crashDelay keeps a service that cannot start from being started all the time.
const crashDelay = 500 * time.Millisecond

func main() {
	folder := flag.String("folder", "", "the target's folder")
	port := flag.Int("port", 0, "the loopback port that the service listens on")
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil)).With("target", filepath.Base(*folder))
	if err := run(context.Background(), *folder, *port, log); err != nil {
		log.Error(err.Error())
		os.Exit(1)
	}
}

// run supervises until it is told to stop.
func run(ctx context.Context, folder string, port int, log *slog.Logger) error {
	if folder == "" || port == 0 {
		return errors.New("usage: host -folder DIR -port N")
	}
	// Signals first: whoever reads host.pid may send one at once.
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	pid := filepath.Join(folder, "host.pid")
	if err := writePID(pid, os.Getpid()); err != nil {
		return err
	}
	defer os.Remove(pid)
	supervise(ctx, reload, &service{folder: folder, port: port, log: log})
	return nil
}

// supervise reacts to what happens to the service and to what is asked for.
func supervise(ctx context.Context, reload <-chan os.Signal, s *service) {
	defer s.stop()
	var retry <-chan time.Time
	start := func() {
		retry = nil
		if err := s.start(); err != nil {
			s.log.Error("cannot start the service", "error", err)
			retry = time.After(crashDelay)
		}
	}
	for start(); ; {
		select {
		case <-ctx.Done():
			return
		case <-reload:
			s.stop()
			start()
		case how := <-s.exited:
			s.forget()
			s.log.Warn("the service ended by itself", "how", how)
			retry = time.After(crashDelay)
		case <-retry:
			start()
		}
	}
}

// writePID leaves a whole file or none: others read it at any time.
func writePID(path string, pid int) error {
	fresh := path + ".new"
	if err := os.WriteFile(fresh, []byte(strconv.Itoa(pid)+"\n"), 0o644); err != nil {
		return err
	}
	return os.Rename(fresh, path)
}

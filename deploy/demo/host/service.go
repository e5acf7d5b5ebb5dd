package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// stopPatience is how long a service may take to end before it is killed.
const stopPatience = 3 * time.Second

// service is the process that serves the target; it has none while there is no
// current release.
type service struct {
	folder string
	port   int
	log    *slog.Logger

	process *os.Process
	exited  chan string // gets how the process ended; nil while there is none
}

// start runs what is current. No current release is no error: there is nothing
// to serve yet.
func (s *service) start() error {
	// Resolved once, so that the process belongs to one release whatever happens
	// to the link meanwhile.
	release, err := filepath.EvalSymlinks(filepath.Join(s.folder, "current"))
	if errors.Is(err, fs.ErrNotExist) {
		s.log.Info("no current release, nothing to serve")
		return nil
	}
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(release, "bin", "go-httpbin"))
	cmd.Dir = release
	cmd.Env = append(os.Environ(),
		"HOST=127.0.0.1", "PORT="+strconv.Itoa(s.port), "USE_FULL_VERSION=1", "LOG_LEVEL=WARN")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan string, 1)
	go func() {
		_ = cmd.Wait() // the state says it all
		exited <- cmd.ProcessState.String()
	}()
	s.process, s.exited = cmd.Process, exited
	s.log.Info("serving", "release", release, "port", s.port, "pid", cmd.Process.Pid)
	return writePID(s.pidFile(), cmd.Process.Pid)
}

// stop ends the process: politely, then by force. Safe when there is none.
func (s *service) stop() {
	if s.process == nil {
		return
	}
	_ = s.process.Signal(syscall.SIGTERM) // fails only when it has just ended
	select {
	case <-s.exited:
	case <-time.After(stopPatience):
		s.log.Warn("the service does not stop, killing it", "pid", s.process.Pid)
		_ = s.process.Kill()
		<-s.exited
	}
	s.forget()
}

// forget notes that there is no process any more.
func (s *service) forget() {
	s.process, s.exited = nil, nil
	_ = os.Remove(s.pidFile())
}

func (s *service) pidFile() string { return filepath.Join(s.folder, "service.pid") }

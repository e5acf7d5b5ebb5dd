package main

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"

	"slipway/deploy/demo/repository"
)

//go:embed slipway.yaml.tmpl
var configuration string

// site is where the demo takes place: its folder, its programs and its ports.
type site struct {
	Root     string // of the repository
	State    string // the folder with all that the demo leaves
	Port     int    // of the server
	UIPort   int
	Targets  []target
	Keys     map[string]string // the public ones, by name
	temporal string
	processes
}

// target is a host that runs the service.
type target struct {
	Environment, Name, Folder string
	Port                      int
}

// URL is where the service on the target answers.
func (t target) URL() string { return "http://127.0.0.1:" + strconv.Itoa(t.Port) }

func newSite(temporal string) (*site, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(root, baseline)); err != nil {
		return nil, fmt.Errorf("run it in the root of the repository, or by make demo: %w", err)
	}
	s := &site{Root: root, State: filepath.Join(root, ".demo"), temporal: temporal}
	s.processes = processes{pids: s.path("run"), logs: s.path("log")}
	return s, nil
}

// path is that of something in the demo's folder.
func (s *site) path(parts ...string) string {
	return filepath.Join(append([]string{s.State}, parts...)...)
}

// in lists the targets of an environment.
func (s *site) in(environment string) []target {
	var list []target
	for _, t := range s.Targets {
		if t.Environment == environment {
			list = append(list, t)
		}
	}
	return list
}

// clear stops what an earlier demo left running and removes its state.
func (s *site) clear() error {
	if err := s.stopAll(); err != nil {
		return err
	}
	if err := removeAll(s.State); err != nil {
		return err
	}
	for _, folder := range []string{s.pids, s.logs} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// removeAll removes a tree in which folders may be read-only, as those of
// releases and of module sources are.
func removeAll(root string) error {
	_ = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = os.Chmod(path, 0o755)
		}
		return err
	})
	return os.RemoveAll(root)
}

// up starts the hosts, the server and the worker, and returns when they are ready.
func (s *site) up(ctx context.Context) error {
	if err := s.layOut(ctx); err != nil {
		return err
	}
	for _, t := range s.Targets {
		_, err := s.start("host-"+t.Name, os.Environ(), filepath.Join(s.Root, ".cache/demo/host"),
			"-folder", t.Folder, "-port", strconv.Itoa(t.Port))
		if err != nil {
			return err
		}
	}
	fmt.Println("Starting Temporal's dev server ...")
	server, err := s.start("server", s.environment(), s.serverCommand()...)
	if err != nil {
		return err
	}
	if err := server.await(ctx, "the server answers", s.serverAnswers); err != nil {
		return err
	}
	fmt.Println("Starting the worker ...")
	worker, err := s.start("worker", s.environment(),
		filepath.Join(s.Root, "bin/worker"), "--config", s.path("slipway.yaml"))
	if err != nil {
		return err
	}
	if err := worker.await(ctx, "the worker polls", s.workerPolls); err != nil {
		return err
	}
	fmt.Printf("Ready. To use starter yourself: export TEMPORAL_ADDRESS=%s\n", s.address())
	return nil
}

// layOut picks ports, makes the targets' folders and the acceptance suite's
// repository, and writes the configuration.
func (s *site) layOut(ctx context.Context) error {
	if _, err := repository.Make(ctx, s.path("acceptance.git"), filepath.Join(s.Root, "deploy/demo/acceptance")); err != nil {
		return fmt.Errorf("repository of the acceptance suite: %w", err)
	}
	names := []string{"staging-1", "production-1", "production-2", "production-3"}
	ports, err := freePorts(2 + len(names))
	if err != nil {
		return err
	}
	s.Port, s.UIPort = ports[0], ports[1]
	for i, name := range names {
		environment, _, _ := strings.Cut(name, "-")
		t := target{Environment: environment, Name: name, Folder: s.path("targets", name), Port: ports[2+i]}
		if err := os.MkdirAll(t.Folder, 0o755); err != nil {
			return err
		}
		s.Targets = append(s.Targets, t)
	}
	if s.Keys, err = s.keys(); err != nil {
		return err
	}
	file, err := os.Create(s.path("slipway.yaml"))
	if err != nil {
		return err
	}
	defer file.Close()
	return template.Must(template.New("slipway.yaml").Parse(configuration)).Execute(file, s)
}

// freePorts holds all ports at once, so that they differ.
func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

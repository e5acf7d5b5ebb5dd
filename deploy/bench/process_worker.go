package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"slipway/release"
)

// configure writes what a worker of its own is told, into its folder: a task queue, one
// place of sources, and one environment of one target that is named as the queue.
func configure(folder, queue, source string) (file string, err error) {
	target := filepath.Join(folder, "target")
	if err := os.Mkdir(target, 0o755); err != nil {
		return "", err
	}
	return configured(folder, queue, release.Organization{
		Roster:  []release.Person{{ID: "rita"}, {ID: "marc", Groups: []string{"release-managers", "deployment", "service-operations"}}},
		Sources: []release.SourcePlace{{Dir: source}},
		Models:  []release.Model{unasked},
		Environments: []release.Environment{
			{Name: queue, Purpose: "bench", Targets: []release.Target{{Name: "one", Folder: target}}},
		},
	})
}

// configured writes what a worker of its own is told, with all that it keeps beside it.
func configured(folder, queue string, o release.Organization) (file string, err error) {
	data, err := json.Marshal(map[string]any{ // JSON is YAML
		"taskQueue": queue, "dml": "oci-layout:dml", "cms": "sqlite:cms.db", "workspace": "work", "signingKey": "slipway.key",
		"organization": o,
	})
	if err != nil {
		return "", err
	}
	file = filepath.Join(folder, "slipway.yaml")
	return file, os.WriteFile(file, data, 0o600)
}

// startWorker starts bin/worker by a configuration.
func startWorker(file string) (*exec.Cmd, error) {
	worker := exec.Command(filepath.Join("bin", "worker"), "--config", file, "--log-level", "error")
	worker.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SLIPWAY_") })
	worker.Stderr = os.Stderr
	if err := worker.Start(); err != nil {
		return nil, fmt.Errorf("the worker does not start (run this with `make bench`): %w", err)
	}
	return worker, nil
}

func stop(worker *exec.Cmd) error {
	if err := worker.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return worker.Wait()
}

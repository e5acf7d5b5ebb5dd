package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// registry is a real OCI registry that runs for a part of the bench.
type registry struct {
	host    string
	program *exec.Cmd
}

// startRegistry starts the program of SLIPWAY_TEST_REGISTRY, which keeps what it is
// given below a folder; nil when there is none.
func startRegistry(ctx context.Context, folder string) (*registry, error) {
	program := os.Getenv("SLIPWAY_TEST_REGISTRY")
	if _, err := os.Stat(program); err != nil {
		fmt.Fprintln(os.Stderr, "no registry is measured: SLIPWAY_TEST_REGISTRY names no program")
		return nil, nil //nolint:nilnil // that there is none is not an error
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &registry{host: listener.Addr().String()}
	settings, err := json.Marshal(map[string]any{ // JSON is YAML
		"version": "0.1",
		"log":     map[string]any{"level": "error", "accesslog": map[string]any{"disabled": true}},
		"storage": map[string]any{"filesystem": map[string]any{"rootdirectory": folder}},
		"http":    map[string]any{"addr": r.host},
	})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "config.yaml")
	if err := errors.Join(os.WriteFile(file, settings, 0o600), listener.Close()); err != nil {
		return nil, err
	}
	r.program = exec.CommandContext(ctx, program, "serve", file)
	if err := r.program.Start(); err != nil {
		return nil, err
	}
	return r, r.answers(ctx)
}

// answers waits until the registry does.
func (r *registry) answers(ctx context.Context) error {
	for ctx.Err() == nil {
		if answer, err := http.Get("http://" + r.host + "/v2/"); err == nil {
			return answer.Body.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return ctx.Err()
}

func (r *registry) stop() {
	_ = r.program.Process.Kill()
	_ = r.program.Wait()
}

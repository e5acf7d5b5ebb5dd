package server

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"slipway/activities/driver/durable"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/http/protocol"
	"slipway/release"
)

// maxLog is how much of a script's output is kept: its end.
const maxLog = 1 << 20

// keep writes down, before a run begins, which key it has.
func (s *Server) keep(key, name, attempt string) error {
	return durable.WriteFile(s.keyFile(name, attempt), []byte(key))
}

// carryOut does what was asked for, and gives the answer that it comes to. When the
// driver cannot tell, nor can the deployer.
func (s *Server) carryOut(ctx context.Context, o *operation, on release.Target, asked protocol.Operation) protocol.Answer {
	came := protocol.Answer{ID: o.now().ID, State: protocol.Failed}
	secrets, remove, err := references(asked.Secrets)
	if err != nil {
		came.Problem = err.Error()
		return came
	}
	defer remove()
	log := &end{}
	out, err := s.driver.Do(ctx, on, target.Operation{
		Kind: o.kind, Attempt: asked.Attempt, Release: asked.Release, Version: asked.Version,
		Package: release.Package{Digest: asked.Package.Digest, Content: asked.Package.Content},
		Step:    asked.Step, Script: asked.Script, Env: asked.Env, Secrets: secrets, Timeout: asked.Timeout.Std(),
		Log: log, Progress: o.progress,
	})
	came.Line, came.Log, came.Problem, came.Outputs = o.now().Line, log.String(), out.Problem, out.Outputs
	if e := out.Execution; e != nil {
		came.Started, came.Elapsed, came.Exit, came.TimedOut = e.Started, e.Elapsed, e.Exit, e.TimedOut
	}
	switch {
	case err != nil:
		came.State, came.Problem = protocol.Unknown, err.Error()
	case out.Problem == "":
		came.State = protocol.Done
	}
	return came
}

func (o *operation) progress(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer.Line = line
}

// references puts secrets where scripts of this machine find theirs: into files that
// nobody else can read, until they are removed.
func references(secrets map[string]string) (references map[string]string, remove func(), err error) {
	if len(secrets) == 0 {
		return nil, func() {}, nil
	}
	folder, err := os.MkdirTemp("", "deployer-secrets-")
	if err != nil {
		return nil, nil, err
	}
	remove = func() { _ = os.RemoveAll(folder) }
	references = map[string]string{}
	for name, value := range secrets {
		path := filepath.Join(folder, fmt.Sprint(len(references)))
		if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
			remove()
			return nil, nil, err
		}
		references[name] = "file:" + path
	}
	return references, remove, nil
}

// end keeps the end of what is written to it.
type end struct {
	mu   sync.Mutex
	text []byte
}

func (e *end) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.text = append(e.text, p...)
	if len(e.text) > 2*maxLog {
		e.text = append(e.text[:0], e.text[len(e.text)-maxLog:]...)
	}
	return len(p), nil
}

func (e *end) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return string(e.text[max(0, len(e.text)-maxLog):])
}

package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"slipway/activities/driver/target"
	"slipway/activities/driver/target/http/protocol"
	"slipway/release"
)

const (
	// soon is how long an answer waits for an operation that may end at once.
	soon = 200 * time.Millisecond
	// remembered is how long the answer of an operation can be asked for again.
	remembered = time.Hour
)

// operation is one thing that is done, or was.
type operation struct {
	kind   target.Kind
	cancel context.CancelFunc
	over   chan struct{}

	mu     sync.Mutex
	answer protocol.Answer
	ended  time.Time
}

func (o *operation) now() protocol.Answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.answer
}

// begin begins an operation, or tells of the one that has the same key.
func (s *Server) begin(w http.ResponseWriter, r *http.Request) {
	var asked protocol.Operation
	key := r.Header.Get(protocol.KeyHeader)
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		refuse(w, http.StatusBadRequest, "the operation cannot be read: "+err.Error())
		return
	}
	if !nameForm.MatchString(key) {
		refuse(w, http.StatusBadRequest, protocol.KeyHeader+" has to be letters, digits, '.', '_' and '-'")
		return
	}
	on, err := s.target(asked.Target)
	if err != nil {
		refuse(w, http.StatusNotFound, err.Error())
		return
	}
	o, err := s.operation(key, on, asked)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	select {
	case <-o.over:
	case <-r.Context().Done():
	case <-time.After(soon):
	}
	tell(w, o)
}

// operation gives the operation of a key: the one that has it, unless that has ended
// and may be done again, or a new one. A run is never done twice, not even when this
// process died in it.
func (s *Server) operation(key string, on release.Target, asked protocol.Operation) (*operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	kind := target.Kind(asked.Kind)
	if known := s.operations[key]; known != nil {
		if known.now().State == protocol.Running || kind == target.Run {
			return known, nil
		}
	}
	if asked.Attempt == "" {
		asked.Attempt = key
	}
	o := &operation{kind: kind, over: make(chan struct{}), answer: protocol.Answer{ID: key, State: protocol.Running}}
	ctx, cancel := context.WithCancel(s.alive)
	o.cancel = cancel
	s.operations[key] = o
	if kind == target.Run {
		before, err := s.before(ctx, key, on, asked.Attempt)
		if err == nil && before == nil {
			err = s.keep(key, on.Name, asked.Attempt)
		}
		if err != nil {
			delete(s.operations, key)
			return nil, err
		}
		if before != nil {
			o.end(*before)
			return o, nil
		}
	}
	s.underway.Go(func() { o.end(s.carryOut(ctx, o, on, asked)) })
	return o, nil
}

// before tells what became of a run that has this key and is not remembered: nil when
// there was none.
func (s *Server) before(ctx context.Context, key string, on release.Target, attempt string) (*protocol.Answer, error) {
	if s.keyOf(on.Name, attempt) != key {
		return nil, nil
	}
	seen, err := s.driver.Observe(ctx, on, attempt)
	if err != nil || seen.Mark == nil {
		return nil, err
	}
	m := seen.Mark
	was := &protocol.Answer{ID: key, Started: m.Begun, Exit: m.Exit, Problem: m.Problem, Outputs: m.Outputs}
	switch {
	case m.Done():
		was.State = protocol.Done
	case m.Ended.IsZero():
		was.State, was.Problem = protocol.Unknown, "the deployer ended while the script ran"
	default:
		was.State = protocol.Failed
	}
	if !m.Ended.IsZero() {
		was.Elapsed = release.Duration(m.Ended.Sub(m.Begun))
	}
	return was, nil
}

// end takes the answer that an operation came to.
func (o *operation) end(answer protocol.Answer) {
	o.mu.Lock()
	o.answer, o.ended = answer, time.Now()
	o.mu.Unlock()
	o.cancel()
	close(o.over)
}

// forget drops what ended long ago.
func (s *Server) forget() {
	for key, o := range s.operations {
		o.mu.Lock()
		if !o.ended.IsZero() && time.Since(o.ended) > remembered {
			delete(s.operations, key)
		}
		o.mu.Unlock()
	}
}

// look tells how an operation goes.
func (s *Server) look(w http.ResponseWriter, r *http.Request) {
	if o := s.known(w, r.PathValue("id")); o != nil {
		tell(w, o)
	}
}

// breakOff ends an operation that nobody waits for any longer.
func (s *Server) breakOff(w http.ResponseWriter, r *http.Request) {
	if o := s.known(w, r.Header.Get(protocol.KeyHeader)); o != nil {
		o.cancel()
		tell(w, o)
	}
}

func (s *Server) known(w http.ResponseWriter, key string) *operation {
	s.mu.Lock()
	o := s.operations[key]
	s.mu.Unlock()
	if o == nil {
		refuse(w, http.StatusNotFound, "there is no operation "+key+": it ended long ago, or the deployer was started anew")
	}
	return o
}

func tell(w http.ResponseWriter, o *operation) {
	now, status := o.now(), http.StatusOK
	if now.State == protocol.Running {
		status = http.StatusAccepted
		w.Header().Set("Location", protocol.OperationsPath+"/"+now.ID)
	}
	answer(w, status, now)
}

// keysFolder holds the key of the last run of each attempt on each target, so that it
// outlasts this process.
const keysFolder = ".keys"

func (s *Server) keyFile(name, attempt string) string {
	return filepath.Join(s.folder, keysFolder, name+"-"+target.MarkName(attempt))
}

func (s *Server) keyOf(name, attempt string) string {
	key, err := os.ReadFile(s.keyFile(name, attempt))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return ""
	}
	return string(key)
}

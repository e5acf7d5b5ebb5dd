// Package server is what a deployer answers to Slipway, as docs/deployer.md describes
// it. What is done on a target, it leaves to a driver of folders.
package server

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"slipway/activities/driver/target"
	"slipway/activities/driver/target/http/protocol"
	"slipway/release"
)

// maxBody is how long an operation may be, with its script.
const maxBody = 4 << 20

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// Server acts for the targets of a folder.
type Server struct {
	folder string
	token  string
	driver target.Driver
	mux    *http.ServeMux
	// alive ends with the server, and with it what is under way.
	alive context.Context
	end   context.CancelFunc

	mu         sync.Mutex
	operations map[string]*operation
	underway   sync.WaitGroup
}

// New gives the server for the folders in a folder, each a target by its name. It
// answers those who know the token; anybody when there is none. The driver is that of
// folders on this machine.
func New(folder, token string, driver target.Driver) (*Server, error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(absolute, keysFolder), 0o755); err != nil {
		return nil, err
	}
	s := &Server{folder: absolute, token: token, driver: driver, mux: http.NewServeMux(), operations: map[string]*operation{}}
	s.alive, s.end = context.WithCancel(context.Background())
	s.mux.HandleFunc("POST /"+protocol.OperationsPath, s.begin)
	s.mux.HandleFunc("GET /"+protocol.OperationsPath+"/{id}", s.look)
	s.mux.HandleFunc("DELETE /"+protocol.OperationsPath, s.breakOff)
	s.mux.HandleFunc("GET /"+protocol.StatePath, s.state)
	return s, nil
}

// Close breaks off what is under way, and waits for it.
func (s *Server) Close() {
	s.end()
	s.underway.Wait()
}

// ServeHTTP answers who knows the token.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	given := []byte(r.Header.Get("Authorization"))
	if s.token != "" && subtle.ConstantTimeCompare(given, []byte("Bearer "+s.token)) != 1 {
		refuse(w, http.StatusUnauthorized, "the token is missing, or is not the one")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	s.mux.ServeHTTP(w, r)
}

// state tells what a target holds, and what an attempt left there.
func (s *Server) state(w http.ResponseWriter, r *http.Request) {
	attempt := r.FormValue("attempt")
	on, err := s.target(r.FormValue("target"))
	if err != nil {
		refuse(w, http.StatusNotFound, err.Error())
		return
	}
	seen, err := s.driver.Observe(r.Context(), on, attempt)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	held := seen.Held
	state := protocol.State{
		Release: held.Release, Version: held.Version, Package: held.Package, Content: held.Content,
		Intact: held.Intact, Folder: held.Folder, Packages: seen.Packages,
	}
	if m := seen.Mark; m != nil {
		state.Mark = &protocol.Mark{
			Attempt: m.Attempt, Key: s.keyOf(on.Name, attempt), Begun: m.Begun, Ended: m.Ended, Exit: m.Exit,
			Problem: m.Problem, Outputs: m.Outputs, Running: m.Running,
		}
	}
	answer(w, http.StatusOK, state)
}

// target gives the folder of a target.
func (s *Server) target(name string) (release.Target, error) {
	on := release.Target{Name: name, Folder: filepath.Join(s.folder, name)}
	if info, err := os.Stat(on.Folder); !nameForm.MatchString(name) || err != nil || !info.IsDir() {
		return on, fmt.Errorf("there is no target %q here: make a folder of that name in %s", name, s.folder)
	}
	return on, nil
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // whoever is gone asks again
}

func refuse(w http.ResponseWriter, status int, problem string) {
	answer(w, status, protocol.Refusal{Problem: problem})
}

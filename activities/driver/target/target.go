// Package target is how deployments reach their targets, of whatever kind: folders
// of the worker's machine, machines over SSH, outside deployers over HTTP. It holds
// what the drivers of all kinds have in common; each has a folder of its own below.
package target

import (
	"context"
	"errors"
	"io"
	"time"

	"slipway/release"
)

// Driver reaches targets of one kind. Its methods may be called at the same time,
// in any number of processes: those that change the same target wait for each
// other.
type Driver interface {
	// Observe reads what the target holds, and what mark an attempt left there; no
	// attempt is asked after when it is empty. It changes nothing. The error says
	// that it cannot be told: ErrUnreachable, ErrUnusable, ErrHostKey.
	Observe(ctx context.Context, t release.Target, attempt string) (Observation, error)
	// Do carries an operation out. An Outcome without a Problem says that it is done,
	// one with a Problem that it failed for certain: an operation of Slipway's own
	// then left the target as it was. An error says that nobody can tell, for the
	// connection was cut or ctx ended: Observe may. Every operation may be done
	// again: what is done already is left alone, a transfer that was broken off goes
	// on where it was.
	Do(ctx context.Context, t release.Target, o Operation) (Outcome, error)
}

// Kind is what an operation does.
type Kind string

// The operations. Remove is the inverse of Transfer, Deactivate that of Activate;
// both are safe to do when there is nothing to undo.
const (
	Transfer   Kind = "transfer"
	Remove     Kind = "remove"
	Activate   Kind = "activate"
	Deactivate Kind = "deactivate"
	Run        Kind = "run"
)

// Operation is one thing to do on one target.
type Operation struct {
	Kind Kind
	// Attempt names this try of this step: the key of the mark that it leaves, and
	// of its idempotency with an outside deployer.
	Attempt string
	// Release, Version and Package are what is deployed.
	Release string
	Version string
	Package release.Package

	// Step, Script, Env, Secrets and Timeout are for Run: a POSIX shell script, run
	// where the target is. It may leave outputs as NAME=value lines in the file
	// $OUTPUT, and finds the files of the package in the folder $PACKAGE. What Env says
	// goes before what the driver tells. Secrets are references, resolved on the worker.
	Step    string
	Script  string
	Env     map[string]string
	Secrets map[string]string
	Timeout time.Duration
	// Log gets the script's output, with secrets masked; Progress, which may be nil,
	// what goes on, in a line.
	Log      io.Writer
	Progress func(line string)
}

// Outcome is what came of an operation.
type Outcome struct {
	// Problem says why it failed, in one line; empty when it is done.
	Problem string
	// Execution is how the script of a Run ended; its Log is left for the caller.
	Execution *release.Execution
	// Outputs are what the script left for later steps.
	Outputs map[string]string
}

// Observation is what was seen on a target.
type Observation struct {
	Held release.Held
	// Packages are the digests of the packages that lie there, switched on or not;
	// each was checked when it arrived.
	Packages []release.Digest
	// Mark is what the attempt left; nil when it never began on this target.
	Mark *Mark
}

// Mark is what a Run leaves on its target, written before its script begins, and
// again when it ended: whoever looks later can tell what became of it.
type Mark struct {
	Attempt string    `json:"attempt"`
	Begun   time.Time `json:"begun"`
	// Ended is zero while it runs, and for ever when whoever ran it died.
	Ended time.Time `json:"ended,omitzero"`
	Exit  int       `json:"exit"`
	// Problem says why it is not done although it ended; empty when it is.
	Problem string `json:"problem,omitempty"`
	// Outputs are what the script left for later steps.
	Outputs map[string]string `json:"outputs,omitempty"`
	// Running says that its processes were seen to be there still.
	Running bool `json:"-"`
}

// Done tells whether the script ended well.
func (m *Mark) Done() bool { return !m.Ended.IsZero() && m.Problem == "" }

// Errors of all drivers, wrapped with the target's name and the reason.
var (
	// ErrUnreachable says that the target does not answer, or that the connection was
	// cut.
	ErrUnreachable = errors.New("target cannot be reached")
	// ErrHostKey says that whoever answers is not who is known by that name.
	ErrHostKey = errors.New("host key is not the known one")
	// ErrUnusable says that the target's folder is missing, cannot be written, is
	// full, or is laid out in a way that must not be touched.
	ErrUnusable = errors.New("target cannot be used")
	// ErrNotAuthorized says that the files are missing or are not those of the
	// package that was authorized.
	ErrNotAuthorized = errors.New("not what was authorized")
	// ErrNoWayBack says that what ran before is not known, or not whole any more.
	ErrNoWayBack = errors.New("no way back")
)

// Packages gives the content of a package as a folder of this machine, whose
// content digest was checked. It must not be changed, and stays for as long as the
// process.
type Packages interface {
	Folder(ctx context.Context, p release.Package) (string, error)
}

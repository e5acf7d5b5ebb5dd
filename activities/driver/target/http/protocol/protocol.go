// Package protocol is what Slipway and outside deployers tell each other, as JSON
// over HTTP. docs/deployer.md describes it in full.
package protocol

import (
	"time"

	"slipway/release"
)

// KeyHeader carries the key of an operation: the same key is the same operation.
const KeyHeader = "Idempotency-Key"

// Where a deployer answers, below the address of a target.
const (
	OperationsPath = "operations"
	StatePath      = "state"
)

// Operation asks a deployer to do something: POST ADDRESS/operations.
type Operation struct {
	// Kind is transfer, remove, activate, deactivate or run.
	Kind string `json:"kind"`
	// Attempt names the try of the step, the key of the mark that a run leaves.
	Attempt string  `json:"attempt,omitempty"`
	Target  string  `json:"target"`
	Release string  `json:"release"`
	Version string  `json:"version"`
	Package Package `json:"package"`

	// Step, Script, Env, Secrets and Timeout are for a run. Secrets are values, to be
	// masked in everything that is answered.
	Step    string            `json:"step,omitempty"`
	Script  string            `json:"script,omitempty"`
	Env     map[string]string `json:"env,omitempty"`
	Secrets map[string]string `json:"secrets,omitempty"`
	Timeout release.Duration  `json:"timeout,omitempty"`
}

// Package says what is deployed.
type Package struct {
	// Digest is that of the manifest in the DML, by which it is pulled.
	Digest release.Digest `json:"digest"`
	// Content is the digest of the uncompressed tar of its files.
	Content release.Digest `json:"content"`
}

// The states of an operation. Failed is for certain; of what is unknown, nobody can
// tell how far it went.
const (
	Running = "running"
	Done    = "done"
	Failed  = "failed"
	Unknown = "unknown"
)

// Answer is what a deployer says about an operation.
type Answer struct {
	// ID finds the operation at ADDRESS/operations/ID, unless Location says where.
	ID    string `json:"id"`
	State string `json:"state"`
	// Line is what goes on, in a line, while it is running.
	Line string `json:"line,omitempty"`
	// Problem says why it failed, in one line.
	Problem string `json:"problem,omitempty"`

	// The rest tells of a run that has ended: when it began and how long it took, its
	// exit status, whether its time was over, its whole output, and what it left for
	// later steps.
	Started  time.Time         `json:"started,omitzero"`
	Elapsed  release.Duration  `json:"elapsed,omitempty"`
	Exit     int               `json:"exit,omitempty"`
	TimedOut bool              `json:"timedOut,omitempty"`
	Log      string            `json:"log,omitempty"`
	Outputs  map[string]string `json:"outputs,omitempty"`
}

// State is what a target holds: GET ADDRESS/state?target=NAME&attempt=ATTEMPT.
type State struct {
	Release string         `json:"release,omitempty"`
	Version string         `json:"version,omitempty"`
	Package release.Digest `json:"package,omitempty"`
	// Content is the digest of the files as they were authorized, and Intact says that
	// they were read again just now and still have it.
	Content release.Digest `json:"content,omitempty"`
	Intact  bool           `json:"intact"`
	Folder  string         `json:"folder,omitempty"`
	// Packages lie on the target, switched on or not.
	Packages []release.Digest `json:"packages,omitempty"`
	// Mark is what the attempt left that was asked after.
	Mark *Mark `json:"mark,omitempty"`
}

// Mark is what a run leaves on its target: written before its script begins, and again
// when it ended.
type Mark struct {
	Attempt string `json:"attempt"`
	// Key is that of the operation which left it.
	Key   string    `json:"key"`
	Begun time.Time `json:"begun"`
	Ended time.Time `json:"ended,omitzero"`
	Exit  int       `json:"exit"`
	// Problem says why it is not done although it ended.
	Problem string            `json:"problem,omitempty"`
	Outputs map[string]string `json:"outputs,omitempty"`
	// Running says that it was seen to run still.
	Running bool `json:"running,omitempty"`
}

// Refusal is the body of an answer with status 4xx or 5xx.
type Refusal struct {
	Problem string `json:"problem"`
}

package release

import (
	"cmp"
	"fmt"
)

// ProbeKind says how a probe asks.
type ProbeKind string

// The kinds of probe.
const (
	ProbeHTTP       ProbeKind = "http"
	ProbeTCP        ProbeKind = "tcp"
	ProbeExec       ProbeKind = "exec"
	ProbePrometheus ProbeKind = "prometheus"
)

// Probe is a question that tells whether a target serves. Which fields it has depends
// on its kind.
type Probe struct {
	Name string `json:"name,omitempty"`
	// Kind is http when it is empty.
	Kind ProbeKind `json:"kind,omitempty"`

	// Path is asked for at the target's own URL, over HTTP.
	Path string `json:"path,omitempty"`
	// Status is the expected HTTP status; zero stands for 200.
	Status int `json:"status,omitempty"`
	// Contains has to be in the body of an HTTP answer, or in what a TCP server says
	// first. ${VERSION} stands for the version that ought to answer.
	Contains string `json:"contains,omitempty"`
	// LatencyBelow is what the whole HTTP answer has to take less than.
	LatencyBelow Duration `json:"latencyBelow,omitempty"`

	// Address is the HOST:PORT that a TCP probe connects to; :PORT is that of the host
	// of the target's URL, and none the port there too.
	Address string `json:"address,omitempty"`

	// Run is a POSIX shell script, run on the worker, that knows TARGET, TARGET_URL,
	// VERSION and ENVIRONMENT. Exit status 0 passes.
	Run string `json:"run,omitempty"`

	// Server is the URL of a Prometheus server, and Query what it is asked, with
	// ${VERSION}, ${TARGET} and ${ENVIRONMENT}. Every value of the answer has to be
	// more than Above and less than Below, as far as they are given.
	Server string   `json:"server,omitempty"`
	Query  string   `json:"query,omitempty"`
	Above  *float64 `json:"above,omitempty"`
	Below  *float64 `json:"below,omitempty"`

	Timeout Duration `json:"timeout,omitempty"`
}

// Asks gives the kind of the probe, never empty.
func (p Probe) Asks() ProbeKind { return cmp.Or(p.Kind, ProbeHTTP) }

// Title names the probe for people, with its kind: "version (http)".
func (p Probe) Title() string {
	asked := p.Path
	switch p.Asks() {
	case ProbeTCP:
		asked = cmp.Or(p.Address, "port of the URL")
	case ProbeExec:
		asked = "script"
	case ProbePrometheus:
		asked = p.Query
	case ProbeHTTP:
	}
	return fmt.Sprintf("%s (%s)", cmp.Or(p.Name, asked), p.Asks())
}

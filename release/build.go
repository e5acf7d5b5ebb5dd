package release

import (
	"fmt"
	"strings"
	"time"
)

// Acquired is a component as it was taken from its controlled source.
type Acquired struct {
	Component string `json:"component"`
	Source    string `json:"source"`
	// Sum is the "h1:" hash that was computed from the content and agreed with
	// the definition.
	Sum string `json:"sum"`
	// Master is the master copy in the segment "sources" of the DML, by its manifest.
	Master Digest `json:"master,omitempty"`
	// Kept tells that it was taken from the master copy, not from outside.
	Kept bool `json:"kept,omitempty"`
	// SignedBy is the fingerprint of the key that signed the tag.
	SignedBy string `json:"signedBy,omitempty"`
}

// Blob names content in the definitive media library.
type Blob struct {
	Digest Digest `json:"digest"`
	Size   int64  `json:"size"`
}

// Execution is what is known of a script that ran: how it ended, how long it
// took, its last lines, and where its whole log is.
type Execution struct {
	Name     string    `json:"name"`
	Started  time.Time `json:"started"`
	Elapsed  Duration  `json:"elapsed"`
	Exit     int       `json:"exit"`
	TimedOut bool      `json:"timedOut,omitempty"`
	// Stopped says why it was stopped before its end, when it was.
	Stopped string `json:"stopped,omitempty"`
	// PeakMemory is the most that one of its processes held in memory, in bytes.
	PeakMemory int64 `json:"peakMemory,omitempty"`
	// Tail is the last lines of the output, at most a few kilobytes, secrets
	// redacted.
	Tail string `json:"tail,omitempty"`
	// Log is its whole output; zero when it said nothing.
	Log Blob `json:"log,omitzero"`
}

// OK tells whether the script ended by itself with exit status 0.
func (e Execution) OK() bool { return e.Exit == 0 && !e.TimedOut && e.Stopped == "" }

// Problem says why it is not well, in one line with the last that it printed; empty
// when it is.
func (e Execution) Problem() string {
	switch {
	case e.OK():
		return ""
	case e.Stopped != "":
		return "was stopped after " + e.Elapsed.String() + ": " + e.Stopped
	}
	why := fmt.Sprintf("exit status %d", e.Exit)
	if e.TimedOut {
		why = fmt.Sprintf("timed out after %s", e.Elapsed)
	}
	last := strings.TrimRight(e.Tail, "\n")
	if last = strings.TrimSpace(last[strings.LastIndexByte(last, '\n')+1:]); last != "" {
		why += ": " + last
	}
	return why
}

// Package is a release package in the DML.
type Package struct {
	// Digest is that of the OCI manifest, and so of everything in the package.
	Digest Digest `json:"digest"`
	// Content is the digest of the uncompressed tar of the files that go to the
	// targets; a target's folder can be checked against it.
	Content Digest `json:"content"`
	Tag     string `json:"tag"`
	Size    int64  `json:"size"`
	Files   int    `json:"files"`
}

// BuildRecord says how a package came about (provenance). A build that failed
// has a Failure and no Package.
type BuildRecord struct {
	Number  int       `json:"number"`
	Started time.Time `json:"started"`
	Elapsed Duration  `json:"elapsed"`
	Builder string    `json:"builder"`
	// Prepared is what was found to be there before the build began, and Missing what was
	// not: then it did not begin.
	Prepared []string `json:"prepared,omitempty"`
	Missing  []string `json:"missing,omitempty"`
	// Tools are the versions of the tools on the machine that built.
	Tools   map[string]string `json:"tools,omitempty"`
	Sources []Acquired        `json:"sources,omitempty"`
	Steps   []Execution       `json:"steps,omitempty"`
	Package *Package          `json:"package,omitempty"`
	// Record is the build record's own artifact, attached to the package, and
	// Provenance the signed statement of the same.
	Record     *Blob  `json:"record,omitempty"`
	Provenance *Blob  `json:"provenance,omitempty"`
	Failure    string `json:"failure,omitempty"`
}

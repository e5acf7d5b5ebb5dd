package release

import "time"

// Progress is what an activity that takes a while tells while it runs: the
// details of its heartbeats, which "starter watch" and the Web UI show.
type Progress struct {
	// What is being done: "build 2: step compile".
	What string `json:"what"`
	// Line is the last line that the work printed, secrets redacted.
	Line string `json:"line,omitempty"`
	// Lines are the last few, oldest first, of work that tells more than Line.
	Lines []string `json:"lines,omitempty"`
	// Since is when What began.
	Since time.Time `json:"since"`
	// Parts are the pieces of it that are being done at the same time, when there are
	// several.
	Parts []Progress `json:"parts,omitempty"`
}

// Last gives the last line that the work printed; empty when it printed none.
func (p Progress) Last() string {
	if n := len(p.Lines); n > 0 {
		return p.Lines[n-1]
	}
	return p.Line
}

package release

import (
	"time"
)

// Fate is what became of a step in a place.
type Fate string

// The fates of a step, and of its back-out.
const (
	FateNotStarted Fate = "not-started"
	FateDone       Fate = "done"
	FateFailed     Fate = "failed"
	FateSkipped    Fate = "skipped"
	// FateUnknown: the worker was lost inside the step, so nobody can tell.
	FateUnknown      Fate = "unknown"
	FateUndone       Fate = "undone"
	FateBackOutStuck Fate = "back-out-failed"
)

// GoodFate is that of a step, or of its back-out, that went well.
func GoodFate(backOut bool) Fate {
	if backOut {
		return FateUndone
	}
	return FateDone
}

// BadFate is that of a step, or of its back-out, that failed.
func BadFate(backOut bool) Fate {
	if backOut {
		return FateBackOutStuck
	}
	return FateFailed
}

// StepResult is what became of a step in one place, or of many targets at once
// that fared the same.
type StepResult struct {
	Step string `json:"step"`
	// Target is empty for a step that runs once.
	Target    string     `json:"target,omitempty"`
	Wave      int        `json:"wave,omitempty"`
	Fate      Fate       `json:"fate"`
	Message   string     `json:"message,omitempty"`
	BackOut   bool       `json:"backOut,omitempty"`
	Started   time.Time  `json:"started,omitzero"`
	Elapsed   Duration   `json:"elapsed,omitempty"`
	Execution *Execution `json:"execution,omitempty"`
	// Outputs are what the step left for later ones.
	Outputs map[string]string `json:"outputs,omitempty"`
	// Targets is how many targets it stands for, when not for one; Report is where
	// the DML says of each how it went.
	Targets int   `json:"targets,omitempty"`
	Report  *Blob `json:"report,omitempty"`
}

// Brief gives a result without what the report of its batch and the CMS tell of it as
// well: where thousands fail, all of it would be more than a history takes.
func (r StepResult) Brief() StepResult {
	const message = 80
	short := StepResult{Step: r.Step, Target: r.Target, Wave: r.Wave, Fate: r.Fate, BackOut: r.BackOut, Outputs: r.Outputs}
	short.Message = Cut(oneLine(r.Message), message)
	return short
}

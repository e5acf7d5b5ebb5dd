package release

import "fmt"

// WaveStatus is how far one step is on the many targets of a wave.
type WaveStatus struct {
	What string `json:"what"`
	Step string `json:"step"`
	// BackOut tells that the step is undone.
	BackOut bool `json:"backOut,omitempty"`
	Wave    int  `json:"wave"`
	// Waves is how many there are, and Targets how many this one has.
	Waves   int `json:"waves"`
	Targets int `json:"targets"`
	Over    int `json:"over"`
	Failed  int `json:"failed"`
}

// String says how far it is on one line: "transfer, wave 2 of 3: 412 of 790 targets, 1
// failed".
func (s WaveStatus) String() string {
	text := fmt.Sprintf("%s, wave %d of %d: %s of %s", StepResult{Step: s.Step, BackOut: s.BackOut}.Name(),
		s.Wave, s.Waves, Grouped(s.Over), ManyOf(s.Targets, "target"))
	if s.Failed > 0 {
		text += ", " + Grouped(s.Failed) + " failed"
	}
	return text
}

// WaveDetails is the page of a wave.
func WaveDetails(s WaveStatus) string {
	return fmt.Sprintf("## %s\n\n%s of %s are over, %s failed.", cell(s.What), Grouped(s.Over), ManyOf(s.Targets, "target"), Grouped(s.Failed))
}

package release

import (
	"fmt"
	"slices"
	"strings"
)

// Message is what an action carries.
type Message interface {
	// Who says by whom the action was sent.
	Who() string
	// Place is the environment that it is about; empty when it is about the whole
	// release, or the only one in question.
	Place() string
	// Summary says in one line what is asked for.
	Summary() string
	// check says what is missing or wrong in the message itself.
	check() error
}

// Sender is the part that all messages share.
type Sender struct {
	By string `json:"by"`
}

// Who gives the sender.
func (s Sender) Who() string { return s.By }

// Place is empty: most messages are about the whole release.
func (s Sender) Place() string { return "" }

// InEnvironment is the part of messages about one environment; it may be left out
// when only one is in question.
type InEnvironment struct {
	Sender
	Environment string `json:"environment,omitempty"`
}

// Place gives the environment.
func (e InEnvironment) Place() string { return e.Environment }

// Authorization is one vote at a gate.
type Authorization struct {
	Sender
	Gate     string   `json:"gate"`
	Decision Decision `json:"decision"`
	Comment  string   `json:"comment,omitempty"`
	// Digest names what is voted on, as the gate shows it; twelve hexadecimal
	// digits are enough. It is refused when the gate shows another by now.
	Digest string `json:"digest,omitempty"`
	// Signature is a signed ballot that says the same, as starter authorize --sign
	// makes it.
	Signature string `json:"signature,omitempty"`
}

// Summary says what was voted where.
func (m Authorization) Summary() string {
	return join(fmt.Sprintf("%s gate %s", m.Decision, m.Gate), m.Comment)
}

func (m Authorization) check() error {
	if err := need(m.Sender, field{"gate", m.Gate}, field{"decision", string(m.Decision)}); err != nil {
		return err
	}
	if !slices.Contains(Votes, m.Decision) {
		return fmt.Errorf("%q is not a decision: send authorize, reject or revise", m.Decision)
	}
	return nil
}

// Revise replaces the definition.
type Revise struct {
	Sender
	Definition *Definition `json:"definition"`
	Reason     string      `json:"reason"`
}

// Summary says why.
func (m Revise) Summary() string { return join("revise", m.Reason) }

func (m Revise) check() error {
	if m.Definition == nil {
		return fmt.Errorf("field %q is missing: send the whole revised definition", "definition")
	}
	return need(m.Sender, field{"reason", m.Reason})
}

// Rebuild asks for another build, possibly from other sources by component.
type Rebuild struct {
	Sender
	Reason     string            `json:"reason"`
	Components map[string]Source `json:"components,omitempty"`
}

// Summary says why.
func (m Rebuild) Summary() string { return join("rebuild", m.Reason) }

func (m Rebuild) check() error { return need(m.Sender, field{"reason", m.Reason}) }

// Accept says that an environment works for its users.
type Accept struct {
	InEnvironment
	Comment string `json:"comment,omitempty"`
}

// Summary says what was accepted.
func (m Accept) Summary() string { return join("accept "+m.Environment, m.Comment) }

func (m Accept) check() error { return need(m.Sender) }

// HandOver says that service operations take over.
type HandOver struct {
	InEnvironment
	Comment string `json:"comment,omitempty"`
}

// Summary says what was handed over.
func (m HandOver) Summary() string { return join("hand over "+m.Environment, m.Comment) }

func (m HandOver) check() error { return need(m.Sender) }

// Confirm says that an item of readiness is there.
type Confirm struct {
	InEnvironment
	Item    string `json:"item"`
	Comment string `json:"comment,omitempty"`
}

// Summary says what was confirmed.
func (m Confirm) Summary() string { return join("confirm "+m.Item, m.Comment) }

func (m Confirm) check() error { return need(m.Sender, field{"item", m.Item}) }

// ResolveStep decides about a step whose fate nobody knows.
type ResolveStep struct {
	Sender
	Step string `json:"step"`
	// Target is empty for a step that runs once.
	Target string     `json:"target,omitempty"`
	Action Resolution `json:"action"`
	Reason string     `json:"reason"`
	// OfBackOut says that it is about the step's back-out: what somebody found out
	// about the step itself must not be taken for that.
	OfBackOut bool `json:"ofBackOut,omitempty"`
}

// Resolution is what is to be done about such a step.
type Resolution string

// The resolutions.
const (
	ResolveRetry   Resolution = "retry"
	ResolveSkip    Resolution = "skip"
	ResolveDone    Resolution = "done"
	ResolveBackOut Resolution = "back-out"
)

// Resolutions lists them.
var Resolutions = []Resolution{ResolveRetry, ResolveSkip, ResolveDone, ResolveBackOut}

// Summary says what was decided.
func (m ResolveStep) Summary() string {
	what := "step"
	if m.OfBackOut {
		what = "back-out of step"
	}
	return join(strings.TrimSpace(fmt.Sprintf("%s %s %s %s", m.Action, what, m.Step, m.Target)), m.Reason)
}

func (m ResolveStep) check() error {
	if !slices.Contains(Resolutions, m.Action) {
		return fmt.Errorf("%q is not an action: send retry, skip, done or back-out", m.Action)
	}
	return need(m.Sender, field{"step", m.Step}, field{"reason", m.Reason})
}

// Withdraw takes back a release that is not being deployed.
type Withdraw struct {
	Sender
	Reason string `json:"reason"`
}

// Summary says why.
func (m Withdraw) Summary() string { return join("withdraw", m.Reason) }

func (m Withdraw) check() error { return need(m.Sender, field{"reason", m.Reason}) }

// BackOut asks for the old state again.
type BackOut struct {
	Sender
	Reason string `json:"reason"`
}

// Summary says why.
func (m BackOut) Summary() string { return join("back out", m.Reason) }

func (m BackOut) check() error { return need(m.Sender, field{"reason", m.Reason}) }

type field struct{ name, value string }

// need says which of the fields every message, or this one, is without.
func need(sender Sender, fields ...field) error {
	fields = append(fields, field{"by", sender.By})
	for _, f := range fields {
		if strings.TrimSpace(f.value) == "" {
			return fmt.Errorf("field %q is missing or empty", f.name)
		}
	}
	return nil
}

func join(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

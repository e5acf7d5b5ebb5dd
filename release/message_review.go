package release

import (
	"fmt"
	"slices"
	"strings"
)

// TakeNote notes a lesson, risk, issue or improvement, at any time.
type TakeNote struct {
	Sender
	Kind  NoteKind `json:"kind"`
	Text  string   `json:"text"`
	Owner string   `json:"owner,omitempty"`
}

// Summary says what was noted.
func (m TakeNote) Summary() string { return join(string(m.Kind), m.Text) }

func (m TakeNote) check() error {
	if !slices.Contains(NoteKinds, m.Kind) {
		return fmt.Errorf("%q is not a kind of note: send %s", m.Kind, names(NoteKinds, func(k NoteKind) string { return string(k) }))
	}
	if m.Kind == NoteImprovement && m.Owner == "" {
		return fmt.Errorf("field %q is missing or empty: an improvement needs somebody who looks after it", "owner")
	}
	return need(m.Sender, field{"text", m.Text})
}

// Rate says how satisfied its sender is.
type Rate struct {
	Sender
	// Score is from 1 (not at all) to 5 (very).
	Score   int    `json:"score"`
	Comment string `json:"comment,omitempty"`
}

// Summary says how much.
func (m Rate) Summary() string { return join(fmt.Sprintf("rated %d of 5", m.Score), m.Comment) }

func (m Rate) check() error {
	if m.Score < 1 || m.Score > MaxScore {
		return fmt.Errorf("score %d: use 1 (not at all satisfied) to 5 (very)", m.Score)
	}
	return need(m.Sender)
}

// LogEffort records what its sender spent on the release.
type LogEffort struct {
	Sender
	// Role says by which rate the hours are paid for; the first of the sender's groups
	// and roles that has one when it is empty.
	Role    string  `json:"role,omitempty"`
	Hours   float64 `json:"hours,omitempty"`
	Expense float64 `json:"expense,omitempty"`
	Text    string  `json:"text,omitempty"`
}

// Summary says what was spent.
func (m LogEffort) Summary() string {
	var spent []string
	if m.Hours > 0 {
		spent = append(spent, fmt.Sprintf("%g hours", m.Hours))
	}
	if m.Expense > 0 {
		spent = append(spent, fmt.Sprintf("%g", m.Expense))
	}
	return join("spent "+strings.Join(spent, " and "), m.Text)
}

func (m LogEffort) check() error {
	for _, f := range []struct {
		name  string
		value float64
	}{{"hours", m.Hours}, {"expense", m.Expense}} {
		if noAmount(f.value) {
			return fmt.Errorf("%s %g: it cannot be negative", f.name, f.value)
		}
	}
	if m.Hours == 0 && m.Expense == 0 {
		return fmt.Errorf("nothing was spent: give hours or expense")
	}
	return need(m.Sender)
}

// CloseReview closes the review, and with it the release.
type CloseReview struct {
	Sender
	Comment string `json:"comment,omitempty"`
}

// Summary says what its sender made of it.
func (m CloseReview) Summary() string { return join("close the review", m.Comment) }

func (m CloseReview) check() error { return need(m.Sender) }

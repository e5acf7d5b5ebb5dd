package release

import (
	"fmt"
	"time"
)

// AddFreeze forbids changes for a while.
type AddFreeze struct {
	Sender
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason"`
	// Environments that are frozen; none means all.
	Environments []string `json:"environments,omitempty"`
}

// Entry gives what is to be added.
func (m AddFreeze) Entry() CalendarEntry {
	return CalendarEntry{Freeze: &Freeze{Reason: m.Reason, From: m.From.UTC(), To: m.To.UTC(), Environments: m.Environments}}
}

// Summary says what is asked for.
func (m AddFreeze) Summary() string { return "add a " + m.Entry().String() }

func (m AddFreeze) check() error {
	switch {
	case m.From.IsZero():
		return fmt.Errorf("field %q is missing: write a time as in 2026-12-20T00:00:00Z", "from")
	case m.To.IsZero():
		return fmt.Errorf("field %q is missing: write a time as in 2027-01-04T06:00:00Z", "to")
	case len(m.Environments) > calendarEnvironments:
		return fmt.Errorf("it names %d environments; use at most %d, or none for all", len(m.Environments), calendarEnvironments)
	}
	if err := need(m.Sender, field{"reason", m.Reason}); err != nil {
		return err
	}
	return roomy(field{"reason", m.Reason})
}

// AddWindow lets an environment be changed in a window more.
type AddWindow struct {
	InEnvironment
	Window
	Reason string `json:"reason,omitempty"`
}

// Entry gives what is to be added.
func (m AddWindow) Entry() CalendarEntry {
	return CalendarEntry{Environment: m.Environment, Window: &m.Window}
}

// Summary says what is asked for.
func (m AddWindow) Summary() string { return join("add a "+m.Entry().String(), m.Reason) }

func (m AddWindow) check() error {
	if err := need(m.Sender, field{"environment", m.Environment}, field{"rule", m.Rule}, field{"start", m.Start}); err != nil {
		return err
	}
	if m.Start < firstYear {
		return fmt.Errorf("start: %q is too long ago: use a year from %s on", m.Start, firstYear)
	}
	return roomy(field{"name", m.Name}, field{"rule", m.Rule}, field{"start", m.Start}, field{"zone", m.Zone}, field{"reason", m.Reason})
}

// RemoveCalendarEntry takes an entry that somebody added out of the calendar.
type RemoveCalendarEntry struct {
	Sender
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Summary says what is asked for.
func (m RemoveCalendarEntry) Summary() string { return join("remove "+m.ID, m.Reason) }

func (m RemoveCalendarEntry) check() error {
	if err := need(m.Sender, field{"id", m.ID}, field{"reason", m.Reason}); err != nil {
		return err
	}
	return roomy(field{"id", m.ID}, field{"reason", m.Reason})
}

// OverrideFreeze lets a deployment go on in its windows although a freeze holds.
type OverrideFreeze struct {
	InEnvironment
	Reason string `json:"reason"`
}

// Summary says what is asked for.
func (m OverrideFreeze) Summary() string {
	return join("override the freeze of "+m.Environment, m.Reason)
}

func (m OverrideFreeze) check() error { return need(m.Sender, field{"reason", m.Reason}) }

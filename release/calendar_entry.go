package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// CalendarID is the workflow id of the calendar, and stands in the place of a
// release's id where the CMS holds something about the calendar.
const CalendarID = "calendar"

// CalendarKind tells what an entry of the calendar is.
type CalendarKind string

// The kinds of entry.
const (
	CalendarFreeze CalendarKind = "freeze"
	CalendarWindow CalendarKind = "window"
)

// CalendarKinds lists them.
var CalendarKinds = []CalendarKind{CalendarFreeze, CalendarWindow}

// The sources of an entry.
const (
	// SourceConfiguration: it stands in slipway.yaml.
	SourceConfiguration = "configuration"
	// SourceCalendar: somebody added it.
	SourceCalendar = "calendar"
)

// CalendarEntry is a change window or a freeze: exactly one of the two.
type CalendarEntry struct {
	// ID names the entry: "freeze-3", or its place in slipway.yaml.
	ID     string `json:"id"`
	Source string `json:"source"`
	// Environment is that of a window; a freeze lists its own.
	Environment string  `json:"environment,omitempty"`
	Window      *Window `json:"window,omitempty"`
	Freeze      *Freeze `json:"freeze,omitempty"`
	// Added and Removed say who did so, when and why; Added is nil for what the
	// configuration has.
	Added   *CalendarMark `json:"added,omitempty"`
	Removed *CalendarMark `json:"removed,omitempty"`
}

// CalendarMark is who changed the calendar, when and why.
type CalendarMark struct {
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
}

// Kind tells which of the two it is.
func (e CalendarEntry) Kind() CalendarKind {
	if e.Freeze != nil {
		return CalendarFreeze
	}
	return CalendarWindow
}

// Over tells whether the entry does not matter any more from a time on.
func (e CalendarEntry) Over(now time.Time) bool {
	return e.Removed != nil || e.Freeze != nil && !now.Before(e.Freeze.To)
}

// String says all of an entry in one line.
func (e CalendarEntry) String() string {
	if e.Freeze == nil {
		return "window in " + e.Environment + ": " + e.Window.describe()
	}
	where := "all environments"
	if len(e.Freeze.Environments) > 0 {
		where = strings.Join(e.Freeze.Environments, ", ")
	}
	return fmt.Sprintf("freeze of %s from %s until %s: %s", where,
		e.Freeze.From.UTC().Format(time.RFC3339), e.Freeze.To.UTC().Format(time.RFC3339), e.Freeze.Reason)
}

// With gives the organization with these windows and freezes beside its own. An
// environment that had no windows has those; what is removed, or of an environment
// that there is not, does not count.
func (o Organization) With(entries []CalendarEntry) Organization {
	o.Freezes, o.Environments = slices.Clone(o.Freezes), slices.Clone(o.Environments)
	for _, e := range entries {
		if e.Removed != nil {
			continue
		}
		if e.Freeze != nil {
			o.Freezes = append(o.Freezes, *e.Freeze)
			continue
		}
		i := slices.IndexFunc(o.Environments, func(env Environment) bool { return env.Name == e.Environment })
		if i >= 0 {
			o.Environments[i].Windows = append(slices.Clone(o.Environments[i].Windows), *e.Window)
		}
	}
	return o
}

// configured gives the windows and freezes of the configuration as entries; each is
// named by its place there.
func (o Organization) configured() []CalendarEntry {
	var entries []CalendarEntry
	for i, env := range o.Environments {
		for j := range env.Windows {
			entries = append(entries, CalendarEntry{
				ID: fmt.Sprintf("organization.environments[%d].windows[%d]", i, j), Source: SourceConfiguration,
				Environment: env.Name, Window: &env.Windows[j],
			})
		}
	}
	for i := range o.Freezes {
		entries = append(entries, CalendarEntry{
			ID: fmt.Sprintf("organization.freezes[%d]", i), Source: SourceConfiguration, Freeze: &o.Freezes[i],
		})
	}
	return entries
}

// Configured tells whether an id names an entry of the configuration.
func Configured(id string) bool { return strings.HasPrefix(id, "organization.") }

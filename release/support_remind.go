package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Matter is something of early life support that is open and to be looked after: an
// incident, or a service desk call or known error that is somebody's.
type Matter struct {
	ID string
	// Kind says what it is, as in "incident of severity 2".
	Kind    string
	Summary string
	Since   time.Time
	Assignment
	// Action and Message resolve it, once they say by whom and how.
	Action  Action
	Message Message
}

// Title says in one line what it is.
func (m Matter) Title() string {
	return fmt.Sprintf("%s (%s since %s): %s", m.ID, m.Kind, m.Since.UTC().Format(time.RFC3339), m.Summary)
}

// Matters lists what is open and to be looked after.
func (s *SupportStatus) Matters() []Matter {
	var all []Matter
	s.eachMatter(func(m Matter, _ *Assignment) { all = append(all, m) })
	return all
}

// eachMatter visits what is open and to be looked after, with who looks after it, to
// be changed.
func (s *SupportStatus) eachMatter(visit func(m Matter, a *Assignment)) {
	const how = "HOW"
	place := InEnvironment{Sender: Sender{By: YourID}, Environment: s.Environment}
	for n := range s.Incidents {
		if i := &s.Incidents[n]; i.Open() {
			visit(Matter{
				ID: i.ID, Kind: fmt.Sprintf("incident of severity %d", i.Severity), Summary: i.Summary, Since: i.Opened, Assignment: i.Assignment,
				Action: ActResolveIncident, Message: ResolveIncident{InEnvironment: place, Incident: i.ID, Resolution: how},
			}, &i.Assignment)
		}
	}
	for n := range s.Calls {
		if c := &s.Calls[n]; !c.done() {
			visit(Matter{
				ID: c.ID, Kind: "service desk call", Summary: c.Summary, Since: c.At, Assignment: c.Assignment,
				Action: ActUpdateCall, Message: UpdateCall{InEnvironment: place, Call: c.ID, Resolution: how},
			}, &c.Assignment)
		}
	}
	for n := range s.KnownErrors {
		if k := &s.KnownErrors[n]; k.Assignee != "" && k.Resolved.IsZero() {
			visit(Matter{
				ID: k.ID, Kind: "known error", Summary: k.Summary, Since: k.At, Assignment: k.Assignment,
				Action: ActKnownError, Message: NoteKnownError{InEnvironment: place, KnownError: k.ID, Resolution: how},
			}, &k.Assignment)
		}
	}
}

// told is when somebody was last told of it.
func (m Matter) told() time.Time {
	return slices.MaxFunc([]time.Time{m.Since, m.Assigned, m.Reminded}, time.Time.Compare)
}

// Reminder is what somebody is to be reminded of.
type Reminder struct {
	To string
	Of []Matter
}

// Text says of an early life support what is open.
func (r Reminder) Text(o SupportOrder) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s in %s has open what you look after:\n", o.Release, o.Environment)
	for _, m := range r.Of {
		fmt.Fprintf(&text, "- %s\n", m.Title())
	}
	fmt.Fprintf(&text, "When it is resolved, say how with starter incident resolve, call update or known-error; who else should look after it, with --assignee.")
	return text.String()
}

// NextReminder is when somebody has to be reminded next; zero when nobody has to.
func (s *SupportStatus) NextReminder(o SupportOrder) time.Time {
	var next time.Time
	if every := o.Policy.RemindEvery.Std(); every > 0 {
		for _, m := range s.Matters() {
			if due := m.told().Add(every); next.IsZero() || due.Before(next) {
				next = due
			}
		}
	}
	return next
}

// Remind gives who is to be reminded of what, and notes that they were. What nobody
// looks after, the release manager is reminded of. When something is due, what would
// be due within half a period goes with it: people are told of all at once, at most
// twice in a period.
func (s *SupportStatus) Remind(o SupportOrder, now time.Time) []Reminder {
	next := s.NextReminder(o)
	if next.IsZero() || next.After(now) {
		return nil
	}
	soon := now.Add(-o.Policy.RemindEvery.Std() / 2)
	var all []Reminder
	s.eachMatter(func(m Matter, a *Assignment) {
		if m.told().After(soon) {
			return
		}
		a.Reminded = now
		to := o.keeper(m)
		i := slices.IndexFunc(all, func(r Reminder) bool { return r.To == to })
		if i < 0 {
			i, all = len(all), append(all, Reminder{To: to})
		}
		all[i].Of = append(all[i].Of, m)
	})
	return all
}

// keeper is who looks after something.
func (o SupportOrder) keeper(m Matter) string {
	if m.Assignee == "" {
		return o.Authority.Manager
	}
	return m.Assignee
}

// MayTell tells whether somebody can be told anything.
func (o SupportOrder) MayTell(who string) bool { return slices.Contains(o.Reachable, who) }

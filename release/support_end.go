package release

import (
	"fmt"
	"strings"
	"time"
)

// SupportCourse is how early life support goes on at a moment; when nothing is set, it
// just does.
type SupportCourse struct {
	// BackOut is why the release has to be backed out without anybody being asked.
	BackOut string
	// End tells that it is over.
	End bool
	// Extend is the extension that the model's policy gives.
	Extend *Extension
	// Ask tells that a person has to decide.
	Ask bool
}

// Course says how early life support goes on. Its criteria have to be evaluated before.
func (o SupportOrder) Course(s SupportStatus, now time.Time) SupportCourse {
	if reason := o.Plan.Reason(s); reason != "" && o.Policy.AutoBackOut {
		return SupportCourse{BackOut: reason}
	}
	switch {
	case s.EndedBy != nil:
		return SupportCourse{End: true}
	case len(s.Unmet) == 0 && s.prolonged(now):
		return SupportCourse{End: true}
	case now.Before(s.Until):
		return SupportCourse{}
	case len(s.Unmet) == 0:
		return SupportCourse{End: true}
	case o.Policy.ExtendBy > 0 && s.extended() < o.Policy.Extensions:
		from := s.Until
		until := from.Add(o.Policy.ExtendBy.Std())
		if !until.After(now) { // nobody was there to extend it in time
			until = now.Add(o.Policy.ExtendBy.Std())
		}
		return SupportCourse{Extend: &Extension{At: now, From: from, Until: until, Reason: strings.Join(s.Unmet, "; ")}}
	}
	return SupportCourse{Ask: true}
}

// prolonged tells whether it lasts only because its exit criteria did not hold when it was
// to end, so that it ends as soon as they do.
func (s SupportStatus) prolonged(now time.Time) bool {
	n := len(s.Extensions)
	return n > 0 && s.Extensions[n-1].By == "" && !now.Before(s.Extensions[n-1].From)
}

// extended counts the extensions by the model's policy.
func (s SupportStatus) extended() (count int) {
	for _, e := range s.Extensions {
		if e.By == "" {
			count++
		}
	}
	return count
}

// longestSupport is for how long early life support may go on from now on, whoever
// extends it.
const longestSupport = 366 * 24 * time.Hour

// Extension gives the extension that somebody asks for. It is refused when early life
// support would not last longer by it, or far too long.
func (s SupportStatus) Extension(m ExtendSupport, now time.Time) (Extension, error) {
	until := m.Until.UTC()
	if m.Until.IsZero() {
		from := s.Until
		if from.Before(now) {
			from = now
		}
		until = from.Add(m.Period.Std())
	}
	switch at := until.Format(time.RFC3339); {
	case !until.After(now):
		return Extension{}, Refusef("%s is past: give a time that is still to come, after %s", at, s.Until.Format(time.RFC3339))
	case !until.After(s.Until):
		return Extension{}, Refusef("it lasts until %s already: use a later time than that, or end-els to end it", s.Until.Format(time.RFC3339))
	case until.Sub(now) > longestSupport:
		return Extension{}, Refusef("%s is more than a year away: use at most %s", at, now.Add(longestSupport).Format(time.RFC3339))
	}
	return Extension{At: now, From: s.Until, Until: until, By: m.By, Reason: m.Reason}, nil
}

// MayEnd refuses to end early life support before its minimum.
func (s SupportStatus) MayEnd(now time.Time) error {
	if now.Before(s.Minimum) {
		return Refusef("it lasts until %s at least, so it cannot be ended before: send this again then, or use back-out",
			s.Minimum.Format(time.RFC3339))
	}
	return nil
}

// Confirm takes it that knowledge was transferred.
func (s SupportStatus) Confirm(m Confirm, a Authority, now time.Time) (*Act, error) {
	if m.Item != KnowledgeItem {
		return nil, Refusef("early life support asks for no item %q: use %s", m.Item, KnowledgeItem)
	}
	if err := a.Check(ActHandOver, m.By); err != nil {
		return nil, Refusef("%s may not confirm that knowledge was transferred: model %s leaves that to %s", m.By, a.Model, a.Who(ActHandOver))
	}
	if k := s.Knowledge; k != nil {
		return nil, Refusef("%s confirmed it already, at %s", k.By, k.At.Format(time.RFC3339))
	}
	return &Act{At: now, Action: ActConfirm, By: m.By, Summary: m.Comment, Counted: true}, nil
}

// stretches is into how many windows the time of early life support is cut when the plan
// does not say, and mostStretches into how many it may.
const (
	stretches     = 60
	mostStretches = 100
	// longSupport is how long it lasts when its windows are an hour at least.
	longSupport = 24 * time.Hour
)

// Stretch is the window of time for which what the probes see is taken together: that of
// the plan, or else a sixtieth of the period, but an hour at least when that is long. It
// is never zero.
func (p Support) Stretch() Duration {
	if p.Window > 0 {
		return p.Window
	}
	stretch := p.Period / stretches
	if p.Period.Std() >= longSupport {
		stretch = max(stretch, Duration(time.Hour))
	}
	return max(stretch, 5*p.Every(), Duration(time.Second))
}

// Every is the time between two probes of a target.
func (p Support) Every() Duration {
	if p.Interval > 0 {
		return p.Interval
	}
	return Duration(10 * time.Second)
}

// Tolerance is how long nobody may have looked before that is unobserved.
func (p Support) Tolerance() Duration { return 2 * p.Every() }

// SupportIn is the plan for early life support in an environment: its own, or else that
// of the definition.
func (d Definition) SupportIn(environment string) Support {
	for _, e := range d.Environments {
		if e.Name == environment && e.EarlyLifeSupport != nil {
			return *e.EarlyLifeSupport
		}
	}
	return d.EarlyLifeSupport
}

// Automatic says that nobody asked for a back-out, and why it is done.
func Automatic(environment, reason string) string {
	return fmt.Sprintf("early life support in %s asked for it automatically: %s", environment, reason)
}

// Says tells in one line how early life support ended.
func (s SupportStatus) Says() string {
	text := fmt.Sprintf("%s, %s to %s: ", s.Environment, s.Started.UTC().Format(time.RFC3339), s.Ended.UTC().Format(time.RFC3339))
	switch n := len(s.Unmet); {
	case s.BackOut != "":
		return text + "backed out automatically"
	case n == 1:
		return text + "1 exit criterion not met"
	case n > 1:
		return text + fmt.Sprintf("%d exit criteria not met", n)
	}
	return text + "all exit criteria met"
}

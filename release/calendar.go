package release

import (
	"fmt"
	"slices"
	"time"

	"github.com/teambition/rrule-go"
)

// Window is a recurring change window: when an environment may be changed
// (ISO/IEC 20000-1: deployments in agreed windows).
type Window struct {
	Name string `json:"name,omitempty"`
	// Rule is an RFC 5545 recurrence rule, as in "FREQ=WEEKLY;BYDAY=FR".
	Rule string `json:"rule"`
	// Start is the first opening in local time, "2026-01-02T18:00".
	Start string `json:"start"`
	// Zone is the IANA time zone of Start; empty stands for UTC.
	Zone string `json:"zone,omitempty"`
	// Length is how long the window stays open.
	Length Duration `json:"length"`
}

// Freeze forbids changes for a while; it wins over every window.
type Freeze struct {
	Reason string    `json:"reason"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	// Environments that are frozen; none means all.
	Environments []string `json:"environments,omitempty"`
}

// Covers tells whether the freeze holds for an environment at a time.
func (f Freeze) Covers(environment string, at time.Time) bool {
	return f.holds(environment) && !at.Before(f.From) && at.Before(f.To)
}

func (f Freeze) holds(environment string) bool {
	return len(f.Environments) == 0 || slices.Contains(f.Environments, environment)
}

// Opening is when an environment may be changed next.
type Opening struct {
	Open bool `json:"open"`
	// At is when it opens (now, when it is open); zero when no opening is in
	// sight.
	At time.Time `json:"at,omitzero"`
	// Until is when it closes again; zero when nothing closes it.
	Until time.Time `json:"until,omitzero"`
	// Why says in words what decides.
	Why string `json:"why"`
	// Freezes are those of the environment that hold or begin within the next two
	// weeks, whether they count or not.
	Freezes []Freeze `json:"freezes,omitempty"`
}

// horizon is how far ahead an opening is looked for.
const horizon = 400 * 24 * time.Hour

// nearby is how far ahead freezes are told of.
const nearby = 14 * 24 * time.Hour

// Opening says when an environment may be changed, seen from now. An overridden
// freeze does not count; windows always do.
func (o Organization) Opening(environment string, now time.Time, overrideFreeze bool) (Opening, error) {
	env, found := o.Environment(environment)
	if !found {
		return Opening{}, fmt.Errorf("there is no environment %q", environment)
	}
	opening, err := o.opening(env, now, overrideFreeze)
	for _, f := range o.Freezes {
		if f.holds(environment) && f.To.After(now) && f.From.Before(now.Add(nearby)) {
			opening.Freezes = append(opening.Freezes, f)
		}
	}
	return opening, err
}

func (o Organization) opening(env Environment, now time.Time, overrideFreeze bool) (Opening, error) {
	at, why := now, "no change window is set for "+env.Name+": changes are allowed at any time"
	for at.Before(now.Add(horizon)) {
		if f, frozen := o.frozen(env.Name, at); frozen && !overrideFreeze {
			at, why = f.To, "frozen until "+f.To.UTC().Format(time.RFC3339)+": "+f.Reason
			continue
		}
		opens, closes, name, err := nextWindow(env.Windows, at)
		if err != nil {
			return Opening{}, err
		}
		if opens.After(at) {
			at, why = opens, "outside the change windows; the next one is "+name
			continue
		}
		if len(env.Windows) > 0 && opens.IsZero() {
			break
		}
		if !closes.IsZero() && at.Equal(now) {
			why = "inside change window " + name
		}
		until, err := o.until(env, at, closes, overrideFreeze)
		return Opening{Open: at.Equal(now), At: at, Until: until, Why: why}, err
	}
	return Opening{Why: "no change window opens within 400 days"}, nil
}

// windowsInRow is how many windows are looked at that carry an opening on.
const windowsInRow = 14

// until gives when an opening ends: with its window, or the last of those that
// carry it on, or with the first freeze; zero when nothing ends it.
func (o Organization) until(env Environment, at, closes time.Time, overrideFreeze bool) (time.Time, error) {
	for range windowsInRow {
		opens, next, _, err := nextWindow(env.Windows, closes)
		if err != nil {
			return closes, err
		}
		if opens.IsZero() || opens.After(closes) {
			break
		}
		closes = next
	}
	for _, f := range o.Freezes {
		if !overrideFreeze && f.From.After(at) && f.Covers(env.Name, f.From) && (closes.IsZero() || f.From.Before(closes)) {
			closes = f.From
		}
	}
	return closes, nil
}

func (o Organization) frozen(environment string, at time.Time) (Freeze, bool) {
	i := slices.IndexFunc(o.Freezes, func(f Freeze) bool { return f.Covers(environment, at) })
	if i < 0 {
		return Freeze{}, false
	}
	return o.Freezes[i], true
}

// nextWindow gives the window that is open at a time, or else the one that opens
// first; zero times when there is none.
func nextWindow(windows []Window, at time.Time) (opens, closes time.Time, name string, err error) {
	for _, w := range windows {
		rule, err := w.rule()
		if err != nil {
			return opens, closes, "", err
		}
		start := rule.Before(at, true)
		if start.IsZero() || !at.Before(start.Add(w.Length.Std())) {
			start = rule.After(at, false)
		}
		if !start.IsZero() && (opens.IsZero() || start.Before(opens)) {
			opens, closes, name = start, start.Add(w.Length.Std()), w.String()
		}
	}
	return opens, closes, name, nil
}

// String names the window for people.
func (w Window) String() string {
	if w.Name != "" {
		return w.Name
	}
	return w.Rule
}

func (w Window) check() error {
	if w.Length <= 0 {
		return fmt.Errorf("length: a window has to stay open for a while, as in 4h")
	}
	_, err := w.rule()
	return err
}

func (w Window) rule() (*rrule.RRule, error) {
	zone, err := time.LoadLocation(w.Zone)
	if err != nil || w.Zone == "Local" {
		return nil, fmt.Errorf("zone: %q is not an IANA time zone, as in Europe/Zurich", w.Zone)
	}
	start, err := time.ParseInLocation("2006-01-02T15:04", w.Start, zone)
	if err != nil {
		return nil, fmt.Errorf("start: %q is not a local time, as in 2026-01-02T18:00", w.Start)
	}
	option, err := rrule.StrToROption(w.Rule)
	if err != nil {
		return nil, fmt.Errorf("rule: %q is not an RFC 5545 recurrence rule, as in FREQ=WEEKLY;BYDAY=FR: %w", w.Rule, err)
	}
	if option.Freq > rrule.HOURLY {
		return nil, fmt.Errorf("rule: %q opens more often than hourly", w.Rule)
	}
	option.Dtstart = start
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, fmt.Errorf("rule: %q: %w", w.Rule, err)
	}
	return rule, nil
}

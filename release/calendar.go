package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

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
	return f.holds(environment) && f.span().covers(at)
}

func (f Freeze) holds(environment string) bool {
	return len(f.Environments) == 0 || slices.Contains(f.Environments, environment)
}

func (f Freeze) span() Span { return Span{f.From, f.To} }

// Opening is when an environment may be changed next.
type Opening struct {
	Open bool `json:"open"`
	// At is when it opens (now, when it is open); zero when no opening is in
	// sight.
	At time.Time `json:"at,omitzero"`
	// Until is when it closes again; zero when nothing in sight closes it.
	Until time.Time `json:"until,omitzero"`
	// Why says in words what decides.
	Why string `json:"why"`
	// Frozen tells that it would open sooner if freezes did not count.
	Frozen bool `json:"frozen,omitempty"`
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
	inWindows, err := env.allowed(now, now.Add(horizon))
	if err != nil {
		return Opening{}, err
	}
	var counts []Freeze
	if !overrideFreeze {
		counts = o.freezes(environment)
	}
	opening := first(without(inWindows, spansOf(counts)), now)
	hiding := hiding(inWindows, counts, opening.At)
	opening.Frozen = len(hiding) > 0
	if opening.Why, err = env.why(opening, counts, hiding, now); err != nil {
		return Opening{}, err
	}
	for _, f := range o.freezes(environment) {
		if f.To.After(now) && f.From.Before(now.Add(nearby)) {
			opening.Freezes = append(opening.Freezes, f)
		}
	}
	return opening, nil
}

// Openings gives the times between two moments at which an environment may be
// changed, in their order.
func (o Organization) Openings(environment string, from, to time.Time) ([]Span, error) {
	env, found := o.Environment(environment)
	if !found {
		return nil, fmt.Errorf("there is no environment %q", environment)
	}
	inWindows, err := env.allowed(from, to)
	return without(inWindows, spansOf(o.freezes(environment))), err
}

// allowed gives the times between two moments that are in a window of the
// environment; all of it when there are no windows.
func (e Environment) allowed(from, to time.Time) ([]Span, error) {
	if len(e.Windows) == 0 {
		return []Span{{from, to}}, nil
	}
	var all []Span
	for _, w := range e.Windows {
		spans, err := w.spans(from, to)
		if err != nil {
			return nil, err
		}
		all = append(all, spans...)
	}
	return within(union(all), from, to), nil
}

// first gives the opening that the first span is, seen from now.
func first(spans []Span, now time.Time) Opening {
	if len(spans) == 0 {
		return Opening{}
	}
	opening := Opening{Open: spans[0].From.Equal(now), At: spans[0].From, Until: spans[0].To}
	if !opening.Until.Before(now.Add(horizon)) {
		opening.Until = time.Time{}
	}
	return opening
}

// freezes gives those of an environment.
func (o Organization) freezes(environment string) []Freeze {
	return slices.DeleteFunc(slices.Clone(o.Freezes), func(f Freeze) bool { return !f.holds(environment) })
}

func spansOf(freezes []Freeze) []Span {
	spans := make([]Span, len(freezes))
	for i, f := range freezes {
		spans[i] = f.span()
	}
	return spans
}

// hiding gives the freezes that keep windows closed before an opening.
func hiding(inWindows []Span, freezes []Freeze, opens time.Time) []Freeze {
	return slices.DeleteFunc(slices.Clone(freezes), func(f Freeze) bool {
		to := f.To
		if !opens.IsZero() && opens.Before(to) {
			to = opens
		}
		return len(within(inWindows, f.From, to)) == 0
	})
}

// why says in words what decides about an opening.
func (e Environment) why(opening Opening, freezes, hiding []Freeze, now time.Time) (string, error) {
	name, err := e.windowAt(opening.At)
	if err != nil {
		return "", err
	}
	next := "the next one is " + name
	if opening.At.IsZero() {
		next = "no change window opens within 400 days"
	}
	until, reasons := frozenFrom(freezes, now)
	switch {
	case opening.Open && name == "":
		return "no change window is set for " + e.Name + ": changes are allowed at any time", nil
	case opening.Open:
		return "inside change window " + name, nil
	case !until.IsZero() && opening.At.Equal(until):
		return reasons, nil
	case !until.IsZero() && opening.At.IsZero():
		return reasons + "; " + next, nil
	case !until.IsZero():
		return reasons + "; the next change window after that is " + name, nil
	case opening.At.IsZero() && len(hiding) == 0:
		return next, nil
	}
	return "outside the change windows; " + next + keeping(hiding), nil
}

// windowAt names a window that is open at a time; empty when none is.
func (e Environment) windowAt(at time.Time) (string, error) {
	for _, w := range e.Windows {
		spans, err := w.spans(at, at.Add(time.Nanosecond))
		if err != nil {
			return "", err
		}
		if len(spans) > 0 {
			return w.String(), nil
		}
	}
	return "", nil
}

// frozenFrom gives until when freezes that hold now, or follow those without a gap,
// forbid changes, and says so with their reasons; the zero time when none holds.
func frozenFrom(freezes []Freeze, now time.Time) (until time.Time, words string) {
	var reasons []string
	at := now
	for more := true; more; {
		more = false
		for _, f := range freezes {
			if f.span().covers(at) {
				at, more = f.To, true
				reasons = append(reasons, f.Reason)
			}
		}
	}
	if len(reasons) == 0 {
		return time.Time{}, ""
	}
	return at, "frozen until " + at.UTC().Format(time.RFC3339) + ": " + strings.Join(distinct(reasons), ", then ")
}

// keeping says which freezes keep earlier windows closed.
func keeping(freezes []Freeze) string {
	if len(freezes) == 0 {
		return ""
	}
	return ", because of the freeze until " + names(freezes, func(f Freeze) string {
		return f.To.UTC().Format(time.RFC3339) + " (" + f.Reason + ")"
	})
}

// distinct gives each text once, in their order.
func distinct(texts []string) []string {
	var once []string
	for _, t := range texts {
		if !slices.Contains(once, t) {
			once = append(once, t)
		}
	}
	return once
}

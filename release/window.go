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
	// Length is how long the window stays open, in elapsed time: over a change of
	// the clocks, it closes an hour earlier or later by the clock on the wall.
	Length Duration `json:"length"`
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
	_, _, err := w.parse()
	return err
}

// localForm is how the start of a window is written.
const localForm = "2006-01-02T15:04"

// parse reads the rule as one of the clock on the wall, whose hours are those of
// UTC here: days without a change of the clocks. What a local time stands for in
// the zone is for instant to say.
func (w Window) parse() (rrule.ROption, *time.Location, error) {
	zone, err := time.LoadLocation(w.Zone)
	if err != nil || w.Zone == "Local" {
		return rrule.ROption{}, nil, fmt.Errorf("zone: %q is not an IANA time zone, as in Europe/Zurich", w.Zone)
	}
	start, err := time.Parse(localForm, w.Start)
	if err != nil {
		return rrule.ROption{}, nil, fmt.Errorf("start: %q is not a local time, as in 2026-01-02T18:00", w.Start)
	}
	option, err := rrule.StrToROptionInLocation(w.Rule, zone)
	if err != nil {
		return rrule.ROption{}, nil, fmt.Errorf("rule: %q is not an RFC 5545 recurrence rule, as in FREQ=WEEKLY;BYDAY=FR: %w", w.Rule, err)
	}
	if option.Freq > rrule.HOURLY {
		return rrule.ROption{}, nil, fmt.Errorf("rule: %q opens more often than hourly", w.Rule)
	}
	option.Dtstart = start
	if !option.Until.IsZero() {
		option.Until = wall(option.Until, zone)
	}
	if _, err := rrule.NewRRule(*option); err != nil {
		return rrule.ROption{}, nil, fmt.Errorf("rule: %q: %w", w.Rule, err)
	}
	return *option, zone, nil
}

// clockSlack is more than what clocks are ever set forward or back, with the
// distance of any zone from UTC.
const clockSlack = 48 * time.Hour

// spans gives the openings that have a part between two times, in their order.
func (w Window) spans(from, to time.Time) ([]Span, error) {
	option, zone, err := w.parse()
	if err != nil {
		return nil, err
	}
	last := wall(to, zone).Add(clockSlack)
	if option.Until.IsZero() || option.Until.After(last) {
		option.Until = last // a rule that never comes true is not followed to the end of time
	}
	if option.Dtstart.After(option.Until) {
		return nil, nil
	}
	rule, err := rrule.NewRRule(option)
	if err != nil {
		return nil, fmt.Errorf("rule: %q: %w", w.Rule, err)
	}
	var spans []Span
	for _, local := range rule.Between(wall(from, zone).Add(-w.Length.Std()-clockSlack), last, true) {
		opens := instant(local, zone)
		if s := (Span{opens, opens.Add(w.Length.Std())}); s.From.Before(to) && s.To.After(from) {
			spans = append(spans, s)
		}
	}
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	return spans, nil
}

// wall gives what the clocks of a zone show, as the same hour of UTC.
func wall(at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	_, offset := local.Zone()
	return local.UTC().Add(time.Duration(offset) * time.Second)
}

// instant gives the time at which the clocks of a zone show a local time (RFC 5545,
// section 3.3.5): the first of two, and for an hour that is skipped the time at
// which it would have come, had the clocks not been set forward.
func instant(local time.Time, zone *time.Location) time.Time {
	under := func(near time.Time) time.Time {
		_, offset := near.In(zone).Zone()
		return local.Add(-time.Duration(offset) * time.Second)
	}
	const aDay = 24 * time.Hour
	before, after := under(local.Add(-aDay)), under(local.Add(aDay))
	if !wall(before, zone).Equal(local) && wall(after, zone).Equal(local) {
		return after
	}
	return before
}

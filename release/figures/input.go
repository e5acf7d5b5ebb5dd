package figures

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"slipway/release"
)

// Input is what figures are asked for, and what of the organization they depend on.
type Input struct {
	// The period is from Since until before Until.
	Since time.Time
	Until time.Time
	Filter
	Rates            release.Rates
	ProcedureReviews []release.ProcedureReview
	// Purposes are what the environments of the organization are for, by their names.
	Purposes map[string]string
}

// Check says what is wrong with the input, or nil.
func (in Input) Check() error {
	switch {
	case in.Since.IsZero() || in.Until.IsZero():
		return fmt.Errorf("the period has no beginning or no end: say since when and until when")
	case !in.Since.Before(in.Until):
		return fmt.Errorf("the period begins (%s) when it has ended (%s): use an earlier beginning or a later end", day(in.Since), day(in.Until))
	}
	if err := checkRate("a machine hour", in.Rates.MachineHour); err != nil {
		return err
	}
	for _, role := range slices.Sorted(maps.Keys(in.Rates.Roles)) {
		if err := checkRate("an hour of "+role, in.Rates.Roles[role]); err != nil {
			return err
		}
	}
	return nil
}

func checkRate(of string, rate float64) error {
	if rate < 0 || math.IsNaN(rate) || math.IsInf(rate, 0) {
		return fmt.Errorf("organization.rates: %s costs %v: use a number that is not negative", of, rate)
	}
	return nil
}

func day(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Before is the same for the period of the same length before.
func (in Input) Before() Input {
	in.Since, in.Until = in.Since.Add(in.Since.Sub(in.Until)), in.Since
	return in
}

// Names are what the CMS knows of, to choose releases by.
type Names struct {
	Services     []string
	Types        []string
	Environments []string
}

// Check says what of a filter there is not, and what there is; nil when all is known.
func (n Names) Check(f Filter) error {
	for _, c := range []struct {
		what, wanted string
		known        []string
	}{
		{"service", f.Service, n.Services}, {"release type", f.Type, n.Types}, {"environment", f.Environment, n.Environments},
	} {
		if c.wanted == "" || slices.Contains(c.known, c.wanted) {
			continue
		}
		if len(c.known) == 0 {
			return fmt.Errorf("there is no %s %s: no release was recorded yet", c.what, c.wanted)
		}
		return fmt.Errorf("there is no %s %s: use %s", c.what, c.wanted, someOf(c.known))
	}
	return nil
}

// someOf lists names, not all of very many.
func someOf(names []string) string {
	const most = 20
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, or another of %d", strings.Join(names[:most], ", "), len(names))
}

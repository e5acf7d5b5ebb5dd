package figures

import (
	"cmp"
	"slices"
	"time"

	"slipway/release"
)

// survey is the facts of a portfolio, ready to be worked with.
type survey struct {
	Input
	// facts are those of the releases that were under way in the period, or audited in it,
	// in the order of their starts.
	facts []*Fact
	// again are the releases with several starts among them.
	again map[string]bool
}

// newSurvey picks the facts that the figures are about.
func newSurvey(facts []Fact, in Input) *survey {
	s := &survey{Input: in, again: map[string]bool{}}
	seen := map[string]bool{}
	for i := range facts {
		f := &facts[i]
		if !s.wants(f) {
			continue
		}
		if in.Environment != "" {
			f = f.in(in.Environment)
		}
		s.facts = append(s.facts, f)
		if seen[f.Release] {
			s.again[f.Release] = true
		}
		seen[f.Release] = true
	}
	slices.SortFunc(s.facts, func(a, b *Fact) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.Release, b.Release))
	})
	return s
}

func (s *survey) wants(f *Fact) bool {
	underWay := f.Started.Before(s.Until) && (f.Closed.IsZero() || !f.Closed.Before(s.Since) || s.audited(f))
	return underWay && (s.Service == "" || s.Service == f.Service) && (s.Type == "" || s.Type == f.Type) &&
		(s.Environment == "" || slices.Contains(f.Environments, s.Environment))
}

// audited tells whether a release was audited in the period: that may be long after it
// was closed.
func (s *survey) audited(f *Fact) bool {
	return slices.ContainsFunc(f.Audits, func(a Audit) bool {
		return s.within(a.At) && (s.Environment == "" || s.Environment == a.Environment)
	})
}

// within tells whether something happened in the period.
func (s *survey) within(t time.Time) bool {
	return !t.IsZero() && !t.Before(s.Since) && t.Before(s.Until)
}

// production gives the environments of a release whose purpose is production, or else
// its last one. With an environment asked for, that is the one: the fact has no other.
func (s *survey) production(f *Fact) []string {
	const purpose = "production"
	meant := keep(f.Environments, func(name string) bool { return s.Purposes[name] == purpose })
	if len(meant) > 0 {
		return meant
	}
	return f.Environments[max(len(f.Environments)-1, 0):]
}

// sample is a number that a release adds to a figure.
type sample struct {
	of    *Fact
	at    time.Time
	value float64
	// environment and kind are what it is broken down by, besides the release itself, and
	// name tells series of the same kind apart.
	environment, kind, name string
}

// collect gathers the samples of all facts, those of a fact one after the other.
func (s *survey) collect(of func(f *Fact, add func(sample))) []*sample {
	var all []*sample
	for _, f := range s.facts {
		of(f, func(x sample) {
			x.of = f
			all = append(all, &x)
		})
	}
	return all
}

// known tells whether any fact is so: then nothing found is none, and not unknown.
func (s *survey) known(is func(f *Fact) bool) bool {
	return slices.ContainsFunc(s.facts, is)
}

// yes is a value for shares.
func yes(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// live tells whether a run left its release in an environment, everywhere or in part.
func live(r Run) bool { return r.State == release.EnvLive || r.State == release.EnvPartly }

// failed tells whether a run did not leave the release everywhere that it went.
func failed(r Run) bool {
	return r.State == release.EnvBackedOut || r.State == release.EnvPartly || r.State == release.EnvUndecided
}

package release

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// ShortestRetention is the least age at which a package may be removed: one that is
// being made is not known to the CMS yet.
const ShortestRetention = Duration(24 * time.Hour)

// Stored is a package of the DML as a decision on its retention sees it.
type Stored struct {
	Digest  Digest
	Release string
	// Built is when it was built last; zero when no build record tells.
	Built time.Time
	// Sources are the master copies that its build records name.
	Sources []Digest
}

// Needs is what the CMS knows of packages that are needed, all of it as it was at one
// moment.
type Needs struct {
	// Baselines is all that ever ran, the oldest first.
	Baselines []BaselineChange
	// Open are the releases that are not closed, a row for each start.
	Open []OpenRelease
	// Undecided are the releases that left targets of which nobody knows what they hold.
	Undecided []UndecidedPlace
	// Made are the releases that built each package.
	Made map[Digest][]string
}

// UndecidedPlace is an environment in which a release left undecided targets.
type UndecidedPlace struct{ Environment, Release string }

// BaselineChange says what runs of a service in an environment from a time on.
type BaselineChange struct {
	Environment, Service string
	At                   time.Time
	// Packages are all that its targets hold; none when nothing runs any more.
	Packages []Digest
}

// Add adds a package; an empty one is none.
func (b *BaselineChange) Add(p Digest) {
	if p != "" && !slices.Contains(b.Packages, p) {
		b.Packages = append(b.Packages, p)
	}
}

// Retention is what becomes of a package, and why.
type Retention struct {
	Package Digest
	// Keep are the reasons why it stays; there are none when it goes.
	Keep []string
	// Unused is since when nothing has needed it; zero while something does.
	Unused time.Time
}

// Goes tells whether the package is removed.
func (r Retention) Goes() bool { return len(r.Keep) == 0 }

// Retain decides which packages stay: those that run somewhere, that a target may
// return to, that an open release made or may return to, and those that were built or
// ran less than older ago. The decisions are in the order of the packages.
func Retain(packages []Stored, needs Needs, older Duration, now time.Time) []Retention {
	reasons := needs.reasons()
	last := needs.lastRan()
	list := make([]Retention, len(packages))
	for i, p := range packages {
		r := Retention{Package: p.Digest, Keep: slices.Clone(reasons[p.Digest])}
		r.makers(append([]string{p.Release}, needs.Made[p.Digest]...), needs)
		used, how := p.Built, "was built on"
		if ran := last[p.Digest]; ran.After(used) {
			used, how = ran, "ran until"
		}
		switch limit := max(older, ShortestRetention); {
		case len(r.Keep) > 0:
		case p.Built.IsZero():
			r.keep("no build record says how old it is")
		case now.Sub(used) < limit.Std():
			r.keep(fmt.Sprintf("%s %s, less than %s ago", how, used.UTC().Format(time.DateOnly), limit))
		default:
			r.Unused = used
		}
		list[i] = r
	}
	return list
}

// makers keeps a package for the sake of the releases that made it.
func (r *Retention) makers(releases []string, needs Needs) {
	for _, o := range needs.Open {
		if slices.Contains(releases, o.ID) {
			r.keep("of the open release " + o.ID)
		}
	}
	for _, u := range needs.Undecided {
		if slices.Contains(releases, u.Release) {
			r.keep(fmt.Sprintf("targets of %s may hold it: %s left them undecided", u.Environment, u.Release))
		}
	}
}

func (r *Retention) keep(why string) {
	if !slices.Contains(r.Keep, why) {
		r.Keep = append(r.Keep, why)
	}
}

// place is where a baseline is.
type place struct{ environment, service string }

func (n Needs) places() map[place][]BaselineChange {
	all := map[place][]BaselineChange{}
	for _, b := range n.Baselines {
		at := place{b.Environment, b.Service}
		all[at] = append(all[at], b)
	}
	return all
}

// reasons says by package why environments and open releases need it.
func (n Needs) reasons() map[Digest][]string {
	reasons := map[Digest][]string{}
	why := func(packages []Digest, text string) {
		for _, p := range packages {
			if !slices.Contains(reasons[p], text) {
				reasons[p] = append(reasons[p], text)
			}
		}
	}
	places := n.places()
	for _, at := range sortedPlaces(places) {
		changes := places[at]
		current := changes[len(changes)-1]
		why(current.Packages, "runs in "+at.environment)
		why(previous(changes), "needed to back out "+at.environment)
		for _, o := range n.Open {
			if slices.Contains(o.Environments, at.environment) {
				why(during(changes, o.Started), fmt.Sprintf("ran in %s while the open release %s could return to it", at.environment, o.ID))
			}
		}
	}
	return reasons
}

// previous gives what ran before what runs now: the packages of the latest change
// that had others.
func previous(changes []BaselineChange) []Digest {
	current := changes[len(changes)-1].Packages
	for _, earlier := range slices.Backward(changes[:len(changes)-1]) {
		others := slices.DeleteFunc(slices.Clone(earlier.Packages), func(p Digest) bool { return slices.Contains(current, p) })
		if len(others) > 0 {
			return others
		}
	}
	return nil
}

// during gives what ran when a release started, and since then.
func during(changes []BaselineChange, started time.Time) []Digest {
	var packages []Digest
	for i, c := range changes {
		replaced := i+1 < len(changes) && !changes[i+1].At.After(started)
		if !replaced {
			packages = append(packages, c.Packages...)
		}
	}
	return packages
}

// lastRan gives by package when it was replaced the last time.
func (n Needs) lastRan() map[Digest]time.Time {
	last := map[Digest]time.Time{}
	for _, changes := range n.places() {
		for i := 1; i < len(changes); i++ {
			for _, p := range changes[i-1].Packages {
				if changes[i].At.After(last[p]) {
					last[p] = changes[i].At
				}
			}
		}
	}
	return last
}

func sortedPlaces(places map[place][]BaselineChange) []place {
	sorted := make([]place, 0, len(places))
	for at := range places {
		sorted = append(sorted, at)
	}
	slices.SortFunc(sorted, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.environment, b.environment), cmp.Compare(a.service, b.service))
	})
	return sorted
}

// Orphaned gives the master copies that only packages which go were built from, in
// the order in which they are named. What no build record names stays: a build may be
// about to name it. For the same reason all stay while a release is open that has no
// package yet.
func Orphaned(packages []Stored, decisions []Retention, needs Needs) []Digest {
	for _, o := range needs.Open {
		if !slices.ContainsFunc(packages, func(p Stored) bool { return p.Release == o.ID }) {
			return nil
		}
	}
	kept := map[Digest]bool{}
	for i, p := range packages {
		for _, s := range p.Sources {
			kept[s] = kept[s] || !decisions[i].Goes()
		}
	}
	var orphaned []Digest
	for _, p := range packages {
		for _, s := range p.Sources {
			if !kept[s] && !slices.Contains(orphaned, s) {
				orphaned = append(orphaned, s)
			}
		}
	}
	return orphaned
}

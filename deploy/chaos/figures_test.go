package chaos_test

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"text/tabwriter"

	"slipway/release"
)

// figures count what happened.
type figures struct {
	mutex     sync.Mutex
	releases  int
	outcomes  map[release.Outcome]int
	troubles  map[trouble]int
	kills     map[string]int
	hits      map[kind]map[string]int
	steps     map[string]int
	settled   map[string]int
	undecided int
	looks     int
	wrongs    int
}

func newFigures() *figures {
	return &figures{
		outcomes: map[release.Outcome]int{}, troubles: map[trouble]int{}, kills: map[string]int{},
		hits: map[kind]map[string]int{}, steps: map[string]int{}, settled: map[string]int{},
	}
}

func (f *figures) do(change func()) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	change()
}

func (f *figures) wrong() { f.do(func() { f.wrongs++ }) }

// killed counts a kill, and what went on then.
func (f *figures) killed(what string, during map[kind]bool) {
	f.do(func() {
		f.kills[what]++
		for k := range during {
			if f.hits[k] == nil {
				f.hits[k] = map[string]int{}
			}
			f.hits[k][what]++
		}
	})
}

// rare tells whether less was killed during this than during most.
func (f *figures) rare(k kind) bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	of := func(k kind) int { return f.hits[k]["worker"] + f.hits[k]["server"] }
	all := make([]int, 0, len(kinds))
	for _, k := range kinds {
		all = append(all, of(k))
	}
	slices.Sort(all)
	return of(k) <= all[len(all)/3]
}

func (f *figures) print(to io.Writer, title string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	defer func() { _ = w.Flush() }()
	_, _ = fmt.Fprintf(w, "\nchaos: %s\n", title)
	_, _ = fmt.Fprintf(w, "releases\t%d\n", f.releases)
	list(w, "outcomes", f.outcomes)
	list(w, "what was done to them", f.troubles)
	list(w, "kills", f.kills)
	_, _ = fmt.Fprint(w, "what went on when it was killed\tworker\tserver\n")
	for _, k := range kinds {
		_, _ = fmt.Fprintf(w, "  %s\t%d\t%d\n", k, f.hits[k]["worker"], f.hits[k]["server"])
	}
	list(w, "scripts run", f.steps)
	list(w, "steps of unknown fate, and what was decided", f.settled)
	_, _ = fmt.Fprintf(w, "environments left undecided, and listed so\t%d\n", f.undecided)
	_, _ = fmt.Fprintf(w, "targets looked at in the midst of it\t%d\n", f.looks)
	_, _ = fmt.Fprintf(w, "what must not be\t%d\n\n", f.wrongs)
}

func list[K ~string](w io.Writer, what string, counts map[K]int) {
	total := 0
	for _, n := range counts {
		total += n
	}
	_, _ = fmt.Fprintf(w, "%s\t%d\n", what, total)
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		_, _ = fmt.Fprintf(w, "  %s\t%d\n", k, counts[k])
	}
}

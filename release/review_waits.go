package release

import (
	"cmp"
	"slices"
	"time"
)

// shortestWait is from when on a wait is one that people would call so.
const shortestWait = time.Second

// waitsKept is how many waits that are over a record keeps; the CMS has them all.
const waitsKept = 200

// Over gives a wait that ended at a time: by these people, or else by those whom the acts
// since name. It is false when it was too short to be told of.
func (a Awaiting) Over(until time.Time, acts []Act, people ...string) (Waited, bool) {
	if len(people) == 0 {
		people = a.endedBy(acts)
	}
	w := Waited{
		Kind: a.Kind, Gate: a.Gate, Environment: a.Environment, Needs: a.Needs,
		Since: a.Since, Until: until, People: people,
	}
	return w, until.Sub(a.Since) >= shortestWait
}

// endedBy gives who ended a wait: those whose acts it asked for, or else who steered
// the release otherwise meanwhile.
func (a Awaiting) endedBy(acts []Act) []string {
	var people []string
	for _, act := range acts {
		during := act.Counted && act.By != "" && !act.At.Before(a.Since)
		if during && act.Action == a.Action && !slices.Contains(people, act.By) {
			people = append(people, act.By)
		}
	}
	if len(people) > 0 || a.Action == "" {
		return people
	}
	for _, act := range slices.Backward(acts) {
		if act.Counted && !act.At.Before(a.Since) && slices.Contains(steering, act.Action) {
			return []string{act.By}
		}
	}
	return nil
}

// KeepWaits adds waits that are over to those that a record keeps.
func KeepWaits(kept []Waited, more ...Waited) []Waited {
	kept = append(kept, more...)
	return kept[max(0, len(kept)-waitsKept):]
}

// WaitedTime is how long there was at least one wait, up to a time: what goes on at
// the same time counts once.
func WaitedTime(waits []Waited, upTo time.Time) time.Duration {
	sorted := slices.SortedFunc(slices.Values(waits), func(a, b Waited) int { return a.Since.Compare(b.Since) })
	var total time.Duration
	var covered time.Time
	for _, w := range sorted {
		from, to := w.Since, w.Until
		if from.Before(covered) {
			from = covered
		}
		if to.After(upTo) {
			to = upTo
		}
		if to.After(from) {
			total, covered = total+to.Sub(from), to
		}
	}
	return total
}

// WaitedFor is the time spent waiting for a gate, or for something.
type WaitedFor struct {
	// What is a gate's name, or a kind of wait with its environment.
	What  string   `json:"what"`
	Waits int      `json:"waits"`
	Time  Duration `json:"time"`
}

// WaitsByWhat adds waits up by the gate, or by the kind of wait and its environment, the
// longest first.
func WaitsByWhat(waits []Waited) []WaitedFor {
	var sums []WaitedFor
	for _, w := range waits {
		what := Awaiting{Kind: w.Kind, Gate: w.Gate, Environment: w.Environment}.Key()
		i := slices.IndexFunc(sums, func(s WaitedFor) bool { return s.What == what })
		if i < 0 {
			i, sums = len(sums), append(sums, WaitedFor{What: what})
		}
		sums[i].Waits++
		sums[i].Time += Duration(w.Until.Sub(w.Since))
	}
	slices.SortFunc(sums, func(a, b WaitedFor) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(a.What, b.What))
	})
	return sums
}

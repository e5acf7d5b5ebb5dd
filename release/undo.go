package release

import "slices"

// UndoStack remembers what may have happened, to undo it last in first out. A
// pass is pushed before it is carried out, so that nothing that happened can be
// missing from the stack.
type UndoStack struct {
	Passes []Pass `json:"passes,omitempty"`
	// Outputs are what the steps left, by target and variable, for their back-outs.
	Outputs map[string]map[string]string `json:"outputs,omitempty"`
}

// Push notes a pass that is about to be carried out.
func (u *UndoStack) Push(l Layout, p Pass) { u.Passes = append(u.Passes, l.brief(p)) }

// Pop takes the latest pass off; false when nothing is left.
func (u *UndoStack) Pop(l Layout) (Pass, bool) {
	if len(u.Passes) == 0 {
		return Pass{}, false
	}
	last := u.Passes[len(u.Passes)-1]
	u.Passes = u.Passes[:len(u.Passes)-1]
	return l.whole(last), true
}

// KeepStarted drops from the latest pass the targets on which the step certainly
// did not start: only what happened is undone.
func (u *UndoStack) KeepStarted(l Layout, results []StepResult) {
	last, found := u.Pop(l)
	if !found {
		return
	}
	never := map[string]bool{}
	for _, r := range results {
		if r.Fate == FateNotStarted {
			never[r.Target] = true
		}
	}
	if len(last.Targets) == 0 {
		if !never[""] {
			u.Push(l, last)
		}
		return
	}
	if last = last.Without(never); len(last.Targets) > 0 {
		u.Push(l, last)
	}
}

// Take takes some targets out of every pass: what happened there, the latest first.
// What runs once stays.
func (u *UndoStack) Take(l Layout, targets []string) []Pass {
	var taken, left []Pass
	gone := SetOf(targets)
	for _, p := range u.Passes {
		p = l.whole(p)
		if len(p.Targets) == 0 {
			left = append(left, l.brief(p))
			continue
		}
		if theirs := p.Only(targets...); len(theirs.Targets) > 0 {
			taken = append(taken, theirs)
		}
		if others := p.Without(gone); len(others.Targets) > 0 {
			left = append(left, l.brief(others))
		}
	}
	u.Passes = left
	slices.Reverse(taken)
	return taken
}

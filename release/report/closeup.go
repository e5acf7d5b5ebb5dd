package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"slipway/release"
)

// dwarfed is how many times longer everything has to be than the way to the last
// support before that way is drawn again, larger.
const dwarfed = 8

// wayUp shows what came before the support of the last environment, when that takes up
// nearly all of the timeline.
func (c composer) wayUp() []block {
	var supported release.Stage
	for _, stage := range c.Stages {
		if stem, _ := stage.Name.Split(); stem == release.StageSupport && stage.Started.After(supported.Started) {
			supported = stage
		}
	}
	way := supported.Started.Sub(c.Started)
	if way <= 0 || c.now.Sub(c.Started) < dwarfed*way {
		return nil
	}
	t := c.timelineOver(scale{c.Started, supported.Started})
	t.cut()
	_, name := supported.Name.Split()
	return []block{heading("Up to early life support in " + name), {Timeline: t}}
}

// cut takes away what begins after the end of the axis, or goes on there.
func (t *timeline) cut() {
	for i := range t.Groups {
		g := &t.Groups[i]
		for j := range g.Lanes {
			l := &g.Lanes[j]
			l.Bars = slices.DeleteFunc(l.Bars, func(b bar) bool { return b.From >= 100 })
			l.Marks = slices.DeleteFunc(l.Marks, func(m mark) bool { return m.At >= 100 })
		}
		g.Lanes = slices.DeleteFunc(g.Lanes, func(l lane) bool { return len(l.Bars)+len(l.Marks) == 0 })
	}
	t.Groups = slices.DeleteFunc(t.Groups, func(g laneGroup) bool { return len(g.Lanes) == 0 })
	t.Legend = nil
	t.explain()
}

// closeUps show each deployment over an axis of its own. A deployment takes minutes
// and early life support weeks: on one axis the steps would be a line, and an axis
// with a break would make two lengths look alike that are not.
func (c composer) closeUps() []block {
	var blocks []block
	for _, e := range c.Environments {
		done, undone := episodes(e)
		for _, episode := range []struct {
			title string
			steps []release.StepResult
		}{{"Deployment to " + e.Name, done}, {"Back-out of " + e.Name, undone}} {
			if len(episode.steps) > 0 {
				blocks = append(blocks, heading(episode.title), block{Timeline: c.closeUp(e, episode.steps)})
			}
		}
	}
	return blocks
}

// episodes are the steps of a deployment, and those of a back-out that came when it
// was supported already: days may lie between them.
func episodes(e release.EnvironmentRecord) (deployment, backOut []release.StepResult) {
	for _, step := range e.Steps {
		switch {
		case step.Started.IsZero():
		case step.BackOut && e.Support != nil && step.Started.After(e.Support.Started):
			backOut = append(backOut, step)
		default:
			deployment = append(deployment, step)
		}
	}
	return deployment, backOut
}

func (c composer) closeUp(e release.EnvironmentRecord, steps []release.StepResult) *timeline {
	s := lasting(steps)
	t := &timeline{Ticks: s.ticks()}
	names := stepNames(steps)
	var lanes []lane
	shown, others := notable(steps)
	for _, target := range shown {
		lanes = append(lanes, c.targetLane(s, e, target, steps, names))
	}
	if others > 0 {
		lanes = append(lanes, lane{Title: release.ManyOf(others, "other target"), Note: "not drawn"})
	}
	t.add(fmt.Sprintf("%s, %s", c.clock.stretch(s.from, s.to), human(release.Duration(s.to.Sub(s.from)))), lanes)
	for i, name := range names[:min(len(names), mostLooks)] {
		if i == mostLooks-1 && len(names) > mostLooks {
			name = "other steps"
		}
		t.Legend = append(t.Legend, sample{stepKind(i + 1), name})
	}
	t.explain()
	return t
}

// lasting is the time that steps took together.
func lasting(steps []release.StepResult) scale {
	s := scale{steps[0].Started, steps[0].Started.Add(time.Millisecond)}
	for _, step := range steps {
		if step.Started.Before(s.from) {
			s.from = step.Started
		}
		if ended := end(step.Started, step.Elapsed); ended.After(s.to) {
			s.to = ended
		}
	}
	return s
}

// stepKind is how the steps of a name are drawn.
func stepKind(n int) kind { return kind("step " + look(min(n, mostLooks)).Class()) }

// stepNames lists the names of steps, in the order in which they came first.
func stepNames(steps []release.StepResult) (names []string) {
	for _, step := range steps {
		if !slices.Contains(names, step.Step) {
			names = append(names, step.Step)
		}
	}
	return names
}

// notable lists the targets that have a lane: when there are too many, those first
// where something went wrong.
func notable(steps []release.StepResult) (shown []string, others int) {
	wrong := map[string]bool{}
	var all []string
	for _, step := range steps {
		if _, seen := wrong[step.Target]; !seen {
			all = append(all, step.Target)
		}
		wrong[step.Target] = wrong[step.Target] || wentWrong(step)
	}
	if len(all) <= mostTargets {
		return all, 0
	}
	well := slices.DeleteFunc(slices.Clone(all), func(target string) bool { return wrong[target] })
	badly := slices.DeleteFunc(all, func(target string) bool { return !wrong[target] })
	shown = slices.Concat(badly, well)[:mostTargets]
	return shown, len(wrong) - len(shown)
}

func wentWrong(s release.StepResult) bool {
	return s.Fate == release.FateFailed || s.Fate == release.FateUnknown || s.Fate == release.FateBackOutStuck
}

// targetLane shows the steps on a target.
func (c composer) targetLane(s scale, e release.EnvironmentRecord, target string, steps []release.StepResult, names []string) lane {
	l := lane{Title: cmp.Or(target, "once for "+e.Name)}
	var sum release.Duration
	for _, step := range steps {
		if step.Target != target {
			continue
		}
		sum += step.Elapsed
		k, ended := stepKind(slices.Index(names, step.Step)+1), end(step.Started, step.Elapsed)
		if step.BackOut {
			k = undoing
		}
		l.Bars = append(l.Bars, c.bar(s, k, step.Step+" "+words(step.Fate), step.Started, ended))
		if wentWrong(step) {
			l.Marks = append(l.Marks, mark{failure, s.at(ended), because(fmt.Sprintf("%s, %s %s", c.clock.text(ended), step.Step, words(step.Fate)), step.Message)})
		}
	}
	l.Note = human(sum)
	return l
}

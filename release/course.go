package release

import "fmt"

// Course says in one line how a deployment goes from target to target: "3 waves: 10,
// 200, 790 targets, 8 at the same time, verified after each wave, 10m pause, up to 5
// may fail".
func (e PlannedEnvironment) Course() string {
	all := 0
	for _, wave := range e.Waves {
		all += len(wave)
	}
	parts := []string{ManyOf(all, "target") + " in one wave"}
	if len(e.Waves) != 1 {
		parts = []string{fmt.Sprintf("%s: %s targets", ManyOf(len(e.Waves), "wave"), waveCounts(e.Waves))}
	}
	if e.Parallel > 1 {
		parts = append(parts, Grouped(e.Parallel)+" at the same time")
	}
	if e.VerifyWaves && len(e.Waves) > 1 {
		parts = append(parts, "verified after each wave")
	}
	if e.Pause > 0 && len(e.Waves) > 1 {
		parts = append(parts, e.Pause.String()+" pause")
	}
	if e.MayFail > 0 {
		parts = append(parts, "up to "+Grouped(e.MayFail)+" may fail")
	}
	if e.TaskQueue != "" {
		parts = append(parts, "by the workers of task queue "+e.TaskQueue)
	}
	return list(parts)
}

// Course says how a deployment goes, and on which targets.
func (p *Plan) Course(e PlannedEnvironment) string {
	text := e.Course()
	if selected := p.Rollout(e.Name).selection(); selected != "" {
		text += ", " + selected
	}
	return text
}

// byHand lists the steps that people do.
func (d Definition) byHand() string {
	var steps []string
	for _, s := range d.Steps {
		if s.Manual {
			steps = append(steps, "step "+s.Name)
		}
	}
	return list(steps)
}

// wavesShown is how many sizes of waves are written down.
const wavesShown = 8

// waveCounts lists how many targets the waves have; a row of the same number is
// written once: "1, 98 of 10, 7".
func waveCounts(waves [][]Target) string {
	var counts []string
	for i := 0; i < len(waves); {
		row := 1
		for i+row < len(waves) && len(waves[i+row]) == len(waves[i]) {
			row++
		}
		text := Grouped(len(waves[i]))
		if row > 2 {
			text = fmt.Sprintf("%s of %s", Grouped(row), text)
			i += row
		} else {
			i++
		}
		counts = append(counts, text)
	}
	if len(counts) > wavesShown {
		counts = append(counts[:wavesShown], "…")
	}
	return list(counts)
}

// selection says which targets of the environment are meant; empty for all.
func (d EnvironmentDefinition) selection() string {
	if len(d.Select) == 0 {
		return ""
	}
	return "those with " + labels(d.Select)
}

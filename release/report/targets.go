package report

import (
	"cmp"
	"fmt"
	"slices"

	"slipway/release"
)

// stepMatrix has a row for each place and a column for each step, in the order in
// which they were first carried out. Of many targets, only those that are shown have
// a row each; the others have one for each wave.
type stepMatrix struct {
	Places []*place
	Steps  []string
	alone  bool // no target is left out
	waves  int
	named  map[string]*place
}

// place is where steps were carried out: a target, the others of a wave, or the
// environment itself when the target has no name.
type place struct {
	Target release.TargetStatus
	Wave   int
	// Others tells that it stands for targets that have no row of their own.
	Others bool
	Fates  map[string][]release.StepResult // by step
}

// mostWaves is how many waves have a row each for their other targets.
const mostWaves = 12

func matrixOf(e release.EnvironmentRecord) stepMatrix {
	shown := release.TargetsToShow(e.Targets, e.Aside)
	m := stepMatrix{alone: len(shown) == len(e.Targets), named: map[string]*place{}}
	for _, t := range shown {
		m.add(t.Name, place{Target: t})
	}
	for _, s := range e.Steps {
		m.waves = max(m.waves, s.Wave)
	}
	for _, s := range e.Steps {
		at := m.at(s)
		if !at.Others {
			at.Wave = max(at.Wave, s.Wave)
		}
		if !slices.Contains(m.Steps, s.Step) {
			m.Steps = append(m.Steps, s.Step)
		}
		at.Fates[s.Step] = append(at.Fates[s.Step], s)
	}
	return m
}

func (m *stepMatrix) add(key string, p place) *place {
	p.Fates = map[string][]release.StepResult{}
	m.Places, m.named[key] = append(m.Places, &p), &p
	return &p
}

// at gives the row of a result.
func (m *stepMatrix) at(s release.StepResult) *place {
	if known := m.named[s.Target]; known != nil && s.Targets == 0 {
		return known
	}
	if s.Targets == 0 && (m.alone || s.Target == "") {
		return m.add(s.Target, place{Target: release.TargetStatus{Name: s.Target}})
	}
	wave := s.Wave
	if m.waves > mostWaves {
		wave = 0
	}
	key := fmt.Sprintf("\x00%d", wave) // no target has such a name
	if known := m.named[key]; known != nil {
		return known
	}
	return m.add(key, place{Wave: wave, Others: true})
}

func targets(e release.EnvironmentRecord) []block {
	m := matrixOf(e)
	var rows [][]cell
	for _, p := range m.Places {
		wave := cell(nil)
		if p.Wave > 0 {
			wave = textf("%d", p.Wave)
		}
		row := []cell{text(p.title(e)), wave}
		for _, step := range m.Steps {
			if p.Others {
				row = append(row, lines(together(p.Fates[step])...))
			} else {
				row = append(row, lines(each(p.Fates[step], fate)...))
			}
		}
		rows = append(rows, append(row, holds(p.Target), text(p.Target.Message)))
	}
	if len(rows) == 0 {
		return nil
	}
	titles := append([]string{"Target", "Wave"}, m.Steps...)
	return append([]block{columns(rows, append(titles, "Holds", "Remark")...)}, remarks(e.Steps)...)
}

func (p *place) title(e release.EnvironmentRecord) string {
	switch {
	case p.Others && p.Wave > 0:
		return "the other targets of the wave"
	case p.Others:
		return "the other targets"
	}
	return cmp.Or(p.Target.Name, "once for "+e.Name)
}

// reportsNamed is how many reports of a step are named in one cell.
const reportsNamed = 3

// together says how many targets fared how, and which reports in the DML tell of each.
func together(results []release.StepResult) []cell {
	var said []cell
	for _, g := range release.StepGroups(inGroups(results)) {
		did := toned(fateTones[g.Fate], "%s %s", release.Grouped(g.Together), words(g.Fate))
		reports := each(g.Reports[:min(len(g.Reports), reportsNamed)], digest)
		if more := len(g.Reports) - reportsNamed; more > 0 {
			reports = append(reports, textf("and %s more reports", release.Grouped(more)))
		}
		said = append(append(said, did), reports...)
	}
	return said
}

// inGroups lets every result tell of as many targets as it is about.
func inGroups(results []release.StepResult) []release.StepResult {
	all := slices.Clone(results)
	for i := range all {
		all[i].Targets = max(all[i].Targets, 1)
	}
	return all
}

// targetCounts says how many targets hold what, where they are not all in the table.
func targetCounts(e release.EnvironmentRecord) string {
	if len(e.Targets) <= release.TargetsShown {
		return ""
	}
	return release.Grouped(len(e.Targets)) + ": " + release.TargetCounts(e.Targets)
}

// setAside says how many targets the deployment went on without.
func setAside(e release.EnvironmentRecord) string {
	if len(e.Aside) == 0 {
		return ""
	}
	return release.ManyOf(len(e.Aside), "target")
}

// holds says what a target was left with.
func holds(t release.TargetStatus) cell {
	if t.State == "" {
		return nil
	}
	if t.State == release.TargetUndecided && t.Version == "" {
		return toned(targetTones[t.State], "%s", words(t.State)) // nobody knows
	}
	return text(orNothing(t.Version)).with(toned(targetTones[t.State], "%s", words(t.State)))
}

// fate says what became of a step, and how long that took.
func fate(s release.StepResult) cell {
	said := words(s.Fate)
	if s.BackOut && s.Fate == release.FateDone {
		said = "back-out done"
	}
	if s.Elapsed > 0 {
		said += " " + human(s.Elapsed)
	}
	return toned(fateTones[s.Fate], "%s", said)
}

// remarks tells what was said about the steps, and shows the output of those that
// failed.
func remarks(results []release.StepResult) []block {
	var said []cell
	var tails []block
	for _, s := range release.StepGroups(results) {
		place := s.Step
		if s.Target != "" {
			place += " on " + s.Target
		}
		if remark := s.Remark(); remark != "" {
			said = append(said, textf("%s:", place).with(toned(fateTones[s.Fate], "%s:", words(s.Fate)), text(remark)))
		}
		if s.Execution != nil && s.Fate != release.FateDone && s.Fate != release.FateUndone {
			execution := *s.Execution
			execution.Name = place
			tails = append(tails, tail(execution)...)
		}
	}
	if len(said) == 0 {
		return tails
	}
	return append([]block{{List: said}}, tails...)
}

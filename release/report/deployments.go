package report

import (
	"slices"

	"slipway/release"
)

var (
	environmentTones = map[release.EnvironmentState]tone{
		release.EnvPlanned:     muted,
		release.EnvNotDeployed: muted,
		release.EnvWaiting:     pending,
		release.EnvDeploying:   pending,
		release.EnvVerifying:   pending,
		release.EnvBackingOut:  pending,
		release.EnvLive:        good,
		release.EnvSupported:   good,
		release.EnvBackedOut:   bad,
		release.EnvUndecided:   bad,
	}
	targetTones = map[release.TargetState]tone{
		release.TargetOld:       neutral,
		release.TargetNew:       good,
		release.TargetRestored:  warn,
		release.TargetUndecided: bad,
	}
	fateTones = map[release.Fate]tone{
		release.FateNotStarted:   muted,
		release.FateDone:         good,
		release.FateSkipped:      muted,
		release.FateUndone:       warn,
		release.FateFailed:       bad,
		release.FateUnknown:      bad,
		release.FateBackOutStuck: bad,
	}
)

func (c composer) deployments() []block {
	if len(c.Environments) == 0 {
		return []block{paragraph("Nothing was deployed.")}
	}
	var blocks []block
	for _, e := range c.Environments {
		blocks = append(blocks, heading(environmentTitle(e)), block{Facts: c.environmentFacts(e)})
		blocks = append(blocks, c.readiness(e)...)
		blocks = append(blocks, targets(e)...)
		if len(e.Steps) == 0 {
			blocks = append(blocks, paragraph("No step was carried out in %s.", e.Name))
		}
		if len(e.Steps)+len(e.Audits) > 0 {
			blocks = append(blocks, c.audits(e)...)
		}
	}
	return blocks
}

func environmentTitle(e release.EnvironmentRecord) string {
	if e.Purpose == "" || e.Purpose == e.Name {
		return e.Name
	}
	return e.Name + " (" + e.Purpose + ")"
}

func (c composer) environmentFacts(e release.EnvironmentRecord) []fact {
	return known(
		fact{"State", toned(environmentTones[e.State], "%s", words(e.State))},
		fact{"Version", text(c.change(e))},
		fact{"Reason", text(e.Reason)},
		fact{"Freeze", text(c.overridden(e))},
		fact{"Remains", text(c.remains(e))},
	)
}

// overridden says who let the deployment go on in spite of a freeze.
func (c composer) overridden(e release.EnvironmentRecord) string {
	if e.Override == nil {
		return ""
	}
	return "overridden by " + e.Override.By + ": " + e.Override.Summary
}

// remains says what goes on running though the release ended otherwise: what was
// authorized and done is not undone by a later rejection.
func (c composer) remains(e release.EnvironmentRecord) string {
	live := e.State == release.EnvLive || e.State == release.EnvSupported
	switch c.Outcome {
	case "", release.Completed, release.CompletedWithIssues, release.Superseded:
		return ""
	}
	if !live {
		return ""
	}
	return e.Name + " stays live on " + c.Version
}

// change says which version gave way to which.
func (c composer) change(e release.EnvironmentRecord) string {
	from := orNothing(e.Previous)
	switch e.State {
	case release.EnvNotDeployed:
		return from + ", as before"
	case release.EnvPlanned, release.EnvWaiting:
		return from + ", to become " + c.Version
	case release.EnvBackedOut:
		return from + " → " + c.Version + " → " + from
	}
	return from + " → " + c.Version
}

// stepMatrix has a row for each place and a column for each step, in the order in
// which they were first carried out: places grow with the environment, steps
// hardly do.
type stepMatrix struct {
	Places []place
	Steps  []string
	Fates  map[[2]string][]release.StepResult // by target and step
}

// place is where steps were carried out: a target, or the environment itself when
// the target has no name.
type place struct {
	Target release.TargetStatus
	Wave   int
}

func matrixOf(e release.EnvironmentRecord) stepMatrix {
	m := stepMatrix{Fates: map[[2]string][]release.StepResult{}}
	for _, t := range e.Targets {
		m.Places = append(m.Places, place{Target: t})
	}
	for _, s := range e.Steps {
		at := slices.IndexFunc(m.Places, func(p place) bool { return p.Target.Name == s.Target })
		if at < 0 {
			at = len(m.Places)
			m.Places = append(m.Places, place{Target: release.TargetStatus{Name: s.Target}})
		}
		m.Places[at].Wave = max(m.Places[at].Wave, s.Wave)
		if !slices.Contains(m.Steps, s.Step) {
			m.Steps = append(m.Steps, s.Step)
		}
		key := [2]string{s.Target, s.Step}
		m.Fates[key] = append(m.Fates[key], s)
	}
	return m
}

func targets(e release.EnvironmentRecord) []block {
	m := matrixOf(e)
	var rows [][]cell
	for _, p := range m.Places {
		name, wave := p.Target.Name, cell(nil)
		if name == "" {
			name = "once for " + e.Name
		}
		if p.Wave > 0 {
			wave = textf("%d", p.Wave)
		}
		row := []cell{text(name), wave}
		for _, step := range m.Steps {
			row = append(row, lines(each(m.Fates[[2]string{p.Target.Name, step}], fate)...))
		}
		rows = append(rows, append(row, holds(p.Target), text(p.Target.Message)))
	}
	if len(rows) == 0 {
		return nil
	}
	titles := append([]string{"Target", "Wave"}, m.Steps...)
	return append([]block{columns(rows, append(titles, "Holds", "Remark")...)}, remarks(e.Steps)...)
}

// holds says what a target was left with.
func holds(t release.TargetStatus) cell {
	if t.State == "" {
		return nil
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
	for _, s := range results {
		place := s.Step
		if s.Target != "" {
			place += " on " + s.Target
		}
		if s.Message != "" {
			said = append(said, textf("%s:", place).with(toned(fateTones[s.Fate], "%s:", words(s.Fate)), text(s.Message)))
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

func (c composer) audits(e release.EnvironmentRecord) []block {
	if len(e.Audits) == 0 {
		return []block{paragraph("No configuration audit of %s was made.", e.Name)}
	}
	var rows [][]cell
	for _, a := range e.Audits {
		result := toned(good, "as expected")
		if len(a.Discrepancies) > 0 {
			found := each(a.Discrepancies, func(d release.Discrepancy) cell {
				return textf("%s: expected %s, found %s", d.Target, orNothing(d.Expected), orNothing(d.Found))
			})
			said := append([]cell{toned(bad, "%s", discrepancies(len(a.Discrepancies)))}, found...)
			result = lines(append(said, c.accepted(a)...)...)
		}
		rows = append(rows, []cell{text(a.When), c.clock.at(a.At), textf("%d", a.Targets), result})
	}
	return []block{columns(rows, "Configuration audit", "At", "Targets", "Result")}
}

func orNothing(held string) string {
	if held == "" {
		return "nothing"
	}
	return held
}

func discrepancies(n int) string {
	if n == 1 {
		return "1 discrepancy"
	}
	return textf("%d discrepancies", n)[0].Text
}

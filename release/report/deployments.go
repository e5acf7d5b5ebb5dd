package report

import (
	"fmt"

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
		release.EnvPartly:      warn,
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
		fact{"Rollout", text(c.rollout(e))},
		fact{"Reason", text(e.Reason)},
		fact{"Freeze", text(c.overridden(e))},
		fact{"Remains", text(c.remains(e))},
		fact{"Targets", text(targetCounts(e))},
		fact{"Set aside", text(setAside(e))},
	)
}

// rollout says how the deployment was planned to go from target to target.
func (c composer) rollout(e release.EnvironmentRecord) string {
	planned, known := c.plan.Environment(e.Name)
	if !known || len(planned.Targets()) < 2 {
		return ""
	}
	return c.plan.Course(planned)
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
	switch c.Outcome {
	case "", release.Completed, release.CompletedWithIssues, release.Superseded:
		return ""
	}
	switch {
	case e.State == release.EnvPartly:
		updated := release.DeploymentStatus{Targets: e.Targets}.Count(release.TargetNew)
		return fmt.Sprintf("%s stays live on %s on %s of %s", e.Name, c.Version, release.Grouped(updated), release.ManyOf(len(e.Targets), "target"))
	case e.State.Live():
		return e.Name + " stays live on " + c.Version
	}
	return ""
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
	if e.State == release.EnvPartly {
		return from + " → " + c.Version + " in part"
	}
	return from + " → " + c.Version
}

func (c composer) audits(e release.EnvironmentRecord) []block {
	if len(e.Audits) == 0 {
		return []block{paragraph("No configuration audit of %s was made.", e.Name)}
	}
	var rows [][]cell
	for _, a := range e.Audits {
		result := toned(good, "as expected")
		if a.Found() > 0 {
			found := each(a.Discrepancies[:min(len(a.Discrepancies), release.TargetsShown)], func(d release.Discrepancy) cell {
				return textf("%s: expected %s, found %s", d.Target, orNothing(d.Expected), orNothing(d.Found))
			})
			if more := a.Found() - len(found); more > 0 {
				found = append(found, textf("and %s more", release.Grouped(more)))
			}
			said := append([]cell{toned(bad, "%s", discrepancies(a.Found()))}, found...)
			result = lines(append(said, c.accepted(a)...)...)
		}
		rows = append(rows, []cell{text(a.When), c.clock.at(a.At), text(release.Grouped(a.Targets)), result})
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
	return release.Grouped(n) + " discrepancies"
}

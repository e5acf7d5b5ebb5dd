package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Deviations finds in the record of a release what did not go as its plan says. What
// happened to many targets is one deviation.
func Deviations(p Plan, r Record) []Deviation {
	var found deviations
	found.durations(r.Stages)
	for _, a := range r.Amendments {
		found.add(DeviationAmendment, "the plan of %s was amended: %s", a.Environment, a.Why)
	}
	found.rebuilds(r)
	found.authorizations(p, r)
	for _, e := range r.Environments {
		found.steps(e)
		found.targets(e)
		found.audits(e)
		found.support(e)
	}
	return found
}

type deviations []Deviation

func (d *deviations) add(kind DeviationKind, format string, args ...any) {
	*d = append(*d, Deviation{Kind: kind, Text: fmt.Sprintf(format, args...)})
}

// durations finds the stages that took longer than planned, all times that they were
// entered taken together. A second, or a hundredth of the plan, is nothing to tell.
func (d *deviations) durations(stages []Stage) {
	took := map[StageName]time.Duration{}
	for _, s := range stages {
		if !s.Ended.IsZero() {
			took[s.Name] += s.Ended.Sub(s.Started)
		}
	}
	for _, s := range stages {
		t, planned := took[s.Name], s.Expected.Std()
		if planned > 0 && t-planned > max(time.Second, planned/100) {
			d.add(DeviationDuration, "%s took %s, planned were %s", s.Name.words(), Duration(t.Round(time.Second)), s.Expected)
		}
		delete(took, s.Name)
	}
}

// rebuilds finds the builds that did not become the package, and why.
func (d *deviations) rebuilds(r Record) {
	for i, b := range r.Builds {
		why := b.Failure
		if failed := slices.IndexFunc(r.Evidence, func(e Evidence) bool { return e.Build == b.Number && e.Failure != "" }); why == "" && failed >= 0 {
			why = "suite " + r.Evidence[failed].Suite + ": " + r.Evidence[failed].Failure
		}
		switch {
		case why != "":
			d.add(DeviationRebuild, "build %d failed: %s", b.Number, why)
		case i < len(r.Builds)-1:
			d.add(DeviationRebuild, "build %d was given up for another", b.Number)
		}
	}
}

// authorizations finds what was authorized and did not last, and freezes that were
// overridden.
func (d *deviations) authorizations(p Plan, r Record) {
	for _, g := range r.Gates {
		if g.Decision == LapsedGate {
			d.add(DeviationAuthorization, "the authorization at gate %s lapsed%s", g.Name, because(g.Reason))
		}
		if !g.Escalated.IsZero() {
			d.add(DeviationAuthorization, "gate %s was escalated, because it was not decided in time", g.Name)
		}
	}
	if p.Definition.overridesFreeze() {
		d.add(DeviationAuthorization, "the release overrides freezes: %s", p.Definition.Emergency.OverrideFreeze)
	}
	for _, e := range r.Environments {
		if e.Override != nil {
			d.add(DeviationAuthorization, "%s overrode a freeze of %s: %s", e.Override.By, e.Name, e.Override.Summary)
		}
	}
}

// amiss are the fates of steps that nobody plans.
var amiss = []Fate{FateFailed, FateUnknown, FateSkipped, FateBackOutStuck}

// steps finds those that did not just happen, on all targets together. A step that was
// tried again is told of as it failed.
func (d *deviations) steps(e EnvironmentRecord) {
	type kind struct {
		step    string
		fate    Fate
		backOut bool
	}
	where, why, order := map[kind][]string{}, map[kind]string{}, []kind(nil)
	for _, s := range e.Steps {
		if !slices.Contains(amiss, s.Fate) {
			continue
		}
		k := kind{s.Step, s.Fate, s.BackOut}
		if _, seen := where[k]; !seen {
			order, why[k] = append(order, k), oneLine(s.Message)
			where[k] = nil
		}
		if s.Target != "" && !slices.Contains(where[k], s.Target) {
			where[k] = append(where[k], s.Target)
		}
	}
	for _, k := range order {
		what := "step " + k.step
		if k.backOut {
			what = "the back-out of step " + k.step
		}
		if on := where[k]; len(on) > 0 {
			what += " on " + some(on)
		}
		d.add(DeviationStep, "%s in %s: %s%s", what, e.Name, fateWords[k.fate], because(why[k]))
	}
}

var fateWords = map[Fate]string{
	FateFailed: "it failed", FateUnknown: "nobody knew whether it happened", FateSkipped: "it was skipped", FateBackOutStuck: "it failed",
}

// targets finds those that are not on the release though it was deployed.
func (d *deviations) targets(e EnvironmentRecord) {
	if n := len(e.Aside); n > 0 {
		d.add(DeviationTarget, "%s of %s: %s", ManyOf(n, "target"), e.Name, some(e.Aside))
	}
	var undecided []string
	for _, t := range e.Targets {
		if t.State == TargetUndecided {
			undecided = append(undecided, t.Name)
		}
	}
	if len(undecided) > 0 {
		d.add(DeviationTarget, "nobody knows what %s of %s hold", some(undecided), e.Name)
	}
	if e.State == EnvBackedOut || e.State == EnvPartly {
		d.add(DeviationTarget, "%s was %s%s", e.Name, strings.Replace(string(e.State), "partly live", "backed out in part", 1), because(e.Reason))
	}
}

// audits finds discrepancies, a target once on each occasion.
func (d *deviations) audits(e EnvironmentRecord) {
	for _, when := range []string{AuditBefore, AuditAfter, AuditAfterBackOut} {
		var found []string
		seen, accepted, unlisted := map[string]bool{}, "", 0
		for _, a := range e.Audits {
			if a.When != when {
				continue
			}
			unlisted = max(unlisted, a.Unlisted)
			for _, x := range a.Discrepancies {
				if !seen[x.Target] {
					seen[x.Target] = true
					found = append(found, fmt.Sprintf("%s holds %s, expected %s", x.Target, x.Found, x.Expected))
				}
			}
			if a.Accepted != nil {
				accepted = "; accepted by " + a.Accepted.By + because(a.Accepted.Reason)
			}
		}
		if len(found) == 0 {
			continue
		}
		wrong := ManyOf(len(found)+unlisted, "target")
		d.add(DeviationDiscrepancy, "the configuration audit of %s %s found %s otherwise: %s%s", e.Name, occasion(when), wrong, some(found), accepted)
	}
}

// occasion says when an audit was, as people say it.
func occasion(when string) string {
	if when == AuditAfterBackOut {
		return when
	}
	return when + " the deployment"
}

// support finds what of early life support was not as planned.
func (d *deviations) support(e EnvironmentRecord) {
	if e.Support == nil {
		return
	}
	for _, x := range e.Support.Extensions {
		d.add(DeviationCriterion, "early life support in %s was extended until %s: %s", e.Name, clock(x.Until), x.Reason)
	}
	for _, unmet := range e.Support.Unmet {
		d.add(DeviationCriterion, "an exit criterion of %s was not met: %s", e.Name, unmet)
	}
	if by := e.Support.EndedBy; by != nil {
		d.add(DeviationCriterion, "%s ended early life support in %s: %s", by.By, e.Name, by.Summary)
	}
}

// because puts a reason behind what it is about.
func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/release"
)

// happening is a line of what happened to a release: when, what, what people have to
// do by hand, and the command that it asks for.
type happening struct {
	at           time.Time
	text         string
	instructions []string
	command      string
}

// story tells what is in a status that was not in the one before, in the order in
// which it happened. What has no time of its own happened now.
type story struct {
	app           *app
	before, after release.Record
	now           time.Time
	lines         []happening
}

func (a *app) story(before, after release.Record) []happening {
	s := story{app: a, before: before, after: after, now: a.now()}
	if !after.Closed.IsZero() {
		s.now = after.Closed
	}
	s.stages()
	s.acts(before.Acts, after.Acts)
	s.gates()
	s.work()
	for _, e := range after.Environments {
		s.environment(e)
	}
	slices.SortStableFunc(s.lines, func(x, y happening) int { return x.at.Compare(y.at) })
	s.waits()
	if after.Outcome != "" && before.Outcome == "" {
		s.add(after.Closed, "ended: %s", with(string(after.Outcome), oneLine(after.Reason)))
	}
	return s.lines
}

func (s *story) add(at time.Time, format string, args ...any) {
	if at.IsZero() {
		at = s.now
	}
	s.lines = append(s.lines, happening{at: at, text: fmt.Sprintf(format, args...)})
}

func (s *story) stages() {
	for i, stage := range s.after.Stages {
		ended := false
		if i < len(s.before.Stages) {
			ended = !s.before.Stages[i].Ended.IsZero()
		} else {
			planned := ""
			if stage.Expected > 0 {
				planned = ", planned to take " + stage.Expected.String()
			}
			s.add(stage.Started, "phase %s%s", stage.Name, planned)
		}
		if !ended && !stage.Ended.IsZero() && stage.Note != "" {
			s.add(stage.Ended, "%s: %s", stage.Name, oneLine(stage.Note))
		}
	}
}

func (s *story) acts(before, after []release.Act) {
	for _, act := range fresh(before, after) {
		if act.Counted {
			s.add(act.At, "%s: %s", act.By, oneLine(act.Summary))
			continue
		}
		s.add(act.At, "refused: %s by %s: %s", act.Action, orSomebody(act.By), oneLine(act.Refusal))
	}
}

func (s *story) gates() {
	for i, gate := range s.after.Gates {
		decided := i < len(s.before.Gates) && s.before.Gates[i].Decision != release.Pending
		if !decided && gate.Decision != release.Pending {
			s.add(gate.Decided, "gate %s is decided: %s", gate.Name, gate.Decision)
		}
	}
}

// work tells of builds and tests.
func (s *story) work() {
	for _, b := range fresh(s.before.Builds, s.after.Builds) {
		s.add(b.Started.Add(b.Elapsed.Std()), "build %d after %s: %s", b.Number, took(b.Elapsed), buildText(b))
	}
	for _, e := range fresh(s.before.Evidence, s.after.Evidence) {
		x := e.Execution
		s.add(x.Started.Add(x.Elapsed.Std()), "test %s after %s: %s", e.Suite, took(x.Elapsed), evidenceText(e))
	}
}

// environment tells what changed in an environment.
func (s *story) environment(e release.EnvironmentRecord) {
	var before release.EnvironmentRecord
	if known := s.before.Environment(e.Name); known != nil {
		before = *known
	}
	if e.State != before.State && e.State != release.EnvPlanned {
		s.add(s.now, "%s: %s", e.Name, with(string(e.State), oneLine(e.Reason)))
	}
	for _, g := range release.StepGroups(fresh(before.Steps, e.Steps)) {
		told := g.Together > 0 || g.Remark() != "" || g.Fate != release.FateDone
		if told && g.Fate != release.FateNotStarted {
			where := g.Where()
			if g.Together > 0 {
				where = "on " + where + ":"
			}
			s.add(ended(g.StepResult), "%s", strings.Join(strings.Fields(fmt.Sprintf("%s: step %s %s %s", e.Name, g.Step, where, with(string(g.Fate), oneLine(g.Remark())))), " "))
		}
	}
	s.targets(before, e)
	for _, text := range fresh(before.Aside, e.Aside) {
		s.add(s.now, "%s: %s", e.Name, oneLine(text))
	}
	for _, c := range e.Readiness {
		known := func(b release.Confirmation) bool { return b.Item == c.Item && b.At.Equal(c.At) }
		if !slices.ContainsFunc(before.Readiness, known) {
			s.add(c.At, "%s: %s", e.Name, readyText(c))
		}
	}
	for _, audit := range fresh(before.Audits, e.Audits) {
		for _, d := range audit.Discrepancies[:min(len(audit.Discrepancies), release.TargetsShown)] {
			s.add(audit.At, "%s: target %s holds %s, not %s", e.Name, d.Target, d.Found, d.Expected)
		}
		if more := audit.Found() - release.TargetsShown; more > 0 {
			s.add(audit.At, "%s: %s more hold something else than expected", e.Name, release.ManyOf(more, "target"))
		}
	}
	if before.Assets == nil && e.Assets != nil {
		s.add(s.now, "%s: %s", e.Name, oneLine(e.Assets.String()))
	}
	if e.Support != nil {
		s.support(before.Support, *e.Support)
	}
}

// targets tells what changed on the targets: of many, how many are in which state and
// which are undecided.
func (s *story) targets(before, now release.EnvironmentRecord) {
	many := len(now.Targets) > release.TargetsShown
	counts := release.TargetCounts(now.Targets)
	if many && counts != release.TargetCounts(before.Targets) && now.State != release.EnvPlanned {
		s.add(s.now, "%s: %s", now.Name, counts)
	}
	known := make(map[release.TargetStatus]bool, len(before.Targets))
	for _, t := range before.Targets {
		known[t] = true
	}
	told := 0
	for _, t := range now.Targets {
		plain := t.State == release.TargetOld || t.State == "" || (many && t.State != release.TargetUndecided)
		if known[t] || plain {
			continue
		}
		if told++; told <= release.TargetsShown {
			s.add(s.now, "%s: %s", now.Name, targetText(t))
		}
	}
}

// readyText says who or what found an item of readiness there, or not.
func readyText(c release.Confirmation) string {
	switch {
	case c.Failure != "" && c.By != "":
		return fmt.Sprintf("%s is not there (%s), which %s accepts: %s", c.Item, oneLine(c.Failure), c.By, oneLine(c.Comment))
	case c.Failure != "":
		return fmt.Sprintf("%s is not there: %s", c.Item, oneLine(c.Failure))
	case c.By == "":
		return c.Item + " is there, as its script found"
	}
	return with(c.By+" confirmed "+c.Item, oneLine(c.Comment))
}

// support tells what happened in early life support.
func (s *story) support(known *release.SupportStatus, now release.SupportStatus) {
	var before release.SupportStatus
	if known != nil {
		before = *known
	}
	s.acts(before.Acts, now.Acts)
	for _, x := range fresh(before.Extensions, now.Extensions) {
		if x.By == "" { // what people do is told already
			s.add(x.At, "%s: early life support lasts until %s: %s", now.Environment, s.app.clock(x.Until), oneLine(x.Reason))
		}
	}
	if now.BackOut != before.BackOut {
		s.add(now.Ended, "%s: early life support backs out automatically: %s", now.Environment, oneLine(now.BackOut))
	}
	for _, a := range now.Availability {
		had := 0
		for _, b := range before.Availability {
			if b.Target == a.Target {
				had = len(b.Down)
			}
		}
		for _, down := range a.Down[min(had, len(a.Down)):] {
			s.add(down.From, "%s: target %s was down: %s", now.Environment, a.Target, oneLine(down.Reason))
		}
	}
}

// waits tells what the release waits for since the status before.
func (s *story) waits() {
	if s.after.Outcome != "" {
		return
	}
	for _, wait := range s.after.Awaiting {
		text := "waits for " + s.app.waitText(wait)
		known := slices.ContainsFunc(s.before.Awaiting, func(b release.Awaiting) bool {
			return b.Key() == wait.Key() && b.Needs == wait.Needs && b.Digest == wait.Digest
		})
		if !known {
			_, instructions, _ := wait.ByHand()
			s.lines = append(s.lines, happening{s.now, text, instructions, commandFor(s.after.ID, wait)})
		}
	}
}

// fresh gives what a list that only grows has more than before.
func fresh[T any](before, after []T) []T { return after[min(len(before), len(after)):] }

func ended(r release.StepResult) time.Time {
	if r.Started.IsZero() {
		return r.Started
	}
	return r.Started.Add(r.Elapsed.Std())
}

// targetText says what a target holds now.
func targetText(t release.TargetStatus) string {
	switch t.State {
	case release.TargetNew:
		return fmt.Sprintf("target %s runs %s", t.Name, t.Version)
	case release.TargetRestored:
		return with(fmt.Sprintf("target %s runs %s again", t.Name, t.Version), oneLine(t.Message))
	}
	return with(fmt.Sprintf("target %s is %s", t.Name, t.State), oneLine(t.Message))
}

func orSomebody(who string) string {
	if who == "" {
		return "somebody"
	}
	return who
}

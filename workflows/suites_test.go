package workflows_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// withSuites is the sample with suites of these names; those in capitals run alone.
func withSuites(model string, names ...string) release.Definition {
	d := definition(model)
	d.EarlyLifeSupport = release.Support{Period: release.Duration(time.Hour)}
	d.Test.Suites = nil
	for i, name := range names {
		s := release.Suite{Name: strings.ToLower(name), Component: "app", Run: "make test", Alone: name != strings.ToLower(name)}
		if i == 0 {
			s.Covers = []string{"avif"}
		}
		d.Test.Suites = append(d.Test.Suites, s)
	}
	return d
}

// most is how many suites ran at the same time, and whether one did that had to be
// alone.
func (r *rig) most(t tester, alone map[string]bool) int {
	t.Helper()
	most := 0
	running := map[string]bool{}
	for _, what := range r.world.done("suite ", "end of suite ") {
		name := strings.Fields(strings.TrimPrefix(what, "end of "))[1]
		if strings.HasPrefix(what, "end of ") {
			delete(running, name)
			continue
		}
		for other := range running {
			assert.False(t, alone[name] || alone[other], "%s runs beside %s", name, other)
		}
		running[name] = true
		most = max(most, len(running))
	}
	assert.Empty(t, running)
	return most
}

// until makes a hook that lets a suite go on until so many have begun, or else for a
// while.
func (r *rig) until(begun int, most time.Duration) func(ctx context.Context) {
	return func(context.Context) {
		late := time.After(most)
		for {
			noted := r.world.noting()
			if len(r.world.done("suite ")) >= begun {
				return
			}
			select {
			case <-noted:
			case <-late:
				return
			}
		}
	}
}

func TestSuitesRunAsFarAsTheyMayBesideEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t)
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-d]|[E-G]`), 1, 7, func(s string) string { return s }).Draw(t, "suites")
		d := withSuites("normal", names...)
		d.Test.Parallel = rapid.IntRange(0, 3).Draw(t, "parallel")
		alone := map[string]bool{}
		for _, s := range d.Test.Suites {
			alone[s.Name] = s.Alone
			r.world.when("suite "+s.Name+" of build 1", r.until(len(names), 10*time.Millisecond))
			if rapid.IntRange(0, 4).Draw(t, s.Name+" fails") == 0 {
				r.world.goesWrong("suite "+s.Name+" of build 1", fails)
			}
		}
		record := r.run(d)
		assert.Equal(t, release.Completed, record.Outcome)
		most := r.most(t, alone)
		if d.Test.Parallel > 0 {
			assert.LessOrEqual(t, most, d.Test.Parallel)
		}
		var found []string
		for i, e := range record.Evidence[:len(names)] {
			assert.Equal(t, 1, e.Build)
			found = append(found, e.Suite)
			assert.Equal(t, d.Test.Suites[i].Name, e.Suite, "the evidence is in the order of the definition: %v", found)
		}
	})
}

func TestSuitesThatMayDoRunBesideEachOther(t *testing.T) {
	r := newRig(t)
	d := withSuites("standard", "a", "b", "c")
	for _, s := range d.Test.Suites {
		r.world.when("suite "+s.Name+" of build 1", r.until(len(d.Test.Suites), 5*time.Second))
	}
	r.run(d)
	assert.Equal(t, 3, r.most(t, nil))
}

// inTest lets the suites of the sample run in staging.
func inTest(model string) release.Definition {
	d := withSuites(model, "a", "b")
	d.Test.Environment = "staging"
	return d
}

func TestSuitesRunWhileTheReleaseHasItsTestEnvironment(t *testing.T) {
	r := newRig(t)
	r.world.goesWrong("suite a of build 1", fails)
	record := r.run(inTest("normal"))
	// That they had it, and that all was given back, is checked after every run.
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Len(t, record.Builds, 2)
	assert.Len(t, r.world.done("suite "), 4)
	assert.False(t, r.waited(release.WaitLease+":staging"), "nobody has to be told of a wait of no time")
}

func TestAReleaseWaitsForItsTestEnvironmentAndSaysWhoHasIt(t *testing.T) {
	r := newRig(t)
	r.world.occupied["staging"] = true
	r.people[release.WaitLease] = func(a release.Awaiting) {
		assert.Equal(t, "billing@3:staging has staging, where build 1 is to be tested; it comes free when that one is done", a.Needs)
		assert.Equal(t, "staging", a.Environment)
		r.after(3*time.Hour, func() {
			r.world.change(func(w *world) {
				delete(w.occupied, "staging")
				r.fakes.lend(w.holders["staging"])
			})
		})
	}
	record := r.run(inTest("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.True(t, r.waited(release.WaitLease+":staging"))
}

func TestARebuildEndsTheWaitForTheTestEnvironment(t *testing.T) {
	r := newRig(t)
	r.world.occupied["staging"] = true
	waits := 0
	r.people[release.WaitLease] = func(release.Awaiting) {
		if waits++; waits == 1 {
			r.rebuild(nil)
			return
		}
		r.world.change(func(*world) {
			// What is granted late for the first build is not for the second one.
			r.env.RegisterDelayedCallback(func() { r.env.SignalWorkflow("lease-granted", "tests of build 1") }, 0)
			r.env.RegisterDelayedCallback(func() {
				r.world.change(func(w *world) {
					delete(w.occupied, "staging")
					r.fakes.lend(w.holders["staging"])
				})
			}, time.Hour)
		})
	}
	record := r.run(inTest("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Len(t, record.Builds, 2)
	assert.Empty(t, r.world.done("suite a of build 1"))
}

func TestTheTestEnvironmentIsGivenBackWheneverTheReleaseIsCancelled(t *testing.T) {
	for _, moment := range []string{"waiting", "a", "b", "rebuild while testing", "withdraw while testing"} {
		t.Run(moment, func(t *testing.T) {
			r := newRig(t)
			want := release.Cancelled
			switch moment {
			case "waiting":
				r.world.occupied["staging"] = true
				r.people[release.WaitLease] = func(release.Awaiting) { r.after(time.Hour, r.env.CancelWorkflow) }
			case "rebuild while testing":
				want = release.Completed
				r.world.when("suite a of build 1", r.interrupting(func() { r.rebuild(nil) }))
			case "withdraw while testing":
				want = release.Withdrawn
				r.world.when("suite a of build 1", r.interrupting(func() {
					r.send(release.ActWithdraw, release.Withdraw{Sender: sender("max"), Reason: "no"})
				}))
			default:
				r.world.when("suite "+moment+" of build 1", r.interrupting(r.env.CancelWorkflow))
			}
			d := inTest("standard")
			// The SDK's test environment does not wait for an activity that is cancelled
			// before it has begun, as the server does: one that begins late would run on.
			d.Test.Parallel = 1
			record := r.run(d)
			assert.Equal(t, want, record.Outcome)
			assert.Empty(t, r.world.holders)
		})
	}
}

func TestARequirementLeftToTheGateKeepsItClosedUntilASuiteProvesIt(t *testing.T) {
	r := newRig(t)
	r.model("normal", func(m *release.Model) { m.Requirements = release.RequirementsAtGate })
	d := definition("normal")
	d.Requirements = append(d.Requirements, release.Requirement{ID: "fast", Text: "it is fast"})
	r.people[release.WaitRebuild] = func(a release.Awaiting) {
		assert.Contains(t, a.Needs, "no test suite that passed covers fast (it is fast: not covered)")
		record := r.status()
		require.Len(t, record.Requirements, 2)
		assert.Equal(t, release.Proved, record.Requirements[0].State())
		assert.Equal(t, release.NotCovered, record.Requirements[1].State())
		assert.Nil(t, record.Gate("deploy:staging"), "the gate is not open")
		assert.Contains(t, record.Prepared, "2 requirements, of which no test suite covers fast")
		better := d
		better.Test.Suites = append([]release.Suite{{Name: "load", Component: "app", Run: "make load", Covers: []string{"fast"}}}, d.Test.Suites...)
		r.send(release.ActRevise, release.Revise{Sender: sender("max"), Definition: &better, Reason: "a suite for it"})
	}
	record := r.run(d)
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Equal(t, 2, record.Revision)
	assert.True(t, r.waited(release.WaitRebuild))
}

package workflows_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// checkAlways is what holds after every release, however it went.
func (r *rig) checkAlways(record release.Record) {
	r.t.Helper()
	assert.Empty(r.t, r.world.wrong)
	assert.Empty(r.t, r.world.holders, "every lease was given back")
	assert.NotEmpty(r.t, record.Outcome)
	assert.Equal(r.t, release.StageClosed, record.Phase)
	assert.Empty(r.t, record.Awaiting)
	assert.False(r.t, record.Closed.IsZero())
	for i, s := range record.Stages {
		assert.False(r.t, s.Ended.IsZero(), "stage %s has no end", s.Name)
		if i > 0 {
			assert.False(r.t, s.Started.Before(record.Stages[i-1].Started), "stage %s began before the one before it", s.Name)
		}
	}
	for _, a := range record.Acts {
		assert.Equal(r.t, a.Counted, a.Refusal == "", "%+v", a)
	}
	for _, g := range record.Gates {
		assert.NotEqual(r.t, release.Pending, g.Decision, "gate %s is still open", g.Name)
	}
	r.checkTargets(record)
	r.checkJournal(record)
}

// checkTargets: each target holds the whole old or the whole new release, as the
// record says, or it is listed as undecided.
func (r *rig) checkTargets(record release.Record) {
	r.t.Helper()
	for _, e := range record.Environments {
		undecided := e.State == release.EnvUndecided
		assert.NotContains(r.t, []release.EnvironmentState{
			release.EnvWaiting, release.EnvDeploying, release.EnvVerifying, release.EnvSupported, release.EnvBackingOut,
		}, e.State, "environment %s is in the middle of something", e.Name)
		for _, target := range e.Targets {
			held := r.world.held(e.Name + "/" + target.Name)
			if !r.activates {
				// Only scripts know what the target holds; their marks are looked at.
				held.version = map[bool]string{true: newVersion, false: oldVersion}[target.State == release.TargetNew]
			}
			switch target.State {
			case release.TargetNew:
				assert.Equal(r.t, newVersion, held.version, "%s is said to be new", target.Name)
				assert.True(r.t, e.State == release.EnvLive || e.State == release.EnvPartly || undecided, "%s is new in %s, which is %s", target.Name, e.Name, e.State)
			case release.TargetOld, release.TargetRestored:
				assert.Equal(r.t, oldVersion, held.version, "%s is said to be %s", target.Name, target.State)
				assert.True(r.t, e.State != release.EnvLive || isAside(e, target.Name), "%s is %s in %s, which is live", target.Name, target.State, e.Name)
				if !undecided {
					assert.Empty(r.t, held.steps, "%s is said to be %s", target.Name, target.State)
				}
			case release.TargetUndecided:
				assert.True(r.t, undecided, "%s is undecided in %s, which is %s", target.Name, e.Name, e.State)
			}
		}
		if !undecided && !slices.Contains([]release.EnvironmentState{release.EnvLive, release.EnvPartly, release.EnvReplaced}, e.State) {
			assert.Empty(r.t, r.world.held(e.Name+"/").steps, "something is left in %s", e.Name)
		}
	}
}

// isAside tells whether the deployment went on without a target.
func isAside(e release.EnvironmentRecord, target string) bool {
	return slices.ContainsFunc(e.Aside, func(why string) bool { return strings.HasPrefix(why, target+" was set aside: ") })
}

// checkJournal: everything that is in the record is in the CMS, each under a key of
// its own.
func (r *rig) checkJournal(record release.Record) {
	r.t.Helper()
	seen := map[string]bool{}
	for _, e := range r.world.entries {
		assert.False(r.t, e.Ballot != nil && e.early, "%s never gives way, and was written before its vote was in the history", e.Key)
		require.NotEmpty(r.t, e.Key)
		require.Equal(r.t, record.ID, e.Release)
		// States, services, early life supports, notices and what is resolved later are written again under the same
		// key; so is what a script or an audit found, once somebody accepts it.
		accepted := e.Readiness != nil || (e.Audit != nil && e.Audit.Audit.Accepted != nil)
		resolved := e.Incident != nil || e.Call != nil || e.KnownError != nil
		if e.ReleaseState == nil && e.Service == nil && e.Support == nil && e.Notice == nil && !resolved && !accepted {
			key := e.run + " " + e.Key
			assert.False(r.t, seen[key], "%s was written twice", e.Key)
			seen[key] = true
		}
	}
	count := func(has func(e release.Entry) bool) int { return len(r.world.find(has)) }
	states := r.world.find(func(e release.Entry) bool { return e.ReleaseState != nil })
	require.NotEmpty(r.t, states)
	assert.Equal(r.t, record.Outcome, states[len(states)-1].ReleaseState.Outcome)
	assert.Equal(r.t, len(record.Gates), count(func(e release.Entry) bool {
		return e.Gate != nil && !strings.HasSuffix(e.Key, "/lapsed")
	}))
	assert.Equal(r.t, len(record.Builds), count(func(e release.Entry) bool { return e.Build != nil }))
	assert.Equal(r.t, len(record.Evidence), count(func(e release.Entry) bool { return e.Evidence != nil }))
	steps, audits := 0, 0
	for _, e := range record.Environments {
		audits += len(e.Audits)
		for _, s := range e.Steps {
			switch {
			case s.Report != nil:
				steps += s.Targets // it stands for so many
			case s.Fate != release.FateNotStarted:
				steps++
			}
		}
	}
	assert.Equal(r.t, steps, count(func(e release.Entry) bool { return e.Step != nil && e.Step.Result.Fate != release.FateNotStarted }))
	assert.Equal(r.t, audits, count(func(e release.Entry) bool { return e.Audit != nil && e.Audit.Audit.Accepted == nil }))
	for _, a := range record.Acts {
		assert.NotEmpty(r.t, r.world.find(func(e release.Entry) bool {
			return e.Act != nil && e.Act.Action == a.Action && e.Act.At.Equal(a.At) && e.Act.Counted == a.Counted
		}), "%+v", a)
	}
}

// stages lists the names of the stages that a release went through.
func stages(record release.Record) []string {
	var names []string
	for _, s := range record.Stages {
		names = append(names, string(s.Name))
	}
	return names
}

// refusals lists why actions did not count.
func refusals(record release.Record, action release.Action) []string {
	var reasons []string
	for _, a := range record.Acts {
		if a.Action == action && !a.Counted {
			reasons = append(reasons, a.Refusal)
		}
	}
	return reasons
}

// assertOld and assertNew check what targets hold.
func (r *rig) assertOld(environments ...string) { r.t.Helper(); r.assertHeld(oldVersion, environments) }

func (r *rig) assertNew(environments ...string) { r.t.Helper(); r.assertHeld(newVersion, environments) }

func (r *rig) assertHeld(version string, environments []string) {
	r.t.Helper()
	r.world.mu.Lock()
	defer r.world.mu.Unlock()
	var others []string
	for at, p := range r.world.places {
		name, target, _ := strings.Cut(at, "/")
		if !slices.Contains(environments, name) {
			continue
		}
		if (target != "" && p.version != version) || (len(p.steps) > 0) != (version == newVersion) {
			others = append(others, fmt.Sprintf("%s holds %s with %v", at, p.version, p.steps))
		}
	}
	assert.Empty(r.t, others, "everything in %v has to be %s", environments, version)
}

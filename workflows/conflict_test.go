package workflows_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// sent notes what a release tells others.
func (r *rig) sent() *[]string {
	var mu sync.Mutex // signals are sent side by side
	var sent []string
	r.env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.MatchedBy(func(signal string) bool {
		return signal == "conflict" || signal == "supersede"
	}), mock.Anything).Return(func(_, id, _, signal string, _ any) error {
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, signal+" to "+id)
		return nil
	}).Maybe()
	return &sent
}

// toldBy is news of another release.
func toldBy(from string, more map[string]any) map[string]any {
	told := map[string]any{"from": from}
	for key, value := range more {
		told[key] = value
	}
	return told
}

func inTheWay(id, environment string) release.OpenRelease {
	return release.OpenRelease{ID: id, Started: monday.Add(-time.Hour), ConfigurationItems: []string{"other"}, Environments: []string{environment}}
}

// blocking lets a kind of conflict block under all models.
func (r *rig) blocking(kind release.ConflictKind) {
	r.world.change(func(w *world) {
		for i := range w.org.Models {
			w.org.Models[i].Conflicts = map[release.ConflictKind]release.Effect{kind: release.Block}
		}
	})
}

func TestAReleaseWaitsForTheOneThatBlocksItUntilThatSaysItIsClosed(t *testing.T) {
	r := newRig(t)
	sent := r.sent()
	r.blocking(release.ConflictEnvironment)
	r.world.open = []release.OpenRelease{inTheWay("billing@3", "staging")}
	r.people["conflict:staging"] = func(a release.Awaiting) {
		assert.Equal(t, "billing@3 to be closed: it goes to staging too", a.Needs)
		r.after(10*time.Minute, func() {
			r.world.change(func(w *world) { w.open = nil })
			r.env.SignalWorkflow("conflict", toldBy("billing@3", map[string]any{"closed": "completed"}))
		})
	}
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Contains(t, *sent, "conflict to billing@3")
	require.Len(t, record.Conflicts, 1)
	assert.True(t, record.Conflicts[0].Blocks)
	assert.False(t, record.Conflicts[0].Over.IsZero(), "it is over by now")
	assert.WithinDuration(t, monday.Add(10*time.Minute), begun(t, record, "deploy:staging"), 5*time.Minute, "it does not wait for the next look")
}

func TestAReleaseThatIsTerminatedDoesNotBlockForEver(t *testing.T) {
	r := newRig(t)
	r.sent()
	r.blocking(release.ConflictEnvironment)
	r.world.open = []release.OpenRelease{inTheWay("billing@3", "staging")}
	r.people["conflict:staging"] = func(release.Awaiting) {
		r.after(10*time.Minute, func() { r.world.change(func(w *world) { w.open = nil }) })
	}
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.WithinDuration(t, monday.Add(time.Hour), begun(t, record, "deploy:staging"), 5*time.Minute)
}

func TestADependencyThatIsNotLiveBlocksUntilItIs(t *testing.T) {
	r := newRig(t)
	r.sent()
	runs := func(version string) {
		r.world.change(func(w *world) {
			w.required = []release.Baseline{{Environment: "staging", Service: "billing", Version: version}}
		})
	}
	runs("3.0")
	r.world.open = []release.OpenRelease{inTheWay("billing@3.1", "staging")}
	d := definition("standard")
	d.Environments = d.Environments[:1]
	d.Requires = []string{"billing@>=3.1"}
	r.people["conflict:staging"] = func(a release.Awaiting) {
		assert.Equal(t, "requires billing>=3.1 in staging, which runs 3.0; billing@3.1 is being released", a.Needs)
		r.after(10*time.Minute, func() {
			runs("3.1")
			r.env.SignalWorkflow("conflict", toldBy("billing@3.1", map[string]any{"live": "staging"}))
		})
	}
	record := r.run(d)
	assert.Equal(t, release.Completed, record.Outcome)
	assert.True(t, r.waited("conflict:staging"))
	assert.WithinDuration(t, monday.Add(10*time.Minute), begun(t, record, "deploy:staging"), 5*time.Minute)
}

func TestAConflictThatOnlyWarnsKeepsNobodyWaiting(t *testing.T) {
	r := newRig(t)
	r.sent()
	r.world.open = []release.OpenRelease{inTheWay("billing@3", "staging")}
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Len(t, record.Conflicts, 1)
	assert.False(t, r.waited("conflict:staging"))
}

func TestAReleaseIsToldOfALaterOneAndTellsItsManager(t *testing.T) {
	r := newRig(t)
	sent := r.sent()
	r.world.change(func(w *world) {
		for i := range w.org.Roster {
			w.org.Roster[i].Contact = "mail"
		}
	})
	r.after(time.Hour, func() {
		r.env.SignalWorkflow("conflict", toldBy("billing@3", map[string]any{"conflicts": []release.Conflict{
			{Kind: release.ConflictEnvironment, Release: "billing@3", Environment: "staging", Reason: "it goes to staging too"},
		}}))
	})
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	require.Len(t, record.Conflicts, 1)
	assert.Equal(t, "billing@3", record.Conflicts[0].Release)
	assert.Contains(t, *sent, "conflict to billing@3", "it is told of what becomes of this one")
	var told []string
	for _, n := range record.Notices {
		if n.Kind == release.NoticeConflict {
			told = append(told, n.To[0]+": "+n.Text)
		}
	}
	assert.Equal(t, []string{"max: billing@3 is planned and gets into the way of this release: it goes to staging too."}, told)
}

func TestANewerReleaseSupersedesOneThatWaits(t *testing.T) {
	for name, wait := range map[string]string{"at a gate": release.GatePlan, "for its window": "window:staging", "for another release": "conflict:staging"} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			sent := r.sent()
			d := definition("standard")
			switch wait {
			case release.GatePlan:
				d = definition("normal")
			case "window:staging":
				r.window("staging", evenings)
			default:
				d.Requires = []string{"billing@>=3.1"}
			}
			r.people[wait] = func(release.Awaiting) { r.env.SignalWorkflow("supersede", toldBy("httpbin@2.27.0", nil)) }
			record := r.run(d)
			assert.Equal(t, release.Superseded, record.Outcome)
			assert.Equal(t, "httpbin@2.27.0 supersedes it", record.Reason)
			assert.Empty(t, r.world.steps())
			assert.NotContains(t, *sent, "conflict to httpbin@2.27.0", "that one asked, and hears of the end only when it conflicts")
		})
	}
}

func TestAReleaseThatHasBegunToDeployIsNotSuperseded(t *testing.T) {
	for _, wait := range []string{"acceptance:production", "deploy:production"} {
		t.Run(wait, func(t *testing.T) {
			r := newRig(t)
			sent := r.sent()
			answer := r.people[release.WaitGate]
			if wait != "deploy:production" {
				answer = r.people[release.WaitAcceptance]
			}
			r.people[wait] = func(a release.Awaiting) {
				r.env.SignalWorkflow("supersede", toldBy("httpbin@2.27.0", nil))
				r.after(time.Hour, func() { answer(a) })
			}
			record := r.run(definition("normal"))
			assert.Equal(t, release.Completed, record.Outcome)
			assert.Contains(t, *sent, "conflict to httpbin@2.27.0")
		})
	}
}

func TestTheOlderReleaseIsAskedToEndOnceThePlanIsAuthorized(t *testing.T) {
	r := newRig(t)
	sent := r.sent()
	d := definition("normal")
	d.Supersedes = []string{"httpbin@2.25.1", "httpbin@2.25.2"}
	r.people["plan"] = func(a release.Awaiting) {
		assert.Empty(t, *sent)
		r.authorize(a)
	}
	r.people["deploy:staging"] = func(a release.Awaiting) {
		r.env.SignalWorkflow("conflict", toldBy("httpbin@2.25.1", map[string]any{"closed": "superseded"}))
		r.env.SignalWorkflow("conflict", toldBy("httpbin@2.25.2", map[string]any{"kept": "its deployment to staging has begun"}))
		r.authorize(a)
	}
	record := r.run(d)
	assert.Equal(t, release.Completed, record.Outcome)
	assert.ElementsMatch(t, []string{"supersede to httpbin@2.25.1", "supersede to httpbin@2.25.2"}, *sent)
	assert.Equal(t, []release.Superseding{
		{Release: "httpbin@2.25.1", Done: true, Note: "closed, superseded"},
		{Release: "httpbin@2.25.2", Note: "not superseded: its deployment to staging has begun; it stays as a conflict"},
	}, record.Supersedes)
}

package activities_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities"
	"slipway/activities/driver/target"
	"slipway/release"
)

func TestWhatAScriptsMarkSaysSettlesItsFate(t *testing.T) {
	g := newGround(t, 2)
	in := g.pass(`echo "ID=7" >> "$OUTPUT"; test $TARGET != p2`)
	in.Budget = 2
	require.Equal(t, []string{"p1 done", "p2 failed"}, fatesOf(g.run(in).Results))
	found := g.settle(in, "")
	assert.Equal(t, []string{"p1 done", "p2 failed"}, fatesOf(found))
	assert.Equal(t, map[string]string{"ID": "7"}, found[0].Outputs)
	assert.Equal(t, "exit status 1", found[1].Message)

	in.Attempt = "try-2"
	assert.Equal(t, []string{"p1 not-started", "p2 not-started"}, fatesOf(g.settle(in, "")), "the marks are another attempt's")
}

func TestABackOutIsSettledInItsOwnWords(t *testing.T) {
	g := newGround(t, 2)
	in := g.pass("true")
	in.BackOut, in.Pass.Step.BackOut = true, "test $TARGET != p2"
	assert.Equal(t, []string{"p1 not-started", "p2 not-started"}, fatesOf(g.settle(in, "")))
	g.run(in)
	assert.Equal(t, []string{"p1 undone", "p2 back-out-failed"}, fatesOf(g.settle(in, "")))
	in.Pass.Step.BackOut = ""
	assert.Equal(t, []string{"p1 undone", "p2 undone"}, fatesOf(g.settle(in, "")), "there is nothing to undo")
}

// breakOff begins a script and breaks it off.
func (g *ground) breakOff(t release.Target, attempt string) {
	g.t.Helper()
	ctx, cancel := context.WithCancel(g.t.Context())
	began := g.path("began" + t.Name)
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(began); err == nil {
				cancel()
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	log, err := os.Create(g.path("log"))
	require.NoError(g.t, err)
	defer log.Close()
	_, err = g.a.Targets.Do(ctx, t, target.Operation{
		Kind: target.Run, Attempt: attempt, Step: "switch", Script: "touch " + began + "; sleep 60", Version: "2.0", Package: g.p, Log: log,
	})
	require.ErrorIs(g.t, err, context.Canceled)
}

func TestAScriptThatWasBrokenOffStaysUnknown(t *testing.T) {
	g := newGround(t, 1)
	in := g.pass("true")
	g.breakOff(g.targets[0], in.Attempt)
	found := g.settle(in, "")
	assert.Equal(t, []string{"p1 unknown"}, fatesOf(found))
	assert.Regexp(t, `its script began at \d{4}-.*, and nothing tells how it ended`, found[0].Message)
}

func TestAScriptThatStillRunsIsWaitedFor(t *testing.T) {
	g := newGround(t, 1)
	in := g.pass("touch " + g.path("began") + "; sleep 1.5")
	ended := make(chan activities.PassResult, 1)
	other := newGround(t, 0) // the worker that everybody took for lost
	other.a, other.targets = g.a, g.targets
	other.env.RegisterActivity(g.a)
	go func() { ended <- other.run(in) }()
	require.Eventually(t, func() bool { _, err := os.Stat(g.path("began")); return err == nil }, 10*time.Second, 5*time.Millisecond)
	assert.Equal(t, []string{"p1 done"}, fatesOf(g.settle(in, "")))
	<-ended
}

func TestAStepWithoutTargetIsSettledWhereItsMarksAre(t *testing.T) {
	g := newGround(t, 0)
	in := g.pass("true")
	assert.Equal(t, []string{"unknown"}, fatesOf(g.settle(in, "")), "it may have run anywhere")
	assert.Equal(t, []string{"unknown"}, fatesOf(g.settle(in, "another worker")))
	assert.Equal(t, []string{"not-started"}, fatesOf(g.settle(in, g.a.Host)))
	g.run(in)
	assert.Equal(t, []string{"done"}, fatesOf(g.settle(in, "another worker")), "a mark is a mark")
}

func TestWhatATargetHoldsSettlesAnOwnAction(t *testing.T) {
	g := newGround(t, 1)
	step := func(action release.StepAction, backOut bool) activities.PassInput {
		in := g.pass("")
		in.Pass.Step.Action, in.BackOut = action, backOut
		in.Attempt = string(action)
		return in
	}
	fates := func() []string {
		var list []string
		for _, in := range []activities.PassInput{
			step(release.Transfer, false), step(release.Activate, false), step(release.Activate, true), step(release.Transfer, true),
		} {
			list = append(list, string(g.settle(in, "")[0].Fate))
		}
		return list
	}
	assert.Equal(t, []string{"not-started", "not-started", "undone", "undone"}, fates())
	g.run(step(release.Transfer, false))
	assert.Equal(t, []string{"done", "not-started", "undone", "not-started"}, fates())
	g.run(step(release.Activate, false))
	assert.Equal(t, []string{"done", "done", "not-started", "not-started"}, fates())

	data := filepath.Join(g.targets[0].Folder, "current", "VERSION")
	require.NoError(t, os.WriteFile(data, []byte("2.1"), 0o644))
	assert.Equal(t, []string{"done", "unknown", "not-started", "not-started"}, fates(), "tampered with while it is current")
	require.NoError(t, os.WriteFile(data, []byte("2.0"), 0o644))

	g.run(step(release.Activate, true))
	g.run(step(release.Transfer, true))
	assert.Equal(t, []string{"not-started", "not-started", "undone", "undone"}, fates())
}

func TestAnOwnActionIsNotTheWholeOfAStepWithAScript(t *testing.T) {
	g := newGround(t, 1)
	in := g.pass("true")
	in.Pass.Step.Action = release.Transfer
	assert.Equal(t, []string{"p1 not-started"}, fatesOf(g.settle(in, "")))
	_, err := g.a.Targets.Do(t.Context(), g.targets[0], target.Operation{Kind: target.Transfer, Version: in.Version, Package: g.p})
	require.NoError(t, err)
	assert.Equal(t, []string{"p1 unknown"}, fatesOf(g.settle(in, "")))
	g.run(in)
	assert.Equal(t, []string{"p1 done"}, fatesOf(g.settle(in, "")))
}

func TestATargetThatCannotBeSeenStaysUnknown(t *testing.T) {
	g := newGround(t, 1)
	require.NoError(t, os.Remove(g.targets[0].Folder))
	found := g.settle(g.pass("true"), "")
	assert.Equal(t, []string{"p1 unknown"}, fatesOf(found))
	assert.Contains(t, found[0].Message, "target cannot be used")
}

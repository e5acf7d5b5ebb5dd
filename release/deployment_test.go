package release_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// anySteps are steps of all kinds, once and per target.
func anySteps(t *rapid.T) []release.Step {
	steps := make([]release.Step, rapid.IntRange(1, 8).Draw(t, "steps"))
	for i := range steps {
		steps[i] = release.Step{
			Name: fmt.Sprintf("step-%d", i), Kind: rapid.SampledFrom(release.StepKinds).Draw(t, "kind"), Run: "true",
			Per: rapid.SampledFrom([]release.Per{"", release.Once, release.PerTarget}).Draw(t, "per"),
		}
	}
	return steps
}

// planned compiles a plan with these steps for production with so many targets.
func planned(t *rapid.T, d release.Definition, steps []release.Step, n int, sizes []int) release.Plan {
	o := organization()
	o.Environments[1].Targets = make([]release.Target, n)
	for i := range n {
		o.Environments[1].Targets[i] = release.Target{Name: fmt.Sprintf("t%d", i), Folder: "/srv"}
	}
	d.Steps, d.Environments = steps, []release.EnvironmentDefinition{{Name: "production", Waves: release.Sizes(sizes...)}}
	p, problems := release.Compile(d, o, release.Facts{Now: noon}, 1)
	require.Empty(t, problems)
	return p
}

func TestEveryStepReachesEveryTargetOnceInTheOrderOfKindsAndWaves(t *testing.T) {
	d := definition(t)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "targets")
		p := planned(t, d, anySteps(t), n, rapid.SliceOfN(rapid.IntRange(1, 4), 0, 3).Draw(t, "waves"))
		steps, in := p.Definition.Steps, p.Environments[0]
		require.True(t, slices.IsSortedFunc(steps, func(a, b release.Step) int {
			return slices.Index(release.StepKinds, a.Kind) - slices.Index(release.StepKinds, b.Kind)
		}))

		times, position := map[[2]string]int{}, map[string]int{}
		for i, step := range steps {
			position[step.Name] = i
		}
		// stage counts the steps that run once and were passed: no per-target step
		// may overtake one.
		wave, stage := map[int]int{}, 0
		last := -1
		for _, pass := range passes(release.Layout{Steps: steps, Waves: in.Waves}) {
			at := position[pass.Step.Name]
			if pass.Step.Per != release.PerTarget {
				require.Empty(t, pass.Targets)
				require.Zero(t, pass.Wave)
				require.Equal(t, []string{""}, pass.Places())
				require.Greater(t, at, last)
				times[[2]string{pass.Step.Name, ""}]++
				last, stage = at, stage+1
				continue
			}
			require.Equal(t, in.Waves[pass.Wave-1], pass.Targets)
			require.GreaterOrEqual(t, pass.Wave, wave[stage], "a wave begins when the one before it is through")
			wave[stage] = pass.Wave
			require.Equal(t, stage, once(steps[:at]), "a step runs after those that stand before it")
			for _, place := range pass.Places() {
				times[[2]string{pass.Step.Name, place}]++
			}
			last = max(last, at)
		}
		for _, step := range steps {
			places := []string{""}
			if step.Per == release.PerTarget {
				places = in.TargetNames()
			}
			for _, place := range places {
				require.Equal(t, 1, times[[2]string{step.Name, place}], "%s on %q", step.Name, place)
			}
		}
	})
}

// passes gives what a deployment does, in its order.
func passes(l release.Layout) []release.Pass {
	var all []release.Pass
	for _, leg := range l.Legs() {
		all = append(all, leg.Passes...)
	}
	return all
}

func once(steps []release.Step) (n int) {
	for _, s := range steps {
		if s.Per != release.PerTarget {
			n++
		}
	}
	return n
}

func TestStepsOfAWaveRunInTheirOrder(t *testing.T) {
	steps := []release.Step{
		{Name: "note"},
		{Name: "transfer", Per: release.PerTarget},
		{Name: "switch", Per: release.PerTarget},
		{Name: "announce", Per: release.Once},
		{Name: "tidy", Per: release.PerTarget},
	}
	two := targets("p", 3)
	var got []string
	for _, pass := range passes(release.Layout{Steps: steps, Waves: [][]release.Target{two[:1], two[1:]}}) {
		got = append(got, fmt.Sprint(pass.Wave, " ", pass.Step.Name, " ", pass.Places()))
	}
	assert.Equal(t, []string{
		"0 note []", "1 transfer [p1]", "1 switch [p1]", "2 transfer [p2 p3]", "2 switch [p2 p3]",
		"0 announce []", "1 tidy [p1]", "2 tidy [p2 p3]",
	}, got)
	assert.Empty(t, release.Layout{Waves: [][]release.Target{two}}.Legs())
}

func TestWavesRepeatTheirLastSizeUntilAllTargetsAreIn(t *testing.T) {
	for _, c := range []struct {
		sizes []int
		want  [][]string
	}{
		{nil, [][]string{{"p1", "p2", "p3", "p4", "p5"}}},
		{[]int{1}, [][]string{{"p1"}, {"p2"}, {"p3"}, {"p4"}, {"p5"}}},
		{[]int{1, 2}, [][]string{{"p1"}, {"p2", "p3"}, {"p4", "p5"}}},
		{[]int{2, 2}, [][]string{{"p1", "p2"}, {"p3", "p4"}, {"p5"}}},
		{[]int{9}, [][]string{{"p1", "p2", "p3", "p4", "p5"}}},
		{[]int{1, 1, 1, 1, 1, 1, 1}, [][]string{{"p1"}, {"p2"}, {"p3"}, {"p4"}, {"p5"}}},
	} {
		d := definition(t)
		d.Environments = []release.EnvironmentDefinition{{Name: "production", Waves: release.Sizes(c.sizes...)}}
		in := compiled(t, d, organization(), release.Facts{}).Environments[0]
		var got [][]string
		for _, wave := range in.Waves {
			got = append(got, release.PlannedEnvironment{Waves: [][]release.Target{wave}}.TargetNames())
		}
		assert.Equal(t, c.want, got, "%v", c.sizes)
		assert.Equal(t, organization().Environments[1].Targets, in.Targets())
	}
}

func TestExactlyWhatMayHaveHappenedIsUndoneInReverse(t *testing.T) {
	d := definition(t)
	rapid.Check(t, func(t *rapid.T) {
		p := planned(t, d, anySteps(t), rapid.SampledFrom([]int{1, 2, 6, 250}).Draw(t, "targets"), []int{rapid.SampledFrom([]int{1, 3, 120}).Draw(t, "wave")})
		fates := rapid.SampledFrom([]release.Fate{
			release.FateNotStarted, release.FateDone, release.FateFailed, release.FateSkipped, release.FateUnknown, "",
		})
		var undo release.UndoStack
		var happened []string
		layout := release.Layout{Steps: p.Definition.Steps, Waves: p.Environments[0].Waves}
		for _, pass := range passes(layout) {
			before := slices.Clone(pass.Targets)
			undo.Push(layout, pass)
			var results []release.StepResult
			for _, place := range pass.Places() {
				fate := fates.Draw(t, "fate")
				if fate != "" { // No word about a place is no proof that nothing happened there.
					results = append(results, release.StepResult{Step: pass.Step.Name, Target: place, Fate: fate})
				}
				if fate != release.FateNotStarted {
					happened = append(happened, pass.Step.Name+" on "+place)
				}
			}
			undo.KeepStarted(layout, results)
			require.Equal(t, before, pass.Targets, "the plan's own waves stay as they are")
		}
		var undone []string
		for pass, more := undo.Pop(layout); more; pass, more = undo.Pop(layout) {
			places := pass.Places()
			slices.Reverse(places)
			for _, place := range places {
				undone = append(undone, pass.Step.Name+" on "+place)
			}
		}
		slices.Reverse(undone)
		require.Equal(t, happened, undone)
	})
}

func TestNothingIsUndoneWhenNothingWasBegun(t *testing.T) {
	var undo release.UndoStack
	undo.KeepStarted(release.Layout{}, []release.StepResult{{Step: "a", Fate: release.FateDone}})
	_, more := undo.Pop(release.Layout{})
	assert.False(t, more)
}

func TestWhatIsUnderWayIsUndoneToo(t *testing.T) {
	var undo release.UndoStack
	pass := release.Pass{Step: release.Step{Name: "switch", Per: release.PerTarget}, Wave: 1, Targets: targets("p", 2)}
	undo.Push(release.Layout{}, pass)
	got, more := undo.Pop(release.Layout{})
	assert.True(t, more)
	assert.Equal(t, pass, got)
}

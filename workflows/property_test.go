package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// Whatever goes wrong wherever, and whatever people decide about it, the targets of
// an environment end wholly old or wholly new, or the environment is listed as
// undecided. That the record agrees with the targets is checked after every run.
func TestWhateverGoesWrongTargetsEndWhollyOldOrWhollyNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t)
		d := randomDefinition(t, r)
		places := everyPlace(r, d)
		randomMishaps(t, r, d, places)
		person := randomPerson(t, r)
		record := r.run(d)

		for _, e := range record.Environments {
			if e.State != release.EnvLive {
				continue
			}
			for _, s := range d.Steps {
				for _, at := range places[e.Name+"/"+string(s.Per)] {
					_, target, _ := strings.Cut(at, "/")
					if !person.skipped[s.Name+" "+at] && !isAside(e, target) {
						assert.Contains(t, r.world.held(at).steps, s.Name, "on %s, which is live", at)
					}
				}
			}
		}
		switch record.Outcome {
		case release.Completed:
			for _, e := range record.Environments {
				assert.Equal(t, release.EnvLive, e.State)
			}
		case release.Cancelled:
			for _, e := range record.Environments {
				assert.NotEqual(t, release.EnvLive, e.State)
			}
		}
	})
}

// randomDefinition makes environments and a release that goes through them.
func randomDefinition(t *rapid.T, r *rig) release.Definition {
	d := definition("standard")
	d.EarlyLifeSupport = release.Support{Period: release.Duration(time.Hour)}
	d.Environments, d.Steps = nil, nil
	o := organization(t)
	o.Environments = nil
	for e := range rapid.IntRange(1, 3).Draw(t, "environments") {
		var targets []string
		for i := range rapid.IntRange(1, 6).Draw(t, "targets") {
			targets = append(targets, fmt.Sprintf("t%d", i+1))
		}
		name := fmt.Sprintf("e%d", e+1)
		o.Environments = append(o.Environments, environment(name, targets...))
		d.Environments = append(d.Environments, release.EnvironmentDefinition{
			Name: name, Waves: release.Sizes(rapid.SliceOfN(rapid.IntRange(1, 3), 0, 3).Draw(t, "waves")...),
			Parallel: rapid.IntRange(0, 3).Draw(t, "parallel"), MayFail: release.Share{Count: rapid.IntRange(0, 2).Draw(t, "may fail")},
			Pause: release.Duration(rapid.IntRange(0, 1).Draw(t, "pause")) * release.Duration(time.Hour), VerifyWaves: rapid.Bool().Draw(t, "waves are verified"),
		})
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "scripts") {
		d.Steps = append(d.Steps, release.Step{
			Name: fmt.Sprintf("s%d", i+1), Kind: rapid.SampledFrom(release.StepKinds).Draw(t, "kind"),
			Per: rapid.SampledFrom([]release.Per{release.Once, release.PerTarget}).Draw(t, "per"),
			Run: "do", BackOut: "undo", Retries: rapid.IntRange(0, 1).Draw(t, "retries"),
		})
	}
	if rapid.Bool().Draw(t, "a person does a step") {
		d.Steps = append(d.Steps, release.Step{
			Name: "by-hand", Kind: rapid.SampledFrom(release.StepKinds).Draw(t, "kind"), Manual: true, Run: "do it", BackOut: "undo it",
		})
	}
	if rapid.Bool().Draw(t, "Slipway switches the targets") {
		d.Steps = append(d.Steps,
			release.Step{Name: "transfer", Kind: release.ServiceTransfer, Per: release.PerTarget, Action: release.Transfer},
			release.Step{Name: "activate", Kind: release.ServiceDeployment, Per: release.PerTarget, Action: release.Activate})
	}
	fresh := newWorld(o)
	r.world.org, r.world.places, r.world.baselines = fresh.org, fresh.places, fresh.baselines
	r.model("standard", func(m *release.Model) {
		m.BackOut.Scope = rapid.SampledFrom([]string{"", release.ScopeTarget, release.ScopeWave, release.ScopeEnvironment, release.ScopeRelease}).Draw(t, "scope")
		m.BackOut.Unknown = rapid.SampledFrom([]string{"", release.UnknownAsk, release.UnknownBackOut}).Draw(t, "unknown")
	})
	return d
}

// everyPlace lists where steps run, by "ENVIRONMENT/PER".
func everyPlace(r *rig, d release.Definition) map[string][]string {
	places := map[string][]string{}
	for _, e := range d.Environments {
		env, _ := r.world.org.Environment(e.Name)
		places[e.Name+"/"+string(release.Once)] = []string{e.Name + "/"}
		for _, t := range env.Targets {
			places[e.Name+"/"+string(release.PerTarget)] = append(places[e.Name+"/"+string(release.PerTarget)], placeOf(t))
		}
	}
	return places
}

// randomMishaps lets steps, back-outs and verifications go wrong, and people cancel
// or ask for a back-out in the middle of a step.
func randomMishaps(t *rapid.T, r *rig, d release.Definition, places map[string][]string) {
	var doings []string
	for _, e := range d.Environments {
		for _, s := range d.Steps {
			for _, at := range places[e.Name+"/"+string(s.Per)] {
				doings = append(doings, s.Name+" "+at)
			}
		}
	}
	how := rapid.SliceOfN(rapid.SampledFrom([]mishap{fails, failsLate, lost, lostLate, breaks}), 1, 5)
	for range rapid.IntRange(0, 3).Draw(t, "steps that go wrong") {
		r.world.goesWrong(rapid.SampledFrom(doings).Draw(t, "step"), how.Draw(t, "how")...)
	}
	for range rapid.IntRange(0, 3).Draw(t, "back-outs that go wrong") {
		r.world.goesWrong("undo "+rapid.SampledFrom(doings).Draw(t, "back-out"), how.Draw(t, "how")...)
	}
	in := rapid.SampledFrom(d.Environments).Draw(t, "environment").Name
	if rapid.IntRange(0, 3).Draw(t, "verification fails") == 0 {
		r.world.goesWrong("verify "+in+" "+newVersion, fails)
	}
	r.world.blind = rapid.Bool().Draw(t, "targets cannot tell")
	during := "after " + rapid.SampledFrom(doings).Draw(t, "in the middle of")
	switch rapid.IntRange(0, 5).Draw(t, "somebody interferes") {
	case 0:
		r.world.when(during, r.meanwhile(r.askBackOut))
	case 1:
		r.world.when(during, r.interrupting(r.env.CancelWorkflow))
	case 2:
		r.after(time.Duration(rapid.IntRange(1, 200).Draw(t, "minutes"))*time.Minute, r.env.CancelWorkflow)
	}
}

// decider answers whatever steps wait for, at random but truthfully: nobody says
// that something was done that was not.
type decider struct {
	r       *rig
	choices []int
	skipped map[string]bool
}

func randomPerson(t *rapid.T, r *rig) *decider {
	p := &decider{r: r, choices: rapid.SliceOfN(rapid.IntRange(0, 5), 40, 40).Draw(t, "decisions"), skipped: map[string]bool{}}
	for _, e := range r.world.org.Environments {
		r.people["step:"+e.Name] = p.decide
	}
	return p
}

func (p *decider) decide(a release.Awaiting) {
	var asked release.ResolveStep
	require.NoError(p.r.t, json.Unmarshal([]byte(a.Payload), &asked))
	at := a.Environment + "/" + asked.Target
	if strings.Contains(a.Needs, "to be done by hand") {
		p.r.world.byHand(asked.Step, at, strings.Contains(a.Needs, "back-out of step"))
		p.r.decideSo(asked, release.ResolveDone)
		return
	}
	undoing := strings.Contains(a.Needs, "its back-out failed")
	inEffect := slices.Contains(p.r.world.held(at).steps, asked.Step)
	how := release.ResolveRetry
	if len(p.choices) > 0 {
		switch choice := p.choices[0]; {
		case choice == 0:
			how = release.ResolveSkip
			p.skipped[asked.Step+" "+at] = true
		case choice == 1 && inEffect != undoing:
			how = release.ResolveDone
		case choice == 2:
			how = release.ResolveBackOut
		}
		p.choices = p.choices[1:]
	}
	p.r.decideSo(asked, how)
}

// Nobody asks for anything, nothing goes wrong: a hook that is never called would
// make the property above worth nothing.
func TestTheMishapsOfTheWorldHappen(t *testing.T) {
	r := newRig(t)
	called := false
	r.world.when("after activate staging/s1", func(context.Context) { called = true })
	r.world.goesWrong("activate production/p2", fails)
	assert.Equal(t, release.BackedOut, r.run(definition("standard")).Outcome)
	assert.True(t, called)
}

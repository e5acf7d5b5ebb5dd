package release_test

import (
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

// world is what a plan is made of that is not in its definition.
type world struct {
	o release.Organization
	f release.Facts
}

// evening is a change window.
func evening(name, day string) release.Window {
	return release.Window{Name: name, Rule: "FREQ=WEEKLY;BYDAY=" + day, Start: "2026-01-02T18:00", Zone: "Europe/Zurich", Length: release.Duration(4 * time.Hour)}
}

func asPlanned() world {
	w := world{organization(), facts()}
	w.o.Environments[1].Windows = []release.Window{evening("", "FR")}
	return w
}

// later is some time after the planning.
var later = noon.Add(26 * time.Hour)

// amend looks at an environment of a plan again, which came from where it was stored.
func amend(t require.TestingT, p release.Plan, environment string, w world) (release.Plan, string) {
	w.f.Now = later
	before := stored(t, p)
	amended, why, err := before.Amend(environment, w.o, w.f)
	require.NoError(t, err)
	return amended, why
}

func TestAPlanStaysWhenAllIsAsPlanned(t *testing.T) {
	for name, change := range map[string]func(*world){
		"nothing":                  func(*world) {},
		"no windows, written down": func(w *world) { w.o.Environments[0].Windows = []release.Window{} },
		"roster":                   func(w *world) { w.o.Roster = w.o.Roster[1:] },
		"model":                    func(w *world) { w.o.Models[0].Gates = map[string]release.GatePolicy{"plan": asks("cab", 1)} },
		"no model any more":        func(w *world) { w.o.Models = nil },
		"freeze": func(w *world) {
			w.o.Freezes = []release.Freeze{{Reason: "year end", From: noon, To: noon.AddDate(0, 1, 0)}}
		},
		"purpose": func(w *world) { w.o.Environments[0].Purpose, w.o.Environments[1].Purpose = "trial", "trial" },
		"the other services": func(w *world) {
			w.f.Baselines = append(w.f.Baselines, release.Baseline{Environment: "production", Service: "shop", Version: "8"})
		},
		"when what runs was put in": func(w *world) { w.f.Baselines[0].Since = later },
		"open releases":             func(w *world) { w.f.Open = nil },
		"how releases ended":        func(w *world) { w.f.Ended = []release.Outcome{release.Failed, release.BackedOut} },
		"another environment": func(w *world) {
			w.o.Environments = append(w.o.Environments, release.Environment{Name: "moon", Targets: targets("m", 1)})
		},
	} {
		planned := asPlanned()
		if name == "no windows, written down" {
			change(&planned) // as it already was when the plan was made
		}
		p, now := compiled(t, definition(t), planned.o, planned.f), asPlanned()
		change(&now)
		for _, environment := range []string{"staging", "production"} {
			amended, why := amend(t, p, environment, now)
			assert.Empty(t, why, name)
			assert.Equal(t, stored(t, p), stored(t, amended), name)
		}
	}
}

func TestWhatIsNotAsPlannedIsSaid(t *testing.T) {
	const windows = "FREQ=WEEKLY;BYDAY=FR from 2026-01-02T18:00 Europe/Zurich for 4h"
	ran := "2.29 (package " + running().Package.Digest.Short() + ")"
	rebuilt := release.DigestOfBytes([]byte("rebuilt"))
	for _, c := range []struct {
		name   string
		change func(*world)
		want   string
	}{
		{"a target less", func(w *world) { w.o.Environments[1].Targets = targets("p", 4) }, "the targets of production were p1, p2, p3, p4, p5 and are p1, p2, p3, p4"},
		{"a target more", func(w *world) { w.o.Environments[1].Targets = targets("p", 6) }, "the targets of production were p1, p2, p3, p4, p5 and are p1, p2, p3, p4, p5, p6"},
		{"another order of targets", func(w *world) { slices.Reverse(w.o.Environments[1].Targets) }, "the targets of production were p1, p2, p3, p4, p5 and are p5, p4, p3, p2, p1"},
		{"folder of a target", func(w *world) { w.o.Environments[1].Targets[2].Folder = "/elsewhere" }, "where the targets of production are, or how they are configured, changed"},
		{"address of a target", func(w *world) { w.o.Environments[1].Targets[2].URL = "http://p3" }, "where the targets of production are, or how they are configured, changed"},
		{"setting of a target", func(w *world) { w.o.Environments[1].Targets[2].Env = map[string]string{"CACHE_MB": "8"} }, "where the targets of production are, or how they are configured, changed"},
		{"no windows any more", func(w *world) { w.o.Environments[1].Windows = nil }, "the change windows of production were " + windows + " and are at any time"},
		{
			"another window", func(w *world) { w.o.Environments[1].Windows[0] = evening("mondays", "MO") },
			"the change windows of production were " + windows + " and are mondays (FREQ=WEEKLY;BYDAY=MO from 2026-01-02T18:00 Europe/Zurich for 4h)",
		},
		{
			"a longer window", func(w *world) { w.o.Environments[1].Windows[0].Length = days(1) },
			"the change windows of production were " + windows + " and are FREQ=WEEKLY;BYDAY=FR from 2026-01-02T18:00 Europe/Zurich for 1d",
		},
		{"a window more", func(w *world) {
			w.o.Environments[1].Windows = append(w.o.Environments[1].Windows, release.Window{Rule: "FREQ=DAILY", Start: "2026-01-02T03:00", Length: release.Duration(time.Hour)})
		}, "the change windows of production were " + windows + " and are " + windows + ", FREQ=DAILY from 2026-01-02T03:00 UTC for 1h"},
		{"another version runs", func(w *world) { w.f.Baselines[0].Version = "2.29.1" }, "production ran " + ran + " and runs 2.29.1 (package " + running().Package.Digest.Short() + ")"},
		{"another package of the version runs", func(w *world) { w.f.Baselines[0].Package.Digest = rebuilt }, "production ran " + ran + " and runs 2.29 (package " + rebuilt.Short() + ")"},
		{"nothing runs any more", func(w *world) { w.f.Baselines = nil }, "production ran " + ran + " and runs nothing"},
		{"all of it", func(w *world) {
			w.o.Environments[1].Targets, w.o.Environments[1].Windows, w.f.Baselines = targets("p", 1), nil, nil
		}, "the targets of production were p1, p2, p3, p4, p5 and are p1; the change windows of production were " + windows + " and are at any time; production ran " + ran + " and runs nothing"},
	} {
		w := asPlanned()
		p := compiled(t, definition(t), w.o, w.f)
		now := asPlanned()
		c.change(&now)
		amended, why := amend(t, p, "production", now)
		assert.Equal(t, c.want, why, c.name)
		assert.NotEqual(t, p.Digest, amended.Digest, "%s: the votes on it are void", c.name)
		assert.Equal(t, p.Digest, compiled(t, definition(t), asPlanned().o, asPlanned().f).Digest, "%s: the plan itself stays", c.name)
		digest, err := amended.Content()
		require.NoError(t, err)
		assert.Equal(t, digest, amended.Digest, c.name)
		_, why = amend(t, amended, "production", now)
		assert.Empty(t, why, "%s: and then all is as planned", c.name)
		_, why = amend(t, p, "staging", now)
		assert.Empty(t, why, "%s: elsewhere all is as planned", c.name)
	}
}

func TestTheFirstDeploymentMayNotBeTheFirstAnyMore(t *testing.T) {
	w := asPlanned()
	p := compiled(t, definition(t), w.o, w.f)
	other := running()
	other.Environment = "staging"
	w.f.Baselines = append(w.f.Baselines, other)
	_, why := amend(t, p, "staging", w)
	assert.Equal(t, "staging ran nothing and runs 2.29 (package "+running().Package.Digest.Short()+")", why)
}

// Twelve digits are for people: what begins alike is not the same.
func TestPackagesWhoseDigestsBeginAlikeAreToldApart(t *testing.T) {
	w := asPlanned()
	p := compiled(t, definition(t), w.o, w.f)
	w = asPlanned()
	d := running().Package.Digest
	w.f.Baselines[0].Package.Digest = d[:len(d)-1] + map[bool]release.Digest{true: "1", false: "0"}[strings.HasSuffix(string(d), "0")]
	_, why := amend(t, p, "production", w)
	assert.NotEmpty(t, why)
}

// The purpose says which gates there are.
func TestNothingIsAmendedThatIsNotSaid(t *testing.T) {
	w := asPlanned()
	p := compiled(t, definition(t), w.o, w.f)
	w.o.Environments[1].Purpose, w.o.Environments[1].Targets = "staging", targets("p", 4)
	amended, why := amend(t, p, "production", w)
	is, _ := amended.Environment("production")
	assert.True(t, is.Purpose == "production" || strings.Contains(why, "purpose"), "the purpose became %s: %s", is.Purpose, why)
}

func TestAnAmendedEnvironmentIsAsItWouldBePlannedNow(t *testing.T) {
	w := asPlanned()
	p := compiled(t, definition(t), w.o, w.f)
	w.o.Environments[1].Targets, w.o.Environments[1].Windows = targets("p", 4), []release.Window{evening("mondays", "MO")}
	w.f.Now = later
	amended, _ := amend(t, p, "production", w)
	anew := compiled(t, definition(t), w.o, w.f)
	assert.Equal(t, stored(t, anew.Environments[1]), stored(t, amended.Environments[1]))
	assert.Equal(t, stored(t, p.Environments[0]), stored(t, amended.Environments[0]), "the others stay")
	assert.Equal(t, "2026-03-02T17:00:00Z", amended.Environments[1].Opening.At.UTC().Format(time.RFC3339), "seen from now")
	assert.Equal(t, p.Compiled, amended.Compiled)
}

func TestAmendingAndTakingBackLeaveThePlanAsItWas(t *testing.T) {
	w, now := asPlanned(), asPlanned()
	p := compiled(t, definition(t), w.o, w.f)
	was, _ := p.Environment("production")
	now.o.Environments[1].Targets = targets("p", 4)
	amended, why, err := p.Amend("production", now.o, now.f)
	require.NoError(t, err)
	assert.Equal(t, compiled(t, definition(t), asPlanned().o, asPlanned().f), p)
	_, err = release.Amendment{Environment: "production", From: p.Digest, To: amended.Digest, Why: why, Was: was}.Before(amended)
	require.NoError(t, err)
	assert.Equal(t, []string{"p1", "p2", "p3", "p4"}, amended.Environments[1].TargetNames())
}

func TestTheRulesOfGatesAreAppliedAnewWhenAPlanIsAmended(t *testing.T) {
	w := asPlanned()
	w.o.Models[0].Gates["deploy:production"] = release.GatePolicy{Votes: map[string]int{"cab": 1}, Rules: []release.GateRule{{When: "targets > 5", Votes: map[string]int{"cab": 3}}}}
	p := compiled(t, definition(t), w.o, w.f)
	policy, _ := p.Gate("deploy:production")
	assert.Equal(t, "1 of group cab", policy.String())
	w.o.Environments[1].Targets = targets("p", 6)
	amended, _ := amend(t, p, "production", w)
	policy, _ = amended.Gate("deploy:production")
	assert.Equal(t, "3 of group cab", policy.String())
	policy, _ = p.Gate("deploy:production")
	assert.Equal(t, "1 of group cab", policy.String(), "the plan before stays")
}

// anyWorld is one in which something may be otherwise.
func anyWorld(t *rapid.T) world {
	w := asPlanned()
	for i := range w.o.Environments {
		e := &w.o.Environments[i]
		e.Targets = targets(e.Name[:1], rapid.IntRange(1, 8).Draw(t, "targets"))
		e.Targets[0].Folder += rapid.SampledFrom([]string{"", "/other"}).Draw(t, "folder")
		e.Windows = rapid.SampledFrom([][]release.Window{nil, {}, {evening("", "FR")}, {evening("", "FR"), evening("mondays", "MO")}}).Draw(t, "windows")
		e.Purpose = rapid.SampledFrom([]string{"", "staging", "production"}).Draw(t, "purpose")
	}
	w.f.Baselines = nil
	for _, e := range []string{"staging", "production"} {
		b := running()
		b.Environment, b.Version = e, rapid.SampledFrom([]string{"", "2.28", "2.29"}).Draw(t, "baseline")
		b.Since = noon.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "since")) * time.Hour)
		if b.Version != "" {
			w.f.Baselines = append(w.f.Baselines, b)
		}
	}
	return w
}

func TestEveryAmendmentCanBeTakenBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := anyWorld(rt)
		w.o.Models[0].Gates["deploy"] = release.GatePolicy{
			Votes: map[string]int{"cab": 1}, Mandatory: []string{"eva"},
			Rules: []release.GateRule{{When: `targets > 3`, Votes: map[string]int{"cab": 2}}, {When: `purpose == "staging"`, Mandatory: []string{}}},
		}
		models := w.o.Models
		plan := stored(rt, compiled(t, definition(t), w.o, w.f))
		history := []release.Plan{plan}
		var amendments []release.Amendment
		for range rapid.IntRange(1, 4).Draw(rt, "amendments") {
			environment := rapid.SampledFrom([]string{"staging", "production"}).Draw(rt, "environment")
			w = anyWorld(rt)
			w.o.Models = models
			was, _ := plan.Environment(environment)
			amended, why := amend(rt, plan, environment, w)
			if why == "" {
				require.Equal(rt, plan.Digest, amended.Digest)
				continue
			}
			amendments = append(amendments, stored(rt, release.Amendment{Environment: environment, From: plan.Digest, To: amended.Digest, Why: why, Was: was}))
			plan = stored(rt, amended)
			history = append(history, plan)
		}
		for i := len(amendments) - 1; i >= 0; i-- {
			require.Equal(rt, plan.Digest, amendments[i].To)
			before, err := amendments[i].Before(plan)
			require.NoError(rt, err)
			plan = stored(rt, before)
			require.Equal(rt, history[i], plan)
		}
	})
}

func TestAnAmendmentOfAnotherPlanCannotBeTakenBack(t *testing.T) {
	w := asPlanned()
	p := compiled(t, definition(t), w.o, w.f)
	was, _ := p.Environment("production")
	w.o.Environments[1].Targets = targets("p", 4)
	amended, why := amend(t, p, "production", w)
	a := release.Amendment{Environment: "production", From: p.Digest, To: amended.Digest, Why: why, Was: was}
	_, err := a.Before(amended)
	require.NoError(t, err)

	forged := a
	forged.Was.Windows = nil
	_, err = forged.Before(amended)
	require.ErrorContains(t, err, "the plan before the amendment of production has digest ")
	require.ErrorContains(t, err, ", expected "+p.Digest.Short())
	other := amended
	other.Definition.Title = "Another"
	_, err = a.Before(other)
	require.Error(t, err)
}

// Before amendments there were no resolved gates: the plan's model counts, and
// taking an amendment back has to give the digest that was authorized.
func TestAPlanOfAnOldHistoryStaysOneWhenItIsAmended(t *testing.T) {
	w := asPlanned()
	p := compiled(t, definition(t), w.o, w.f)
	p.Gates = nil
	digest, err := p.Content()
	require.NoError(t, err)
	p.Digest = digest
	was, _ := p.Environment("production")
	w.o.Environments[1].Targets = targets("p", 4)
	amended, _ := amend(t, p, "production", w)
	assert.Nil(t, amended.Gates)
	_, err = release.Amendment{Environment: "production", From: p.Digest, To: amended.Digest, Was: was}.Before(amended)
	assert.NoError(t, err)
}

func TestAnEnvironmentThatIsGoneCannotBeAmended(t *testing.T) {
	w := asPlanned()
	p := compiled(t, definition(t), w.o, w.f)
	_, _, err := p.Amend("moon", w.o, w.f)
	require.EqualError(t, err, `the plan has no environment "moon"`)
	w.o.Environments = w.o.Environments[:1]
	_, _, err = p.Amend("production", w.o, w.f)
	require.EqualError(t, err, `there is no environment "production" any more: put it back, or withdraw the release`)
	was, _ := p.Environment("production")
	_, _, err = w.o.Changed("web", was, release.EnvironmentDefinition{}, w.f)
	require.EqualError(t, err, `there is no environment "production" any more: put it back, or withdraw the release`)
}

func TestWavesAreOfTheSizesThatTheDefinitionAsksFor(t *testing.T) {
	w := asPlanned()
	p := compiled(t, definition(t), w.o, w.f)
	assert.Equal(t, release.Sizes(1, 2), p.Rollout("production").Waves)
	assert.Empty(t, p.Rollout("staging").Waves)
	assert.Empty(t, p.Rollout("moon"))
	w.o.Environments[1].Targets = targets("p", 4)
	amended, _ := amend(t, p, "production", w)
	var sizes []int
	for _, wave := range amended.Environments[1].Waves {
		sizes = append(sizes, len(wave))
	}
	assert.Equal(t, []int{1, 2, 1}, sizes)
}

func TestAnAuthorizationSaysForWhichWindowsItIs(t *testing.T) {
	w := asPlanned()
	p := compiled(t, definition(t), w.o, w.f)
	assert.Equal(t, "at any time", p.WindowOf(p.Environments[0]))
	assert.Equal(t, "FREQ=WEEKLY;BYDAY=FR from 2026-01-02T18:00 Europe/Zurich for 4h", p.WindowOf(p.Environments[1]))
	p.Definition.Emergency = &release.Emergency{Reason: "it burns", OverrideFreeze: "it burns a lot"}
	assert.Equal(t, "at any time, freezes overridden: it burns a lot", p.WindowOf(p.Environments[0]))
	seen := map[string]string{}
	for name, window := range map[string]release.Window{
		"as it is": evening("", "FR"), "name": evening("fridays", "FR"), "rule": evening("", "MO"),
		"start":  {Rule: "FREQ=WEEKLY;BYDAY=FR", Start: "2026-01-02T19:00", Zone: "Europe/Zurich", Length: release.Duration(4 * time.Hour)},
		"zone":   {Rule: "FREQ=WEEKLY;BYDAY=FR", Start: "2026-01-02T18:00", Length: release.Duration(4 * time.Hour)},
		"length": {Rule: "FREQ=WEEKLY;BYDAY=FR", Start: "2026-01-02T18:00", Zone: "Europe/Zurich", Length: release.Duration(5 * time.Hour)},
	} {
		text := p.WindowOf(release.PlannedEnvironment{Windows: []release.Window{window}})
		assert.Empty(t, seen[text], fmt.Sprintf("%s and %s", name, seen[text]))
		seen[text] = name
	}
}

func TestAWindowThatSomebodyAddedHasToBeAuthorizedAndAFreezeHasNot(t *testing.T) {
	w := asPlanned()
	p := compiled(t, definition(t), w.o, w.f)
	name := p.Environments[1].Name
	freeze := release.AddFreeze{From: noon, To: later, Reason: "audit"}.Entry()
	frozen := world{w.o.With([]release.CalendarEntry{freeze}), w.f}
	same, why := amend(t, p, name, frozen)
	assert.Empty(t, why)
	assert.Equal(t, p.Digest, same.Digest)

	night := release.AddWindow{Window: release.Window{Name: "night", Rule: "FREQ=DAILY", Start: "2026-03-01T22:00", Length: hours(2)}}
	night.Environment = name
	amended, why := amend(t, p, name, world{w.o.With([]release.CalendarEntry{freeze, night.Entry()}), w.f})
	assert.Contains(t, why, "the change windows of "+name+" were ")
	assert.Contains(t, why, "night (FREQ=DAILY from 2026-03-01T22:00 UTC for 2h)")
	assert.NotEqual(t, p.Digest, amended.Digest)
}

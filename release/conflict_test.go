package release_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestOpenReleasesThatGetIntoTheWayAreConflicts(t *testing.T) {
	same := func(id, ci string) release.Conflict {
		return release.Conflict{Kind: release.ConflictCI, Release: id, Reason: "it changes the same configuration item " + ci}
	}
	there := release.Conflict{Kind: release.ConflictEnvironment, Release: "a@1", Environment: "staging", Reason: "it goes to staging too"}
	for name, c := range map[string]struct {
		open []release.OpenRelease
		want []release.Conflict
	}{
		"none":         {},
		"other things": {open: []release.OpenRelease{{ID: "a@1", ConfigurationItems: []string{"a"}, Environments: []string{"moon"}}}},
		"itself":       {open: []release.OpenRelease{{ID: "web@2.30", ConfigurationItems: []string{"web", "shop"}, Environments: []string{"staging"}}}},
		"the same service": {
			[]release.OpenRelease{{ID: "web@2.29", ConfigurationItems: []string{"web", "shop"}}}, []release.Conflict{same("web@2.29", "web")},
		},
		"a shared item": {
			[]release.OpenRelease{{ID: "a@1", ConfigurationItems: []string{"a"}}, {ID: "cms@3", ConfigurationItems: []string{"cms", "shop"}}},
			[]release.Conflict{same("cms@3", "shop")},
		},
		"the same environment": {
			[]release.OpenRelease{{ID: "a@1", ConfigurationItems: []string{"a"}, Environments: []string{"staging"}}}, []release.Conflict{there},
		},
		"the same environment at another time": {
			[]release.OpenRelease{{ID: "a@1", Environments: []string{"staging"}, Slots: []release.Slot{
				{Environment: "staging", From: noon.AddDate(1, 0, 0), Until: noon.AddDate(1, 0, 1)},
			}}}, []release.Conflict{there},
		},
		"the same environment at the same time": {
			[]release.OpenRelease{{ID: "a@1", Environments: []string{"staging"}, Slots: []release.Slot{
				{Environment: "staging", From: noon, Until: noon.AddDate(1, 0, 0)},
			}}},
			[]release.Conflict{there, {
				Kind: release.ConflictWindow, Release: "a@1", Environment: "staging", Reason: "it is planned for staging at the same time",
			}},
		},
	} {
		f := facts()
		f.Open = c.open
		assert.Equal(t, c.want, compiled(t, definition(t), organization(), f).Conflicts, name)
	}
}

func TestOnlyTheReleaseThatWasThereFirstBlocks(t *testing.T) {
	o := organization()
	o.Models[0].Conflicts = map[release.ConflictKind]release.Effect{release.ConflictEnvironment: release.Block}
	other := release.OpenRelease{ID: "a@1", Started: noon, Environments: []string{"staging"}}
	for name, c := range map[string]struct {
		open   []release.OpenRelease
		blocks bool
	}{
		"the CMS does not know the new one yet": {[]release.OpenRelease{other}, true},
		"it was started before":                 {[]release.OpenRelease{other, {ID: "web@2.30", Started: noon.Add(time.Second)}}, true},
		"it was started later":                  {[]release.OpenRelease{{ID: "web@2.30", Started: noon.Add(-time.Second)}, other}, false},
	} {
		f := facts()
		f.Open = c.open
		p := compiled(t, definition(t), o, f)
		require.Len(t, p.Conflicts, 1, name)
		assert.Equal(t, c.blocks, p.Conflicts[0].Blocks, name)
		assert.Nil(t, p.Blockers("production"), name)
		if c.blocks {
			assert.Equal(t, p.Conflicts, p.Blockers("staging").Holding("staging", f), name)
			assert.Empty(t, p.Blockers("staging").Holding("staging", facts()), "it is closed")
		}
	}
}

func TestSlotsFollowTheOpeningAndTheExpectedStages(t *testing.T) {
	d, o := definition(t), organization()
	d.Expected = map[release.StageName]release.Duration{
		release.StagePlanGate: release.Duration(time.Hour), "deploy:staging": release.Duration(time.Hour),
	}
	o.Models[0].Expected = nil
	p := compiled(t, d, o, facts())
	slots := p.Slots()
	require.NotEmpty(t, slots)
	assert.Equal(t, release.Slot{Environment: "staging", From: p.Compiled.Add(time.Hour), Until: p.Compiled.Add(2 * time.Hour)}, slots[0])
	p.Environments[0].Opening = release.Opening{At: p.Compiled.Add(24 * time.Hour), Until: p.Compiled.Add(26 * time.Hour)}
	assert.Equal(t, release.Slot{Environment: "staging", From: p.Compiled.Add(24 * time.Hour), Until: p.Compiled.Add(26 * time.Hour)}, p.Slots()[0])
	p.Environments[0].Opening = release.Opening{At: p.Compiled, Until: p.Compiled.Add(time.Minute)}
	for _, s := range p.Slots() {
		assert.NotEqual(t, "staging", s.Environment, "the opening is over by then: nobody can tell when the next one is")
	}
}

func TestVersionsAreWithinTheRangeOfADependency(t *testing.T) {
	for _, c := range []struct {
		dependency, version string
		met                 bool
	}{
		{"billing@>=3.1", "3.1", true},
		{"billing@>=3.1", "3.1.0", true},
		{"billing@>=3.1", "v3.2", true},
		{"billing@>=3.1", "3.0.9", false},
		{"billing@>=3.1 <4", "4.0", false},
		{"billing@^3.1", "3.9", true},
		{"billing@>=3.1", "3.2.0-rc1", false},
		{"billing@>=3.1", "2026-spring", false},
		{"billing@2026-spring", "2026-spring", true},
		{"billing@3.1", "3.1.0", false}, // one version is compared as it is written
		{"billing@3.1", "3.1", true},
	} {
		d, err := release.ParseDependency(c.dependency)
		require.NoError(t, err)
		assert.Equal(t, c.met, d.MetBy(c.version), "%s by %s", c.dependency, c.version)
	}
	for _, bad := range []string{"", "billing", "billing@", "@>=1", "Billing@>=1", "billing@>=x.y", "billing@=>"} {
		_, err := release.ParseDependency(bad)
		assert.Error(t, err, bad)
	}
}

func TestADependencyThatIsNotLiveIsAConflict(t *testing.T) {
	d, o := definition(t), organization()
	d.Requires = []string{"billing@>=3.1"}
	o.Models[0].Conflicts = map[release.ConflictKind]release.Effect{release.ConflictDependency: release.Block}
	f := facts()
	f.Open = nil
	f.Required = []release.Baseline{
		{Environment: "staging", Service: "billing", Version: "3.1"}, {Environment: "production", Service: "billing", Version: "3.0"},
	}
	p := compiled(t, d, o, f)
	want := release.Conflict{
		Kind: release.ConflictDependency, Environment: "production", Blocks: true,
		Reason: "requires billing>=3.1 in production, which runs 3.0",
	}
	assert.Equal(t, []release.Conflict{want}, p.Conflicts)
	assert.Contains(t, p.Risk.Reasons, "+10: "+want.Reason)

	f.Open = []release.OpenRelease{{ID: "billing@3.0.1", Environments: []string{"production"}}, {ID: "billing@3.1", Environments: []string{"production"}}}
	p = compiled(t, d, o, f)
	want.Release, want.Reason = "billing@3.1", want.Reason+"; billing@3.1 is being released"
	assert.Contains(t, p.Conflicts, want)
	mirrored := p.Mirror("billing@3.1")
	assert.Equal(t, "it depends on this release: "+want.Reason, mirrored[len(mirrored)-1].Reason)
	assert.Equal(t, p.Release, mirrored[0].Release)
	assert.Equal(t, want.Reason, release.Waits(p.Blockers("production").Holding("production", f)))
	f.Required[1].Version = "3.2"
	assert.Empty(t, p.Blockers("production").Holding("production", f))
}

func TestWhatADefinitionSaysOfOtherReleasesIsChecked(t *testing.T) {
	d := definition(t)
	d.Requires = []string{"billing@>=3.1", "billing"}
	d.Supersedes = []string{"web@2.29", "web", "shop@1", "web@2.30"}
	var wrong []string
	for _, p := range d.Check() {
		wrong = append(wrong, p.Path)
	}
	assert.Equal(t, []string{"requires[1]", "supersedes[1]", "supersedes[2]", "supersedes[3]"}, wrong)
}

func TestTheConflictsOfAModelAreChecked(t *testing.T) {
	o := organization()
	o.Models[0].Conflicts = map[release.ConflictKind]release.Effect{"ci": "block", "weather": "warn", "window": "stop"}
	var wrong []string
	for _, p := range o.Check() {
		wrong = append(wrong, p.Path)
	}
	assert.Equal(t, []string{"models[0].conflicts.weather", "models[0].conflicts.window"}, wrong)
}

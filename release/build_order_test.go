package release_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// stepsOf gives a build of steps with these needs, named a, b, c, …
func stepsOf(needs ...[]string) release.Build {
	var b release.Build
	for i, n := range needs {
		b.Steps = append(b.Steps, release.BuildStep{Name: string(rune('a' + i)), Component: "web", Run: "make", Needs: n})
	}
	return b
}

func namesOf(steps []release.BuildStep) []string {
	var list []string
	for _, s := range steps {
		list = append(list, s.Name)
	}
	return list
}

func set(names ...string) map[string]bool {
	all := map[string]bool{}
	for _, name := range names {
		all[name] = true
	}
	return all
}

func TestBuildStepsBeginAsTheirNeedsSay(t *testing.T) {
	none := []string{}
	for name, c := range map[string]struct {
		build       release.Build
		begun, done map[string]bool
		ready       []string
	}{
		"one after the other when nothing is said": {stepsOf(nil, nil, nil), nil, nil, []string{"a"}},
		"then the next":                 {stepsOf(nil, nil, nil), set("a"), set("a"), []string{"b"}},
		"not while the one before runs": {stepsOf(nil, nil, nil), set("a"), nil, nil},
		"an empty list needs none":      {stepsOf(nil, none, nil), nil, nil, []string{"a", "b"}},
		"a later one may be needed":     {stepsOf([]string{"c"}, none, none), nil, nil, []string{"b", "c"}},
		"all of them have to be done":   {stepsOf(none, none, []string{"a", "b"}), set("a", "b"), set("b"), nil},
		"all of them are":               {stepsOf(none, none, []string{"a", "b"}), set("a", "b"), set("a", "b"), []string{"c"}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.ready, namesOf(c.build.Ready(c.begun, c.done))) })
	}
}

func TestEveryStepOfABuildRunsOnceAndAfterAllThatItNeeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "steps")
		rank := rapid.Permutation(slices.Collect(indices(n))).Draw(t, "rank") // needs go down in rank: no circles
		b := stepsOf(make([][]string, n)...)
		for i := range b.Steps {
			if i > 0 && rank[i-1] < rank[i] && rapid.Bool().Draw(t, "says nothing") {
				continue
			}
			b.Steps[i].Needs = []string{}
			for j := range b.Steps {
				if rank[j] < rank[i] && rapid.Bool().Draw(t, "needs") {
					b.Steps[i].Needs = append(b.Steps[i].Needs, b.Steps[j].Name)
				}
			}
		}
		begun, done := map[string]bool{}, map[string]bool{}
		var running []string
		for {
			for _, s := range b.Ready(begun, done) {
				for _, need := range s.Needs {
					require.True(t, done[need], "%s began before %s was done", s.Name, need)
				}
				if i := slices.IndexFunc(b.Steps, func(x release.BuildStep) bool { return x.Name == s.Name }); s.Needs == nil && i > 0 {
					require.True(t, done[b.Steps[i-1].Name])
				}
				require.False(t, begun[s.Name], "twice")
				begun[s.Name] = true
				running = append(running, s.Name)
			}
			if len(running) == 0 {
				break
			}
			ends := rapid.IntRange(0, len(running)-1).Draw(t, "ends")
			done[running[ends]] = true
			running = slices.Delete(running, ends, ends+1)
		}
		require.Len(t, done, n, "all are done")
		require.Empty(t, checkedBuild(b))
	})
}

func indices(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// checkedBuild gives what is wrong with the build of a definition.
func checkedBuild(b release.Build) []string {
	d := release.Definition{Build: b, Components: []release.Component{{Name: "web"}}}
	var told []string
	for _, p := range d.Check() {
		if len(p.Path) >= 5 && p.Path[:5] == "build" {
			told = append(told, p.Path+": "+p.Message)
		}
	}
	return told
}

func TestNeedsThatCannotBeMetAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		build release.Build
		told  []string
	}{
		"unknown": {stepsOf(nil, []string{"z"}), []string{`build.steps[1].needs[0]: there is no build step "z": use a, b`}},
		"itself":  {stepsOf([]string{"a"}), []string{"build.steps[0].needs[0]: a cannot need itself"}},
		"a circle": {
			stepsOf([]string{}, []string{"a", "d"}, []string{"b"}, []string{"c"}, []string{"d"}),
			[]string{"build.steps: b, c, d need one another, so that none could ever begin: take one out of the needs of another"},
		},
		"a circle through the step before": {
			stepsOf([]string{"b"}, nil),
			[]string{"build.steps: a, b need one another, so that none could ever begin: take one out of the needs of another"},
		},
		"a cache that leads elsewhere": {release.Build{Steps: stepsOf(nil).Steps, Cache: "../up"}, []string{
			`build.cache: "../up" is not a name: use lower-case letters, digits, '.', '_' and '-'`,
		}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.told, checkedBuild(c.build)) })
	}
}

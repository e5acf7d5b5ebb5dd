package release

import (
	"fmt"
	"slices"
	"strings"
)

// before lists the steps that have to be done before step i of the build: those that
// it needs, or the step before it when it does not say.
func (b Build) before(i int) []string {
	step := b.Steps[i]
	if step.Needs == nil && i > 0 {
		return []string{b.Steps[i-1].Name}
	}
	return step.Needs
}

// Ready gives the steps that may begin, in the definition's order: those that have not
// begun and whose needs are all done.
func (b Build) Ready(begun, done map[string]bool) []BuildStep {
	var ready []BuildStep
	for i, s := range b.Steps {
		waits := slices.ContainsFunc(b.before(i), func(need string) bool { return !done[need] })
		if !begun[s.Name] && !waits {
			ready = append(ready, s)
		}
	}
	return ready
}

// checkOrder says which needs of steps cannot be met.
func (b Build) checkOrder(problems *Problems) {
	known := func(name string) bool {
		return slices.ContainsFunc(b.Steps, func(s BuildStep) bool { return s.Name == name })
	}
	sound := true
	for i, s := range b.Steps {
		for j, need := range s.Needs {
			at := fmt.Sprintf("build.steps[%d].needs[%d]", i, j)
			switch {
			case !known(need):
				problems.add(at, "there is no build step %q: use %s", need, names(b.Steps, func(s BuildStep) string { return s.Name }))
			case need == s.Name:
				problems.add(at, "%s cannot need itself", need)
			default:
				continue
			}
			sound = false
		}
	}
	if circle := b.circle(); sound && len(circle) > 0 {
		problems.add("build.steps", "%s need one another, so that none could ever begin: take one out of the needs of another", strings.Join(circle, ", "))
	}
}

// circle gives the steps that need one another, in the definition's order; none when
// all can be done.
func (b Build) circle() []string {
	done := map[string]bool{}
	for {
		ready := b.Ready(done, done)
		for _, s := range ready {
			done[s.Name] = true
		}
		if len(ready) == 0 {
			break
		}
	}
	// Those that only wait for the circle are in nobody's way.
	needed := map[string]bool{}
	var circle []string
	for i := range b.Steps {
		if !done[b.Steps[i].Name] {
			circle = append(circle, b.Steps[i].Name)
		}
	}
	for more := true; more; {
		clear(needed)
		for i, s := range b.Steps {
			if slices.Contains(circle, s.Name) {
				for _, need := range b.before(i) {
					needed[need] = true
				}
			}
		}
		left := slices.DeleteFunc(slices.Clone(circle), func(name string) bool { return !needed[name] })
		circle, more = left, len(left) < len(circle)
	}
	return circle
}

// checkCache says what is wrong with the name of the cache.
func (b Build) checkCache(problems *Problems) {
	if b.Cache != "" && !nameForm.MatchString(b.Cache) {
		problems.add("build.cache", "%q is not a name: use lower-case letters, digits, '.', '_' and '-'", b.Cache)
	}
}

// compareCaches says whether builds share another folder than before.
func compareCaches(was, is Build) []Change {
	was.Steps, is.Steps = nil, nil
	return compareFields(ChangeBuild, "build", was, is)
}

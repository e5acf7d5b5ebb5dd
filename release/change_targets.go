package release

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// namesShown is how many names of a long list are shown.
const namesShown = 3

// compareInventories lists how the configuration of targets changes, as far as both
// are described.
func compareInventories(was, is PlannedEnvironment) []Change {
	before, known := was.Described()
	now, knownToo := is.Described()
	switch {
	case was.Inventory != "" && was.Inventory == is.Inventory:
		return nil
	case !known || !knownToo:
		return []Change{changed(ChangeConfiguration, "inventory of "+is.Name, was.Inventory.Short(), is.Inventory.Short())}
	}
	return compareConfiguration(before, now)
}

// compareConfiguration lists how the configuration of targets changes: what is the
// same on many targets, once.
func compareConfiguration(was, is []Target) []Change {
	type setting struct{ name, was, is string }
	var settings []setting
	on := map[setting][]string{}
	before := make(map[string]Target, len(was))
	for _, target := range was {
		before[target.Name] = target
	}
	for _, target := range is {
		old, known := before[target.Name]
		if !known || reflect.DeepEqual(old, target) {
			continue
		}
		for _, c := range compareFields(ChangeConfiguration, "", old, target) {
			s := setting{c.What, c.Was, c.Is}
			if len(on[s]) == 0 {
				settings = append(settings, s)
			}
			on[s] = append(on[s], target.Name)
		}
	}
	var changes []Change
	for _, s := range settings {
		changes = append(changes, Change{Kind: ChangeConfiguration, What: s.name + " of " + some(on[s]), Was: s.was, Is: s.is})
	}
	return changes
}

// compareTargets says which targets came and went, and whether the order changed.
func compareTargets(was, is PlannedEnvironment) []Change {
	before, now := was.TargetNames(), is.TargetNames()
	without := func(all, those []string) []string {
		known := SetOf(those)
		return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return known[name] })
	}
	came, gone := without(now, before), without(before, now)
	var parts []string
	if len(came) > 0 {
		parts = append(parts, "new: "+some(came))
	}
	if len(gone) > 0 {
		parts = append(parts, "gone: "+some(gone))
	}
	if len(parts) > 0 {
		return []Change{{
			Kind: ChangeTarget, What: "targets of " + is.Name,
			Was: strconv.Itoa(len(before)), Is: shown(fmt.Sprintf("%d, %s", len(now), strings.Join(parts, "; "))),
		}}
	}
	names := named[string]{kind: ChangeTarget, name: func(name string) string { return name }}
	return names.compareOrder(before, now)
}

// compareRollout says what changes in how the targets of an environment are reached.
func compareRollout(was, is EnvironmentDefinition) []Change {
	var changes []Change
	if !slices.Equal(was.Waves, is.Waves) {
		changes = append(changes, Change{Kind: ChangeTarget, What: "waves of " + is.Name, Was: waveSizes(was.Waves), Is: waveSizes(is.Waves)})
	}
	was.Name, was.Waves, is.Waves = is.Name, nil, nil
	return append(changes, compareFields(ChangeTarget, "the deployment to "+is.Name, was, is)...)
}

func waveSizes(sizes []Share) string {
	if len(sizes) == 0 {
		return "all at once"
	}
	return names(sizes, Share.String)
}

// some lists names, the first ones of many: "a, b, c and 12 more".
func some(names []string) string {
	if len(names) <= namesShown+1 {
		return list(names)
	}
	return fmt.Sprintf("%s and %d more", list(names[:namesShown]), len(names)-namesShown)
}

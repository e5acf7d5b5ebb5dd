package release

import (
	"slices"
	"strings"
)

// Authority says who may act on a release: the roster as known at planning, and
// what the release model lets whom do.
type Authority struct {
	Model     string              `json:"model"`
	Requester string              `json:"requester"`
	Manager   string              `json:"manager"`
	Roster    []Person            `json:"roster"`
	May       map[Action][]string `json:"may,omitempty"`
}

// steering are the actions that the requester and the release manager may always
// do, and others only when the model says so.
var steering = []Action{ActRevise, ActRebuild, ActWithdraw, ActBackOut, ActResolveStep, ActExtendSupport, ActEndSupport}

// granted are the actions that nobody may do but the groups that the model names.
var granted = []Action{ActOverrideFreeze}

// restricts tells whether an action is for groups that the model names only.
func (a Authority) restricts(action Action) bool {
	_, restricted := a.May[action]
	return restricted || slices.Contains(granted, action)
}

// Person finds somebody by id.
func (a Authority) Person(id string) (Person, bool) { return Organization{Roster: a.Roster}.Person(id) }

// Check refuses an action of somebody whom the roster or the model does not let
// do it.
func (a Authority) Check(action Action, by string) error {
	person, known := a.Person(by)
	if !known {
		return Refusef("%s is not on the roster", by)
	}
	groups, restricted := a.May[action], a.restricts(action)
	steers := slices.Contains(steering, action)
	switch {
	case steers && (by == a.Requester || by == a.Manager):
		return nil
	case (restricted || steers) && !person.In(groups...):
		return Refusef("%s may not %s: model %s leaves it to %s", by, action, a.Model, a.Who(action))
	}
	return nil
}

// Who says in words who may do an action: "group users (uwe)".
func (a Authority) Who(action Action) string {
	var who []string
	if slices.Contains(steering, action) {
		who = append(who, a.Manager+" (release manager)", a.Requester+" (requester)")
	}
	groups, restricted := a.May[action], a.restricts(action)
	for _, g := range groups {
		who = append(who, a.group(g))
	}
	switch {
	case !restricted && len(who) == 0:
		return "anybody on the roster"
	case len(who) == 0:
		return "nobody"
	}
	return strings.Join(who, " or ")
}

// First names somebody who may do the action, for examples that people can send
// as they are; empty when nobody may.
func (a Authority) First(action Action) string {
	for _, p := range a.Roster {
		if a.Check(action, p.ID) == nil {
			return p.ID
		}
	}
	return ""
}

// group says in words who a group is: "group users (uwe)".
func (a Authority) group(name string) string {
	return "group " + name + " (" + list(a.members(name)) + ")"
}

// members lists the people of some groups.
func (a Authority) members(groups ...string) []string {
	var ids []string
	for _, p := range a.Roster {
		if p.In(groups...) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

package release

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/release/rule"
)

// GatePolicy says how a gate is decided (ITIL: the change authority and how it
// authorizes). In the lists, a name is that of a person, a group or a role.
type GatePolicy struct {
	// Votes is how many have to authorize, by group.
	Votes map[string]int `json:"votes,omitempty"`
	// Mandatory lists who has to be among those who authorize.
	Mandatory []string `json:"mandatory,omitempty"`
	// Veto lists whose rejection rejects at once.
	Veto []string `json:"veto,omitempty"`
	// Rejections is how many rejections reject; zero stands for 1.
	Rejections int `json:"rejections,omitempty"`
	// OnReject is "close" (the default), or "revise": a rejection sends back for a
	// revised definition. At a deployment gate a rejection always closes.
	OnReject string `json:"onReject,omitempty"`
	// CountTwice lets one person count for several groups at once.
	CountTwice bool `json:"countTwice,omitempty"`
	// Signed asks for votes that are signed with a key of the roster.
	Signed bool `json:"signed,omitempty"`
	// RequireDigest asks for votes that name the digest of what they are about.
	RequireDigest bool `json:"requireDigest,omitempty"`
	// Deadline is how long the gate stays open; zero means for ever.
	Deadline Duration `json:"deadline,omitempty"`
	// RemindEvery is how often those who are still needed are reminded.
	RemindEvery Duration `json:"remindEvery,omitempty"`
	// Escalate says who is asked too once the deadline has passed.
	Escalate *Escalation `json:"escalate,omitempty"`
	// Validity is how long an authorization holds until the deployment begins; it
	// lapses if the change window comes later. Zero means that it does not lapse.
	Validity Duration `json:"validity,omitempty"`
	// Rules change the policy where their conditions hold, in their order. They
	// are applied at planning.
	Rules []GateRule `json:"rules,omitempty"`
}

// Escalation lets another group stand in for whoever is missing.
type Escalation struct {
	To string `json:"to"`
	// For is how long the gate stays open then.
	For Duration `json:"for"`
}

// GateRule changes a policy where a condition holds: what it sets replaces what
// stood there.
type GateRule struct {
	// When is a CEL expression over risk, level, service, environment, purpose,
	// model, emergency, targets and conflicts.
	When string `json:"when"`
	// Skip asks nobody: the model authorizes beforehand.
	Skip        bool           `json:"skip,omitempty"`
	Votes       map[string]int `json:"votes,omitzero"`
	Mandatory   []string       `json:"mandatory,omitzero"`
	Veto        []string       `json:"veto,omitzero"`
	Rejections  int            `json:"rejections,omitempty"`
	Deadline    Duration       `json:"deadline,omitempty"`
	RemindEvery Duration       `json:"remindEvery,omitempty"`
	Escalate    *Escalation    `json:"escalate,omitempty"`
	Signed      bool           `json:"signed,omitempty"`
}

// What a rejection does.
const (
	OnRejectClose  = "close"
	OnRejectRevise = "revise"
)

// UnmarshalJSON also reads the form that plans in older histories have: one group
// with its quorum.
func (p *GatePolicy) UnmarshalJSON(data []byte) error {
	type plain GatePolicy
	var read struct {
		plain
		Group  string `json:"group"`
		Quorum int    `json:"quorum"`
	}
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*p = GatePolicy(read.plain)
	if read.Quorum > 0 && len(p.Votes) == 0 {
		p.Votes = map[string]int{read.Group: read.Quorum}
	}
	return nil
}

// Asks tells whether the policy asks anybody.
func (p GatePolicy) Asks() bool {
	return len(p.Mandatory)+len(p.slots()) > 0
}

// Under gives the policy with its rules applied. The rules are gone from it.
func (p GatePolicy) Under(c rule.Circumstances) (GatePolicy, error) {
	rules := p.Rules
	p.Rules = nil
	for _, r := range rules {
		holds, err := rule.Holds(r.When, c)
		if err != nil {
			return p, fmt.Errorf("rule %q: %w", r.When, err)
		}
		if holds {
			p = r.apply(p)
		}
	}
	return p, nil
}

func (r GateRule) apply(p GatePolicy) GatePolicy {
	if r.Skip {
		p.Votes, p.Mandatory = nil, nil
	}
	if r.Votes != nil {
		p.Votes = r.Votes
	}
	if r.Mandatory != nil {
		p.Mandatory = r.Mandatory
	}
	if r.Veto != nil {
		p.Veto = r.Veto
	}
	if r.Rejections > 0 {
		p.Rejections = r.Rejections
	}
	if r.Deadline > 0 {
		p.Deadline = r.Deadline
	}
	if r.RemindEvery > 0 {
		p.RemindEvery = r.RemindEvery
	}
	if r.Escalate != nil {
		p.Escalate = r.Escalate
	}
	p.Signed = p.Signed || r.Signed
	return p
}

// slots lists the votes that are needed: a group's name once for each.
func (p GatePolicy) slots() []string {
	var slots []string
	for _, group := range slices.Sorted(maps.Keys(p.Votes)) {
		for range p.Votes[group] {
			slots = append(slots, group)
		}
	}
	return slots
}

// voters names everybody whom the policy lets vote.
func (p GatePolicy) voters() []string {
	return slices.Concat(slices.Sorted(maps.Keys(p.Votes)), p.Mandatory, p.Veto)
}

// String says in words what the policy asks for: "2 of group cab and 1 of group
// security, among them sven, signed".
func (p GatePolicy) String() string {
	var parts []string
	for _, group := range slices.Sorted(maps.Keys(p.Votes)) {
		if n := p.Votes[group]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d of group %s", n, group))
		}
	}
	text := strings.Join(parts, " and ")
	switch {
	case len(p.Mandatory) > 0 && text != "":
		text += ", among them " + strings.Join(p.Mandatory, " and ")
	case len(p.Mandatory) > 0:
		text = strings.Join(p.Mandatory, " and ")
	case text == "":
		return "nobody"
	}
	if p.Signed {
		text += ", signed"
	}
	return text
}

// check notes what is wrong with a policy. Named tells whether a person, group or
// role is known by a name; groups are those that have members.
func (p GatePolicy) check(at, gate string, groups []string, named func(string) bool, problems *Problems) {
	p.checkTimes(at, gate, problems)
	if p.OnReject != "" && p.OnReject != OnRejectClose && p.OnReject != OnRejectRevise {
		problems.add(at+".onReject", "%q: use close or revise", p.OnReject)
	}
	if p.OnReject == OnRejectRevise && gate != GatePlan && gate != GateBuild {
		problems.add(at+".onReject", "only the gates plan and build can send back for a revision")
	}
	checkVoters(at, p.Votes, p.Mandatory, p.Veto, p.Rejections, groups, named, problems)
	checkEscalation(at, p.Escalate, p.Deadline, groups, problems)
	for i, r := range p.Rules {
		path := fmt.Sprintf("%s.rules[%d]", at, i)
		if err := rule.Check(r.When); err != nil {
			problems.add(path+".when", "%v", err)
		}
		if r.Skip && (r.Votes != nil || r.Mandatory != nil) {
			problems.add(path+".skip", "a rule that asks nobody cannot ask for votes too")
		}
		checkVoters(path, r.Votes, r.Mandatory, r.Veto, r.Rejections, groups, named, problems)
		checkEscalation(path, r.Escalate, max(r.Deadline, p.Deadline), groups, problems)
		if r.Deadline < 0 || r.RemindEvery < 0 {
			problems.add(path, "a time cannot be negative")
		}
	}
}

func (p GatePolicy) checkTimes(at, gate string, problems *Problems) {
	if p.Deadline < 0 || p.RemindEvery < 0 || p.Validity < 0 {
		problems.add(at, "a time cannot be negative")
	}
	if p.Deadline > 0 && p.RemindEvery >= p.Deadline {
		problems.add(at+".remindEvery", "the gate closes after %s, before anybody would be reminded", p.Deadline)
	}
	if stem, _, _ := strings.Cut(gate, ":"); p.Validity > 0 && stem != gateDeploy {
		problems.add(at+".validity", "only the authorization of a deployment can lapse")
	}
}

func checkVoters(at string, votes map[string]int, mandatory, veto []string, rejections int, groups []string, named func(string) bool, problems *Problems) {
	if rejections < 0 {
		problems.add(at+".rejections", "it cannot be negative")
	}
	for _, group := range slices.Sorted(maps.Keys(votes)) {
		path := at + ".votes." + group
		if votes[group] < 0 {
			problems.add(path, "it cannot be negative")
		}
		if votes[group] > 0 && !slices.Contains(groups, group) {
			problems.add(path, "nobody on the roster is in group %q", group)
		}
	}
	for i, name := range mandatory {
		if !named(name) {
			problems.add(fmt.Sprintf("%s.mandatory[%d]", at, i), "nobody on the roster is %q or in a group or role of that name", name)
		}
	}
	for i, name := range veto {
		if !named(name) {
			problems.add(fmt.Sprintf("%s.veto[%d]", at, i), "nobody on the roster is %q or in a group or role of that name", name)
		}
	}
}

func checkEscalation(at string, e *Escalation, deadline Duration, groups []string, problems *Problems) {
	if e == nil {
		return
	}
	if !slices.Contains(groups, e.To) {
		problems.add(at+".escalate.to", "nobody on the roster is in group %q", e.To)
	}
	if e.For <= 0 {
		problems.add(at+".escalate.for", "say how long the gate stays open then, as in 24h")
	}
	if deadline == 0 {
		problems.add(at+".escalate", "a gate without a deadline never escalates")
	}
}

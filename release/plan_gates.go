package release

import (
	"fmt"
	"maps"
	"slices"

	"slipway/release/rule"
)

// gateNames lists the gates that the release may come to, in their order.
func (p *Plan) gateNames() []string {
	gates := []string{GatePlan}
	if !p.Model.MergeBuildGate {
		gates = append(gates, GateBuild)
	}
	for _, e := range p.Environments {
		gates = append(gates, DeployGate(e.Name))
	}
	return append(gates, GateReview)
}

// resolveGates applies the rules of the model to this release: what comes out is
// what holds for its gates, whatever becomes of the model.
func (p *Plan) resolveGates() error {
	p.Gates = map[string]GatePolicy{}
	for _, name := range p.gateNames() {
		policy, err := p.Model.Gate(name, p.purpose(name)).Under(p.circumstances(name))
		if err != nil {
			return fmt.Errorf("gate %s of model %s: %w", name, p.Model.Name, err)
		}
		if policy.Asks() {
			p.Gates[name] = policy
		}
	}
	return nil
}

// conflicting counts what is in the way: other releases, and dependencies that none
// of them brings.
func (p *Plan) conflicting() int {
	n := len(Rivals(p.Conflicts))
	for _, c := range p.Conflicts {
		if c.Release == "" {
			n++
		}
	}
	return n
}

// circumstances is what the rules of a gate may depend on.
func (p *Plan) circumstances(gate string) rule.Circumstances {
	c := rule.Circumstances{
		Risk: p.Risk.Score, Level: p.Risk.Level(), Service: p.Definition.Service, Model: p.Model.Name,
		Emergency: p.Definition.Emergency != nil, Conflicts: p.conflicting(),
	}
	for _, e := range p.Environments {
		switch DeployGate(e.Name) == gate {
		case true:
			c.Environment, c.Purpose, c.Targets = e.Name, e.Purpose, len(e.Targets())
			return c
		default:
			c.Targets += len(e.Targets())
		}
	}
	return c
}

// checkGates notes gates that nobody could ever open: too few people who may vote.
func (p *Plan) checkGates(o Organization, problems *Problems) {
	for _, name := range slices.Sorted(maps.Keys(p.Gates)) {
		// Everybody who could vote does: if that does not open it, nothing will.
		gate := Gate{Name: name, Policy: p.Gates[name], Excluded: p.Excluded()}
		for _, person := range o.Roster {
			keyless := !slices.ContainsFunc(person.Keys, func(k Key) bool { return !k.RevokedAt(p.Compiled) })
			if _, out := gate.excludes(person.ID); out || (gate.Policy.Signed && keyless) {
				continue
			}
			gate.Votes = append(gate.Votes, Vote{By: person.ID, Decision: Authorize, Seats: []Seat{person.Seat()}})
		}
		if gate.Tally() == Authorize {
			continue
		}
		why := "its requester, release manager and builder do not count"
		if gate.Policy.Signed {
			why += ", nor does anybody without a key on the roster"
		}
		problems.add("model", "gate %s of model %s asks for %s, but even if everybody voted it would lack %s (%s)",
			name, p.Model.Name, gate.Policy, list(slices.Concat(gate.missing(), gate.missingMandatory())), why)
	}
}

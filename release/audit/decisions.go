package audit

import (
	"fmt"
	"slices"
	"strings"

	"slipway/release"
)

// decisions counts the votes of every gate again.
func (v *verification) decisions() (string, error) {
	tally := map[release.Decision]int{}
	for i := range v.a.Gates {
		g := &v.a.Gates[i]
		if err := decided(g); err != nil {
			return "", fmt.Errorf("gate %s: %w", g.Name, err)
		}
		tally[g.Decision]++
	}
	var parts []string
	for _, d := range []release.Decision{release.Authorize, release.PreAuthorized, release.Reject, release.ReviseIt, release.ExpiredGate, release.VoidedGate, release.LapsedGate} {
		if n := tally[d]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, said(d)))
		}
	}
	if len(parts) == 0 {
		return "no gate was decided", nil
	}
	return "of the gates, " + strings.Join(parts, ", "), nil
}

// unvoted are the decisions that votes do not make.
var unvoted = []release.Decision{release.ExpiredGate, release.VoidedGate, release.LapsedGate, release.PreAuthorized}

// mostVotes is more than any group has: to count them takes time and memory.
const mostVotes = 10_000

// decided checks that a gate was decided as its votes say.
func decided(g *release.Gate) error {
	for group, n := range g.Policy.Votes {
		if n > mostVotes {
			return fmt.Errorf("it asked for %d of group %s; at most %d can be counted", n, group, mostVotes)
		}
	}
	if p := g.Policy; !g.Escalated.IsZero() && (p.Escalate == nil || g.Escalated.Before(g.Opened.Add(p.Deadline.Std()))) {
		return fmt.Errorf("it was escalated at %s, which its policy does not provide for", clock(g.Escalated))
	}
	if slices.Contains(unvoted, g.Decision) {
		return nil
	}
	if votes := g.Tally(); votes != g.Decision {
		return fmt.Errorf("it is said to be %s, but its votes come to %s (%s)", said(g.Decision), said(votes), g.Progress())
	}
	return nil
}

// said puts a decision into a word.
func said(d release.Decision) string {
	switch d {
	case release.Pending:
		return "undecided"
	case release.Authorize:
		return "authorized"
	case release.Reject:
		return "rejected"
	case release.ReviseIt:
		return "sent back for a revision"
	case release.PreAuthorized:
		return "authorized beforehand"
	}
	return string(d)
}

// deployments checks that whatever was deployed somewhere was authorized for there.
func (v *verification) deployments() (string, error) {
	var texts []string
	for _, e := range v.a.Environments {
		if e.Deployed == "" {
			texts = append(texts, e.Name+": nothing was deployed")
			continue
		}
		g, err := v.authorized(e)
		if err != nil {
			return "", fmt.Errorf("%s: %w", e.Name, err)
		}
		texts = append(texts, fmt.Sprintf("%s (%s): %s was deployed, %s", e.Name, e.State, e.Deployed.Short(), who(g)))
	}
	if len(texts) == 0 {
		return "nothing was deployed", nil
	}
	return strings.Join(texts, "; "), nil
}

// authorized finds the gate that authorized what was deployed in an environment: the
// last one, and about the environment as it was in the end. The plan, and the build
// if that has a gate, have to be authorized too.
func (v *verification) authorized(e release.AttestedEnvironment) (*release.Gate, error) {
	if pkg, _ := v.proven(); e.Deployed != pkg {
		return nil, fmt.Errorf("%s was deployed, but the package of the release is %q", e.Deployed, pkg)
	}
	needed := []string{release.GatePlan}
	if !v.a.Plan.Model.MergeBuildGate {
		needed = append(needed, release.GateBuild)
	}
	for _, name := range needed {
		if !slices.ContainsFunc(v.a.Gates, func(g release.Gate) bool { return g.Name == name && isOpen(g) && v.elsewhere(&g) == "" }) {
			return nil, fmt.Errorf("%s was deployed, but gate %s did not authorize the plan", e.Deployed.Short(), name)
		}
	}
	name := release.DeployGate(e.Name)
	for i := range slices.Backward(v.a.Gates) {
		g := &v.a.Gates[i]
		if g.Name != name {
			continue
		}
		switch other := v.elsewhere(g); {
		case other != "":
			return nil, fmt.Errorf("gate %s was last about %s, not about what was deployed", name, other)
		case !isOpen(*g):
			return nil, fmt.Errorf("%s was deployed, but gate %s was %s", e.Deployed.Short(), name, said(g.Decision))
		case v.amendedSince(g, e.Name):
			return nil, fmt.Errorf("gate %s authorized the plan before %s was amended, and was not asked again", name, e.Name)
		case g.Decision == release.PreAuthorized && !v.asPlanned(g):
			return nil, fmt.Errorf("gate %s asked nobody, though the plan was amended since gate plan authorized it", name)
		}
		return g, nil
	}
	return nil, fmt.Errorf("%s was deployed, but gate %s was never opened", e.Deployed.Short(), name)
}

// isOpen tells whether a gate lets the release pass.
func isOpen(g release.Gate) bool {
	return g.Decision == release.Authorize || g.Decision == release.PreAuthorized
}

// asPlanned tells whether the plan that a gate is about was authorized as it is, if
// anybody had to.
func (v *verification) asPlanned(g *release.Gate) bool {
	plan, _ := v.state(g.Content.Plan)
	_, asked := plan.Gates[release.GatePlan]
	return !asked || slices.ContainsFunc(v.a.Gates, func(other release.Gate) bool {
		return other.Name == release.GatePlan && isOpen(other) && other.Content.Plan == plan.Digest
	})
}

// amendedSince tells whether an environment was amended after the plan was what a
// gate is about.
func (v *verification) amendedSince(g *release.Gate, environment string) bool {
	amendments := v.amendments()
	at := slices.IndexFunc(v.states, func(p release.Plan) bool { return p.Digest == g.Content.Plan })
	return slices.ContainsFunc(amendments[len(amendments)-at:], func(a release.Amendment) bool { return a.Environment == environment })
}

// who says by whom a gate was authorized: "authorized by ana (unsigned), ben (also
// for sven)".
func who(g *release.Gate) string {
	if g.Decision == release.PreAuthorized {
		return "authorized beforehand by the release model"
	}
	var names []string
	for _, vote := range g.Votes {
		if vote.Decision != release.Authorize {
			continue
		}
		name := vote.By
		for _, seat := range vote.Seats {
			if seat.Person != vote.By {
				name += " (also for " + seat.Person + ")"
			}
		}
		if vote.Signature == "" {
			name += " (unsigned)"
		}
		names = append(names, name)
	}
	return "authorized by " + strings.Join(names, ", ")
}

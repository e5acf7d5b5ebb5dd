package audit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"slipway/release"
)

// deployPrefix begins the names of deployment gates.
var deployPrefix = release.DeployGate("")

// gates checks that every gate was about what it says, and asked whom the plan says.
func (v *verification) gates() (string, error) {
	earlier := 0
	for i := range v.a.Gates {
		g := &v.a.Gates[i]
		if err := v.shown(g); err != nil {
			return "", fmt.Errorf("gate %s: %w", g.Name, err)
		}
		if v.elsewhere(g) != "" {
			earlier++
			continue
		}
		if err := v.asked(g); err != nil {
			return "", fmt.Errorf("gate %s: %w", g.Name, err)
		}
	}
	if len(v.a.Gates) == 0 {
		return "no gate was opened", nil
	}
	text := release.ManyOf(len(v.a.Gates)-earlier, "gate") + ", each about what the plan says and asked of whom it says"
	if earlier > 0 {
		text += fmt.Sprintf("; %d about an earlier plan or package, not checked further", earlier)
	}
	return text, nil
}

// shown checks that the digest that the gate showed is that of its content.
func (v *verification) shown(g *release.Gate) error {
	digest, err := release.DigestOf(g.Content)
	switch {
	case err != nil:
		return err
	case digest != g.Digest:
		return fmt.Errorf("it showed %s, but its content is %s: it was changed", g.Digest.Short(), digest.Short())
	case g.Content.Release != v.a.Release || g.Content.Gate != g.Name || !g.Content.Started.Equal(v.a.Started):
		return fmt.Errorf("it is about gate %s of %s, started %s", g.Content.Gate, g.Content.Release, clock(g.Content.Started))
	}
	return nil
}

// elsewhere says what other plan, package or evidence a gate is about; nothing when
// it is about those of the release.
func (v *verification) elsewhere(g *release.Gate) string {
	c := g.Content
	_, known := v.state(c.Plan)
	pkg, evidence := v.proven()
	switch {
	case !known:
		return "plan " + c.Plan.Short()
	case c.Package != "" && c.Package != pkg:
		return "package " + c.Package.Short()
	case c.Evidence != "" && c.Evidence != evidence:
		return "evidence " + c.Evidence.Short()
	}
	return ""
}

// proven gives the digests of the package and of the evidence about it; empty
// without a package.
func (v *verification) proven() (pkg, evidence release.Digest) {
	if v.a.Package == nil {
		return "", ""
	}
	evidence, _ = release.DigestOf(v.a.Evidence) // it came out of JSON
	return v.a.Package.Digest, evidence
}

// asked checks the gate's policy, whom it excluded and its content against the plan.
func (v *verification) asked(g *release.Gate) error {
	plan, _ := v.state(g.Content.Plan)
	policy, asked := policyOf(plan, g)
	switch {
	case asked && g.Decision == release.PreAuthorized:
		return fmt.Errorf("it is said to be authorized beforehand, but the plan asks for %s", policy)
	case !asked && g.Decision != release.PreAuthorized:
		return fmt.Errorf("the plan asks nobody, but it is said that somebody was asked")
	case !release.Same(g.Policy, policy):
		return fmt.Errorf("it asked for %s, and not as the plan says for %s", inFull(g.Policy), inFull(policy))
	case !asked:
		return v.about(g, plan)
	}
	for _, e := range plan.Excluded() {
		if !slices.ContainsFunc(g.Excluded, func(x release.Exclusion) bool { return x.Person == e.Person }) {
			return fmt.Errorf("%s was not excluded, who %s (separation of duties)", e.Person, e.Why)
		}
	}
	return v.about(g, plan)
}

// policyOf is whom a gate had to ask, and whether anybody.
func policyOf(plan release.Plan, g *release.Gate) (release.GatePolicy, bool) {
	policy, asked := plan.Gates[g.Name]
	switch {
	case g.Name == release.GateReview:
		policy.Deadline, policy.Escalate = 0, nil // it is owed however long it takes
	case !asked && g.Decision != release.PreAuthorized && strings.HasPrefix(g.Name, deployPrefix):
		// Who authorized the plan is asked what became of it since, if nobody else is.
		policy, asked = plan.Gates[release.GatePlan]
	}
	return policy, asked
}

// inFull says all of a policy, where its words would hide a difference.
func inFull(p release.GatePolicy) string {
	text, _ := json.Marshal(p) // it came out of JSON
	return fmt.Sprintf("%s (%s)", p, text)
}

// about compares the content of a gate with the plan. A deployment gate has to be
// about all of it, others may leave out what they are not about.
func (v *verification) about(g *release.Gate, plan release.Plan) error {
	want := release.GateContent{}
	want.Package, want.Evidence = v.proven()
	want.BackOut, _ = release.DigestOf(plan.Definition.Steps) // it came out of JSON
	i := slices.IndexFunc(plan.Environments, func(e release.PlannedEnvironment) bool { return release.DeployGate(e.Name) == g.Name })
	deploys := i >= 0
	if deploys {
		want.Targets, want.Window = plan.Environments[i].TargetNames(), plan.WindowOf(plan.Environments[i])
	}
	for _, f := range []struct{ name, is, want string }{
		{"package", string(g.Content.Package), string(want.Package)},
		{"evidence", string(g.Content.Evidence), string(want.Evidence)},
		{"back-out", string(g.Content.BackOut), string(want.BackOut)},
		{"targets", strings.Join(g.Content.Targets, ", "), strings.Join(want.Targets, ", ")},
		{"window", g.Content.Window, want.Window},
	} {
		if f.is != f.want && (deploys || f.is != "") {
			return fmt.Errorf("its %s: it is about %q, the plan about %q", f.name, f.is, f.want)
		}
	}
	return nil
}

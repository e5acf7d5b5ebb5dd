package audit

import (
	"fmt"
	"slices"

	"slipway/release"
)

// plan checks that the plan is what its digest says, goes back to what it was before
// each amendment, and finds the plan of the package among those states.
func (v *verification) plan() (string, error) {
	p := v.a.Plan
	if id := release.ID(p.Definition.Service, p.Definition.Version); p.Release != v.a.Release || id != v.a.Release {
		return "", fmt.Errorf("it is the plan of %s, defined for %s", p.Release, id)
	}
	if err := whole(p); err != nil {
		return "", err
	}
	if err := v.unroll(); err != nil {
		return "", err
	}
	text := fmt.Sprintf("%s (revision %d)", p.Digest, p.Revision)
	for _, amended := range v.amendments() {
		text += "; amended: " + amended.Why
	}
	if earlier := len(v.a.Amendments) - len(v.amendments()); earlier > 0 {
		text += fmt.Sprintf("; %s of earlier revisions, not checked further", release.ManyOf(earlier, "amendment"))
	}
	if v.built == nil {
		return text, nil
	}
	if err := whole(*v.built); err != nil {
		return "", fmt.Errorf("plan.json in the package: %w", err)
	}
	if _, known := v.state(v.built.Digest); !known {
		return "", fmt.Errorf("the package was built by plan %s, but plan %s was authorized", v.built.Digest.Short(), p.Digest.Short())
	}
	return text + "; the package was built by it", nil
}

// whole tells whether a plan has the content that its digest says.
func whole(p release.Plan) error {
	content, err := p.Content()
	if err != nil {
		return err
	}
	if content != p.Digest {
		return fmt.Errorf("the plan has content %s, but calls itself %s", content.Short(), p.Digest.Short())
	}
	return nil
}

// unroll finds what the plan was before each amendment. Amendments that do not lead
// to it are of earlier revisions.
func (v *verification) unroll() error {
	v.states = []release.Plan{v.a.Plan}
	for _, amendment := range slices.Backward(v.a.Amendments) {
		last := v.states[len(v.states)-1]
		if amendment.To != last.Digest {
			return nil
		}
		if amendment.Environment != amendment.Was.Name {
			return fmt.Errorf("the amendment of %s tells what %s was", amendment.Environment, amendment.Was.Name)
		}
		before, err := amendment.Before(last)
		if err != nil {
			return err
		}
		v.states = append(v.states, before)
	}
	return nil
}

// amendments are those of the plan, the latest last.
func (v *verification) amendments() []release.Amendment {
	return v.a.Amendments[len(v.a.Amendments)-(len(v.states)-1):]
}

// state finds the plan as it was when it had a digest.
func (v *verification) state(digest release.Digest) (release.Plan, bool) {
	i := slices.IndexFunc(v.states, func(p release.Plan) bool { return p.Digest == digest })
	if i < 0 {
		return release.Plan{}, false
	}
	return v.states[i], true
}

package workflows

import (
	"encoding/json"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// gate asks for the authorization of a content and waits for the decision. It
// gives nil when it is authorized, by votes or beforehand by the model.
func (r *run) gate(ctx workflow.Context, name string, content release.GateContent) error {
	policy, asked := r.plan.Gate(name)
	return r.ask(ctx, name, policy, asked, content)
}

func (r *run) ask(ctx workflow.Context, name string, policy release.GatePolicy, asked bool, content release.GateContent) error {
	content.Release, content.Gate = r.record.ID, name
	now := workflow.Now(ctx).UTC()
	opened, err := release.OpenGate(name, policy, content, now)
	if err != nil {
		return err
	}
	if !asked {
		opened.Close(release.PreAuthorized, now)
	}
	r.record.Gates = append(r.record.Gates, opened)
	gate := len(r.record.Gates) - 1
	defer func() { r.noteGate(ctx, r.record.Gates[gate]) }()
	if !asked {
		return nil
	}
	met, err := r.waitFor(ctx, r.gateWait(opened), func() bool { return r.record.Gates[gate].Decision != release.Pending })
	g := &r.record.Gates[gate]
	switch {
	case err != nil:
		g.Close(release.VoidedGate, workflow.Now(ctx).UTC())
		return err
	case !met:
		g.Close(release.ExpiredGate, workflow.Now(ctx).UTC())
		return end(release.Expired, "gate "+name+" was not decided in time: "+g.Progress())
	case g.Decision == release.Reject:
		return end(release.Rejected, "gate "+name+" was rejected by "+voters(*g, release.Reject))
	case g.Decision == release.ReviseIt:
		return r.awaitRevision(ctx, *g)
	}
	return nil
}

func (r *run) gateWait(g release.Gate) release.Awaiting {
	authority := r.plan.Authority()
	example := release.Authorization{Sender: release.Sender{By: "YOUR-ID"}, Gate: g.Name, Decision: release.Authorize, Digest: g.Digest.Short()}
	return release.Awaiting{
		Kind: release.WaitGate, Gate: g.Name, Digest: g.Digest, Deadline: g.Deadline,
		Needs: g.Needs(authority), Action: release.ActAuthorize, Payload: payload(example),
	}
}

// vote takes an authorization at an open gate.
func (r *run) vote(ctx workflow.Context, m *release.Authorization) (string, error) {
	g := r.record.Gate(m.Gate)
	if g == nil || g.Decision != release.Pending {
		return "", release.Refusef("gate %s is not open: %s", m.Gate, r.openGates())
	}
	if m.Decision == release.ReviseIt && r.begun() {
		return "", release.Refusef("a deployment has begun, so the plan cannot be revised any more: reject, or back out and start a new version")
	}
	if err := g.Cast(*m, r.plan.Authority(), workflow.Now(ctx).UTC()); err != nil {
		return "", err
	}
	for i := range r.waits {
		if r.waits[i].Gate == g.Name {
			r.waits[i].Needs = g.Needs(r.plan.Authority())
		}
	}
	if g.Decision != release.Pending {
		return "gate " + g.Name + " is decided: " + string(g.Decision), nil
	}
	return "gate " + g.Name + ": " + g.Progress(), nil
}

func (r *run) openGates() string {
	for _, g := range r.record.Gates {
		if g.Decision == release.Pending {
			return "gate " + g.Name + " is"
		}
	}
	return "no gate is, the release is in " + string(r.record.Phase)
}

// awaitRevision waits for a revised definition after the gate asked for one, as
// long as the gate would have stayed open.
func (r *run) awaitRevision(ctx workflow.Context, g release.Gate) error {
	wait := release.Awaiting{
		Kind: release.WaitRevision, Action: release.ActRevise,
		Needs: "a revised definition from " + steerers(r.definition) + ", asked for by " + voters(g, release.ReviseIt),
	}
	if g.Policy.Deadline > 0 {
		wait.Deadline = workflow.Now(ctx).UTC().Add(g.Policy.Deadline.Std())
	}
	if _, err := r.waitFor(ctx, wait, func() bool { return false }); err != nil {
		return err
	}
	return end(release.Expired, "no revised definition came in time")
}

// voters says who voted so, and why.
func voters(g release.Gate, d release.Decision) string {
	text := ""
	for _, v := range g.Votes {
		if v.Decision != d {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += v.By
		if v.Comment != "" {
			text += " (" + v.Comment + ")"
		}
	}
	return text
}

func (r *run) noteGate(ctx workflow.Context, g release.Gate) {
	key := summary("gate/%s/%s/%s", g.Name, g.Digest.Short(), g.Opened.Format("20060102T150405.000000000"))
	r.journal.add(ctx, key, func(e *release.Entry) { e.Gate = &g })
	r.show(ctx)
}

// payload gives a message as one line of JSON to paste.
func payload(message any) string {
	data, err := json.Marshal(message)
	if err != nil {
		return ""
	}
	return string(data)
}

package chaos_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"time"

	"slipway/release"
)

// glance is how often a person looks at a release.
const glance = 150 * time.Millisecond

// player is everybody who has to do with a release: votes, accepts, takes over,
// decides about steps, and backs out where the trouble asks for it.
type player struct {
	s      *site
	r      *rand.Rand
	q      request
	id     string
	since  map[string]time.Time
	record release.Record
}

// play carries a release from its start to its end, and gives its record; false when
// it did not end.
func (s *site) play(end context.Context, r *rand.Rand, q request) (release.Record, bool) {
	p := &player{s: s, r: r, q: q, id: release.ID(q.definition.Service, q.definition.Version), since: map[string]time.Time{}}
	defer p.waits("")
	for started := false; !started; rest(end, glance) {
		if end.Err() != nil {
			return p.record, false
		}
		_, err := s.starter.Start(end, q.definition)
		if err != nil {
			_, err = s.starter.Status(end, p.id) // it may have started all the same
		}
		started = err == nil
	}
	for p.record.Outcome == "" {
		if end.Err() != nil {
			return p.record, false
		}
		if record, err := s.starter.Status(end, p.id); err == nil {
			p.record = record
			p.act(end)
		}
		rest(end, glance)
	}
	for p.ended(end) != nil {
		if end.Err() != nil {
			return p.record, false
		}
		rest(end, glance)
	}
	return p.record, true
}

// ended waits for the end, and takes the record as it is then.
func (p *player) ended(ctx context.Context) error {
	if err := p.s.temporal.GetWorkflow(ctx, p.id, "").Get(ctx, nil); err != nil {
		return err
	}
	record, err := p.s.starter.Status(ctx, p.id)
	if err == nil {
		p.record = record
	}
	return err
}

// waits says what the release waits for, to whoever looks.
func (p *player) waits(k kind) {
	p.s.mutex.Lock()
	defer p.s.mutex.Unlock()
	p.s.waits[p.id] = k
	if k == "" {
		delete(p.s.waits, p.id)
	}
}

var kindOfWait = map[string]kind{
	release.WaitGate: kindGate, release.WaitAcceptance: kindPeople, release.WaitHandOver: kindPeople, release.WaitStep: kindDecision,
}

// act does what the release waits for. What does not get through is done at the
// next glance.
func (p *player) act(ctx context.Context) {
	now := kind("")
	for _, a := range p.record.Awaiting {
		if k := kindOfWait[a.Kind]; k != "" {
			now = k
		}
	}
	p.waits(now)
	for _, a := range p.record.Awaiting {
		if p.hesitates(a) {
			continue
		}
		switch a.Kind {
		case release.WaitGate:
			m := release.Authorization{Sender: release.Sender{By: "ana"}, Gate: a.Gate, Decision: release.Authorize}
			_, _ = p.s.starter.Authorize(ctx, p.id, m)
		case release.WaitAcceptance:
			m := release.Accept{}
			m.By, m.Environment = "uwe", a.Environment
			_, _ = p.s.starter.Accept(ctx, p.id, m)
		case release.WaitHandOver:
			m := release.HandOver{}
			m.By, m.Environment = "olga", a.Environment
			_, _ = p.s.starter.HandOver(ctx, p.id, m)
		case release.WaitStep:
			p.decide(ctx, a)
		case release.WaitRevision, release.WaitRebuild:
			p.s.wrong("%s waits for a %s: %s", p.id, a.Kind, a.Needs)
			m := release.Withdraw{Sender: release.Sender{By: "marc"}, Reason: "that was not foreseen"}
			_, _ = p.s.starter.Withdraw(ctx, p.id, m)
		}
	}
	p.backOut(ctx)
}

// hesitates tells whether a person takes their time, so that something can happen
// while everybody waits.
func (p *player) hesitates(a release.Awaiting) bool {
	key := a.Key() + a.Since.String()
	if p.since[key].IsZero() {
		p.since[key] = time.Now().Add(time.Duration(p.r.IntN(1000)) * time.Millisecond)
	}
	return time.Now().Before(p.since[key])
}

// backOut asks for a back-out when the time of that has come. Asked for too late, it
// is refused.
func (p *player) backOut(ctx context.Context) {
	env := p.record.Environment(p.q.environment)
	if env == nil {
		return
	}
	due := map[trouble]release.EnvironmentState{
		troubleDeploy: release.EnvDeploying, troubleSupport: release.EnvSupported,
	}[p.q.trouble]
	if due == "" || env.State != due || p.r.IntN(3) > 0 {
		return
	}
	m := release.BackOut{Sender: release.Sender{By: "tess"}, Reason: "it is not what was expected"}
	_, _ = p.s.starter.BackOut(ctx, p.id, m)
}

// decide decides about a step as deployment staff would: by what they see, which is
// the marks that the step left.
func (p *player) decide(ctx context.Context, a release.Awaiting) {
	var m release.ResolveStep
	if err := json.Unmarshal([]byte(a.Payload), &m); err != nil {
		p.s.wrong("%s: the payload %q of a wait cannot be read: %v", p.id, a.Payload, err)
		return
	}
	m.By = "tess"
	switch {
	case strings.Contains(a.Needs, "its back-out failed"):
		m.Action, m.Reason = release.ResolveRetry, "the cause is gone"
	case m.Step == "configuration-audit" || m.Step == "readiness":
		p.s.wrong("%s waits in %s: %s", p.id, a.Environment, a.Needs)
		m.Action, m.Reason = release.ResolveBackOut, "that was not foreseen"
	default:
		m.Action, m.Reason = p.judge(place{p.id, m.Step, a.Environment, m.Target})
	}
	if _, err := p.s.starter.ResolveStep(ctx, p.id, a.Environment, m); err == nil {
		p.s.figures.do(func() { p.s.figures.settled[string(m.Action)+", "+m.Reason]++ })
	}
}

// judge says what to do about a step from what it left.
func (p *player) judge(at place) (release.Resolution, string) {
	marks := p.s.marks.of("run", at)
	if len(marks) == 0 {
		return release.ResolveRetry, "it never began"
	}
	switch marks[len(marks)-1].word {
	case "end":
		return release.ResolveDone, "it came to its end"
	case "fail":
		return release.ResolveBackOut, "it failed"
	}
	if p.r.IntN(2) == 0 {
		return release.ResolveRetry, "it was broken off, and was cleaned up"
	}
	return release.ResolveBackOut, "it was broken off"
}

package main

import (
	"context"
	"fmt"
	"strings"

	"slipway/release"
)

// approver answers for the people of the demo's organization.
type approver struct {
	operator operator
	answered map[string]bool
}

func newApprover(o operator) *approver { return &approver{operator: o, answered: map[string]bool{}} }

// voters are the members of the groups that vote, in the order in which they do.
var voters = map[string][]string{"cab": {"ana", "ben", "eva"}, "ecab": {"eva"}}

// comments are what they say at a gate, by the first word of its name.
var comments = map[string]string{
	"plan":   "scope, risk and way back are clear",
	"build":  "sources are the authorized ones",
	"deploy": "package and evidence match the plan",
	"review": "nothing is owed",
}

// answer does what the release waits for people to do, each time it asks anew.
func (a *approver) answer(ctx context.Context, record release.Record) error {
	for _, wait := range record.Awaiting {
		key := wait.Key() + " " + string(wait.Digest)
		if a.answered[key] {
			continue
		}
		a.answered[key] = true
		if err := a.answerOne(ctx, record, wait); err != nil {
			return err
		}
	}
	return nil
}

func (a *approver) answerOne(ctx context.Context, record release.Record, wait release.Awaiting) error {
	switch wait.Kind {
	case release.WaitGate:
		return a.vote(ctx, record, wait)
	case release.WaitAcceptance:
		return a.operator.run(ctx, "accept", record.ID, "--environment", wait.Environment,
			"--by", "uwe", "--comment", "our tests pass against it")
	case release.WaitHandOver:
		return a.operator.run(ctx, "hand-over", record.ID, "--environment", wait.Environment,
			"--by", "olga", "--comment", "on-call notes read, we take over")
	case release.WaitRating:
		return a.rate(ctx, record)
	case release.WaitReview:
		return a.review(ctx, record)
	case release.WaitWindow, release.WaitLease:
		return nil // ends by itself
	}
	return fmt.Errorf("%s waits for what the demo did not expect, %s: %s", record.ID, wait.Key(), wait.Needs)
}

// rate lets those who are asked say how satisfied they are.
func (a *approver) rate(ctx context.Context, record release.Record) error {
	for i, by := range record.Unrated() {
		score := fmt.Sprint(max(release.MaxScore-i, 1))
		if err := a.operator.run(ctx, "rate", record.ID, "--by", by, "--score", score); err != nil {
			return err
		}
	}
	return nil
}

// review records what the release took and taught, and closes its review.
func (a *approver) review(ctx context.Context, record release.Record) error {
	for _, args := range [][]string{
		{"effort", record.ID, "--by", "marc", "--hours", "1.5", "--text", "planned and followed it"},
		{"note", record.ID, "--by", "marc", "--kind", "lesson", "--text", "gates take longer than deployments: tell the CAB early"},
		{"review", "close", record.ID, "--by", "marc", "--comment", "read the report"},
	} {
		if err := a.operator.run(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// vote lets as many people authorize as the gate asks for.
func (a *approver) vote(ctx context.Context, record release.Record, wait release.Awaiting) error {
	stem, _, _ := strings.Cut(wait.Gate, ":")
	gate := record.Gate(wait.Gate)
	if gate == nil {
		return fmt.Errorf("%s waits at gate %s without showing it", record.ID, wait.Gate)
	}
	for name, needed := range gate.Policy.Votes {
		group := voters[name]
		if len(group) < needed {
			return fmt.Errorf("gate %s needs %d of group %s, the demo has %v", gate.Name, needed, name, group)
		}
		for _, voter := range group[:needed] {
			args := []string{"authorize", record.ID, "--gate", gate.Name, "--by", voter, "--comment", comments[stem]}
			if gate.Policy.Signed {
				args = append(args, "--sign", a.operator.keyOf(voter))
			}
			if err := a.operator.run(ctx, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

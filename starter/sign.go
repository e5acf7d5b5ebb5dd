package starter

import (
	"context"
	"slices"
	"strings"
	"time"

	"slipway/release"
	"slipway/release/ballot"
)

// OpenGate gives the gate of a release that waits for votes: the one of a name, or
// the only one when the name is empty.
func (c *Client) OpenGate(ctx context.Context, id, name string) (release.Gate, error) {
	record, open, err := c.state(ctx, id)
	switch {
	case err != nil:
		return release.Gate{}, err
	case !open:
		return release.Gate{}, c.closed(ctx, id, id)
	}
	names := waitingGates(record)
	switch {
	case len(names) == 0:
		return release.Gate{}, failure(Refused, nil, "refused: no gate of %s waits for votes; it is at %s", id, record.Phase)
	case name == "" && len(names) > 1:
		return release.Gate{}, failure(Ambiguous, nil, "more than one gate of %s waits for votes (%s): name it with --gate", id, strings.Join(names, ", "))
	case name == "":
		name = names[0]
	case !slices.Contains(names, name):
		return release.Gate{}, failure(Refused, nil, "refused: gate %s of %s does not wait for votes; these do: %s", name, id, strings.Join(names, ", "))
	}
	gate := record.Gate(name)
	if gate == nil {
		return release.Gate{}, failure(Unavailable, nil, "%s waits at gate %s, but its status does not show the gate: is its worker of this version?", id, name)
	}
	return *gate, nil
}

// waitingGates lists the gates that a release waits for.
func waitingGates(r release.Record) []string {
	var names []string
	for _, a := range r.Awaiting {
		if a.Gate != "" && !slices.Contains(names, a.Gate) {
			names = append(names, a.Gate)
		}
	}
	return names
}

// BallotFor gives what to sign for a vote on what an open gate shows. It is issued
// now; where the clock here is behind, when the gate was opened, or just after the
// vote that it replaces, which it could not replace otherwise.
func BallotFor(id string, gate release.Gate, vote release.Authorization, now time.Time, valid time.Duration) (ballot.Ballot, error) {
	if vote.Digest != "" && !gate.Digest.Matches(vote.Digest) {
		return ballot.Ballot{}, failure(Refused, nil, "refused: digest %s is not what gate %s of %s shows now: it shows %s; read what changed and vote on that",
			vote.Digest, gate.Name, id, gate.Digest.Short())
	}
	issued := later(now, gate.Opened)
	for _, v := range gate.Votes {
		if v.By == vote.By && !v.Issued.IsZero() {
			issued = later(issued, v.Issued.Add(time.Second))
		}
	}
	issued = issued.UTC().Truncate(time.Second)
	return ballot.Ballot{
		Release: id, Gate: gate.Name, Digest: gate.Digest, Decision: vote.Decision, By: vote.By,
		Issued: issued, Expires: issued.Add(valid),
	}, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"golang.org/x/crypto/ssh"

	"slipway/release"
	"slipway/release/ballot"
	"slipway/starter"
)

// voting is what "starter authorize" was told.
type voting struct {
	app   *app
	vote  release.Authorization
	gates []string
	sign  string
	valid release.Duration
	print bool
	key   ssh.Signer // nil when votes are not signed
	// all tells that the votes go to every gate that waits and is wanted; dry that this is
	// only listed, and yes that nobody is asked before.
	all, dry, yes bool
	wanted        agendaWanted
}

// one votes at one gate.
func (v *voting) one(ctx context.Context, client *starter.Client, at place) error {
	message, err := v.message(ctx, client, at)
	if err != nil {
		return err
	}
	if v.print {
		return writeJSON(v.app.out, message, "")
	}
	receipt, err := client.Authorize(ctx, at.id, message)
	if err != nil {
		return err
	}
	return v.app.print(receipt, func(w io.Writer) { fmt.Fprintln(w, receipt.Message) })
}

// message gives the vote at a gate, bound to what the gate shows when it is signed
// or written down.
func (v *voting) message(ctx context.Context, client *starter.Client, at place) (release.Authorization, error) {
	message := v.vote
	message.Gate = at.gate
	bound := v.key != nil || v.print
	if !bound && at.gate != "" {
		return message, nil // the release itself says what is wrong with it
	}
	gate, err := client.OpenGate(ctx, at.id, at.gate)
	if err != nil {
		return message, err
	}
	message.Gate = gate.Name
	if !bound {
		return message, nil
	}
	paper, err := v.bind(&message, at.id, gate)
	if err != nil || v.key == nil {
		return message, err
	}
	v.app.tell("signing as %s: %s gate %s of %s, digest %s; with key %s, good until %s",
		paper.By, paper.Decision, paper.Gate, paper.Release, paper.Digest.Short(), ssh.FingerprintSHA256(v.key.PublicKey()), v.app.clock(paper.Expires))
	message.Signature, err = ballot.Sign(paper, v.key)
	return message, err
}

// bind binds a vote to what a gate shows, and gives what would be signed of it.
func (v *voting) bind(message *release.Authorization, id string, gate release.Gate) (ballot.Ballot, error) {
	message.Gate = gate.Name
	paper, err := starter.BallotFor(id, gate, *message, v.app.now(), v.valid.Std())
	if err == nil {
		message.Digest = string(paper.Digest)
	}
	return paper, err
}

// voted is what became of one of several votes.
type voted struct {
	Release string `json:"release"`
	Gate    string `json:"gate,omitempty"`
	Counted bool   `json:"counted"`
	// Message is what the release answered, or why the vote did not count.
	Message string `json:"message"`
}

// several votes at gates, one after the other, and goes on after a refusal.
func (v *voting) several(ctx context.Context, client *starter.Client, places []place) error {
	var (
		all    []voted
		failed votesError
	)
	for _, at := range places {
		result, err := v.attempt(ctx, client, at)
		all = append(all, result)
		failed.note(err)
		if ctx.Err() != nil {
			break // what was cast until now is told
		}
	}
	if !v.print {
		if err := v.app.print(all, func(w io.Writer) { writeVoted(w, all) }); err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case failed.worst != nil:
		return failed
	}
	return nil
}

// attempt casts one of several votes, or writes it down.
func (v *voting) attempt(ctx context.Context, client *starter.Client, at place) (voted, error) {
	result := voted{Release: at.id, Gate: at.gate}
	message, err := v.message(ctx, client, at)
	result.Gate = cmp.Or(message.Gate, result.Gate)
	var receipt release.Receipt
	switch {
	case err != nil:
	case v.print:
		err = writeJSON(v.app.out, message, "")
	default:
		receipt, err = client.Authorize(ctx, at.id, message)
	}
	if err != nil {
		result.Message = err.Error()
		if v.print {
			v.app.tell("%s %s: %v", at.id, result.Gate, err)
		}
		return result, err
	}
	result.Counted, result.Message = true, receipt.Message
	return result, nil
}

func writeVoted(w io.Writer, all []voted) {
	rows := [][]string{{"RELEASE", "GATE", "RESULT"}}
	for _, r := range all {
		rows = append(rows, []string{r.Release, cmp.Or(r.Gate, "-"), oneLine(r.Message)})
	}
	columns(w, rows...)
}

// votesError says that not all votes could be cast. Its exit status is that of the worst
// of them: a refusal, or else the first failure.
type votesError struct {
	tried, failed int
	worst         error
}

func (e *votesError) note(err error) {
	e.tried++
	if err == nil {
		return
	}
	e.failed++
	if e.worst == nil || statusOf(err) == exitRefused && statusOf(e.worst) != exitRefused {
		e.worst = err
	}
}

func (e votesError) Error() string {
	return fmt.Sprintf("%d of %d votes failed", e.failed, e.tried)
}

func (e votesError) Unwrap() error { return e.worst }

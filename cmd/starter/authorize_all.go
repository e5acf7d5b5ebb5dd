package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"slipway/release"
	"slipway/release/ballot"
	"slipway/starter"
)

// errNotConfirmed is somebody who was asked whether to go on, and said no.
var errNotConfirmed = errors.New("nothing was sent")

// everywhere votes at every gate of the agenda.
func (v *voting) everywhere(ctx context.Context, client *starter.Client) error {
	v.wanted.Gates = v.gates
	over := v.app.meanwhile("reading what waits at gate %s …", strings.Join(v.gates, ", "))
	agenda, err := client.Agenda(ctx, v.wanted.filter(v.app.now()))
	over()
	switch {
	case err != nil:
		return err
	case v.dry:
		return v.app.print(agenda, func(w io.Writer) { v.app.writeAgenda(w, agenda) })
	case len(agenda) == 0:
		return v.app.print([]voted{}, func(w io.Writer) { fmt.Fprintf(w, "No release waits at gate %s.\n", strings.Join(v.gates, ", ")) })
	}
	if err := v.confirm(ctx, agenda); err != nil {
		return err
	}
	if v.key != nil {
		v.app.tell("signing as %s, with key %s, each for %s", v.vote.By, ssh.FingerprintSHA256(v.key.PublicKey()), v.valid)
	}
	t := &tally{app: v.app, of: len(agenda), told: time.Now()}
	return t.end(v.vote.Decision, client.AuthorizeAll(ctx, agenda, v.voteOn, t.note))
}

// voteOn makes the vote at a gate of the agenda, bound to what that shows.
func (v *voting) voteOn(item starter.AgendaItem) (release.Authorization, error) {
	message := v.vote
	if item.Unknown != "" {
		return message, errors.New(item.Unknown)
	}
	paper, err := v.bind(&message, item.Release, item.Shown())
	if err != nil || v.key == nil {
		return message, err
	}
	message.Signature, err = ballot.Sign(paper, v.key)
	return message, err
}

// confirm says how many votes would be cast and where, and asks whether to go on.
func (v *voting) confirm(ctx context.Context, agenda []starter.AgendaItem) error {
	if v.yes {
		return nil
	}
	what := fmt.Sprintf("%s gate %s as %s: %s", v.vote.Decision, strings.Join(v.gates, ", "), v.vote.By, someOf(agenda))
	terminal, _, there := v.app.person(ctx)
	if !there {
		return usage("this would %s; there is no terminal to ask whether it may: add --yes, or --dry-run to see all of them", what)
	}
	fmt.Fprint(v.app.errs, harmless(what+"\nGo on? [y/N] "))
	answer, err := typed(ctx, terminal)
	if err != nil {
		return err
	}
	if answer := strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errNotConfirmed
	}
	return nil
}

// someOf counts releases, and names the first of them.
func someOf(agenda []starter.AgendaItem) string {
	const named = 10
	var names []string
	for _, item := range agenda[:min(named, len(agenda))] {
		names = append(names, item.Release)
	}
	text := release.ManyOf(len(agenda), "release") + ": " + strings.Join(names, ", ")
	if more := len(agenda) - named; more > 0 {
		text += fmt.Sprintf(" and %s more", release.Grouped(more))
	}
	return text
}

// tally is what became of many votes so far.
type tally struct {
	app *app
	of  int
	// told is when it was last said how far it is.
	told    time.Time
	all     []voted
	refused int
	failed  votesError
	broken  error
}

// note takes a result: a program that reads line by line gets it at once, and people are
// told from time to time how far it is.
func (t *tally) note(c starter.Cast) {
	result := voted{Release: c.Release, Gate: c.Gate, Counted: c.Err == nil, Message: c.Receipt.Message}
	if c.Err != nil {
		result.Message = c.Err.Error()
	}
	t.failed.note(c.Err)
	if c.Err != nil && statusOf(c.Err) == exitRefused {
		t.refused++
	}
	t.all = append(t.all, result)
	if t.app.format == jsonLines && t.broken == nil {
		t.broken = writeJSON(t.app.out, result, "")
	}
	if time.Since(t.told) >= slow {
		t.told = time.Now()
		t.app.tell("… %s of %s", release.Grouped(len(t.all)), release.Grouped(t.of))
	}
}

// end writes what was not written yet, and gives the error that stands for all.
func (t *tally) end(decision release.Decision, stopped error) error {
	summary := t.summary(decision)
	err := t.broken
	switch t.app.format {
	case jsonLines:
		t.app.tell("%s", summary)
	case indented, yamlText:
		t.app.tell("%s", summary)
		err = t.app.print(t.all, nil)
	default:
		err = t.app.print(nil, func(w io.Writer) {
			if bad := slices.DeleteFunc(slices.Clone(t.all), func(v voted) bool { return v.Counted }); len(bad) > 0 {
				writeVoted(w, bad)
			}
			fmt.Fprintln(w, summary)
		})
	}
	switch {
	case err != nil:
		return err
	case stopped != nil:
		return stopped
	case t.failed.worst != nil:
		return t.failed
	}
	return nil
}

// summary counts what became of the votes.
func (t *tally) summary(decision release.Decision) string {
	done := map[release.Decision]string{release.Authorize: "authorized", release.Reject: "rejected", release.ReviseIt: "sent back for a revision"}
	text := release.Grouped(len(t.all)-t.failed.failed) + " " + done[decision]
	for _, other := range []struct {
		n    int
		what string
	}{{t.refused, "refused"}, {t.failed.failed - t.refused, "failed"}, {t.of - len(t.all), "not tried"}} {
		if other.n > 0 {
			text += ", " + release.Grouped(other.n) + " " + other.what
		}
	}
	return text
}

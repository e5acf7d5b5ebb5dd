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
	"slipway/starter"
)

// errNotConfirmed is somebody who was asked whether to go on, and said no.
var errNotConfirmed = errors.New("nothing was sent")

// everywhere votes on every release that waits at the gates.
func (v *voting) everywhere(ctx context.Context, client *starter.Client) error {
	var found []starter.Listed
	over := v.app.meanwhile("looking for what waits at gate %s …", strings.Join(v.gates, ", "))
	for _, gate := range slices.Compact(slices.Sorted(slices.Values(v.gates))) {
		waiting, err := client.WaitingAt(ctx, gate, v.filter)
		if err != nil {
			over()
			return err
		}
		found = append(found, waiting...)
	}
	over()
	switch {
	case v.dry:
		return v.app.print(found, func(w io.Writer) { v.app.writeList(w, found) })
	case len(found) == 0:
		return v.app.print([]voted{}, func(w io.Writer) { fmt.Fprintf(w, "No release waits at gate %s.\n", strings.Join(v.gates, ", ")) })
	}
	if err := v.confirm(ctx, found); err != nil {
		return err
	}
	if v.key != nil {
		v.app.tell("signing as %s, with key %s, each for %s", v.vote.By, ssh.FingerprintSHA256(v.key.PublicKey()), v.valid)
	}
	t := &tally{app: v.app, of: len(found), told: time.Now()}
	err := client.AuthorizeAll(ctx, found, func(ctx context.Context, l starter.Listed) (release.Authorization, error) {
		return v.message(ctx, client, place{l.ID, l.Awaiting})
	}, t.note)
	return t.end(v.vote.Decision, err)
}

// confirm says how many votes would be cast and where, and asks whether to go on.
func (v *voting) confirm(ctx context.Context, found []starter.Listed) error {
	if v.yes {
		return nil
	}
	what := fmt.Sprintf("%s gate %s as %s: %s", v.vote.Decision, strings.Join(v.gates, ", "), v.vote.By, someOf(found))
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
func someOf(found []starter.Listed) string {
	const named = 10
	var names []string
	for _, l := range found[:min(named, len(found))] {
		names = append(names, l.ID)
	}
	text := release.ManyOf(len(found), "release") + ": " + strings.Join(names, ", ")
	if more := len(found) - named; more > 0 {
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
	result := voted{Release: c.ID, Gate: c.Awaiting, Counted: c.Err == nil, Message: c.Receipt.Message}
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

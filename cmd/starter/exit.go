package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"slipway/release"
	"slipway/starter"
)

// The exit statuses that scripts rely on.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRefused = 3
	exitOutcome = 4
)

// usageError is the caller's own mistake.
type usageError string

func (e usageError) Error() string { return string(e) }

func usage(format string, args ...any) error { return usageError(fmt.Sprintf(format, args...)) }

// wrongUse puts what the flag parser says on one line.
func wrongUse(err error) error {
	var known usageError
	if errors.As(err, &known) {
		return err
	}
	what, like, suggested := strings.Cut(err.Error(), "\n\nDid you mean this?\n\t")
	if suggested {
		what += "; did you mean " + strings.Join(strings.Fields(like), " or ") + "?"
	}
	return usage("%s; see `starter --help`", what)
}

// outcomeError is a release that ended otherwise than completed.
type outcomeError struct {
	id      string
	outcome release.Outcome
}

func (e outcomeError) Error() string {
	return fmt.Sprintf("%s ended: %s; see `starter report %s`", e.id, e.outcome, e.id)
}

// exit writes an error and gives the exit status that it stands for.
func (a *app) exit(ctx context.Context, err error) int {
	if err == nil {
		return exitDone
	}
	var problems release.Problems
	if errors.As(err, &problems) {
		for _, problem := range problems {
			a.tell("starter: %s", problem)
		}
		return exitUsage
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted; a release that was started goes on")
	}
	a.tell("starter: %v", err)
	return statusOf(err)
}

func statusOf(err error) int {
	var (
		wrong usageError
		ended outcomeError
	)
	switch {
	case errors.As(err, &wrong):
		return exitUsage
	case errors.As(err, &ended):
		return exitOutcome
	}
	switch starter.CodeOf(err) {
	case starter.Ambiguous:
		return exitUsage
	case starter.Refused, starter.Closed, starter.AlreadyRunning:
		return exitRefused
	}
	return exitFailed
}

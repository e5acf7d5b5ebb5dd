package main

import (
	"bufio"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"slipway/release"
	"slipway/starter"
)

func TestVotesOnManyAreConfirmedOnATerminal(t *testing.T) {
	found := []starter.AgendaItem{{Release: "a@1"}, {Release: "b@2"}}
	for typed, want := range map[string]error{"y\n": nil, "Yes\n": nil, "\n": errNotConfirmed, "no\n": errNotConfirmed} {
		person, terminal := pseudoterminal(t)
		screen, errs := io.Pipe()
		v := &voting{
			app: &app{in: terminal, errs: errs}, gates: []string{"plan"},
			vote: release.Authorization{Sender: release.Sender{By: "ana"}, Decision: release.Authorize},
		}
		done := make(chan error, 1)
		go func() { done <- v.confirm(t.Context(), found) }()
		question, err := bufio.NewReader(screen).ReadString(']')
		require.NoError(t, err)
		require.Equal(t, "authorize gate plan as ana: 2 releases: a@1, b@2\nGo on? [y/N]", question)
		_, err = unix.Write(person, []byte(typed))
		require.NoError(t, err)
		require.Equal(t, want, <-done, typed)
	}
}

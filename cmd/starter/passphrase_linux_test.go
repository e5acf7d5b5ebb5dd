package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// pseudoterminal gives both ends of a terminal: the hands and eyes of a person,
// and what a program has as its stdin.
func pseudoterminal(t *testing.T) (person int, terminal *os.File) {
	t.Helper()
	person, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skipf("there are no pseudoterminals here, so nobody can be asked: %v", err)
	}
	t.Cleanup(func() { _ = unix.Close(person) })
	require.NoError(t, unix.IoctlSetPointerInt(person, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(person, unix.TIOCGPTN)
	require.NoError(t, err)
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = terminal.Close() })
	return person, terminal
}

func echoes(t *testing.T, terminal *os.File) bool {
	t.Helper()
	modes, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	require.NoError(t, err)
	return modes.Lflag&unix.ECHO != 0
}

// asked loads a locked key at a terminal, and gives control when the passphrase is
// asked for.
func asked(t *testing.T, ctx context.Context, file string, terminal *os.File) (done chan error) { //nolint:revive // a test's t comes first
	t.Helper()
	screen, errs := io.Pipe()
	a := &app{in: terminal, errs: errs}
	done = make(chan error, 1)
	go func() {
		_, err := a.signer(ctx, file)
		_ = errs.Close()
		done <- err
	}()
	question, err := bufio.NewReader(screen).ReadString(':')
	require.NoError(t, err)
	require.Equal(t, "passphrase of "+file+":", question)
	go func() { _, _ = io.Copy(io.Discard, screen) }()
	require.False(t, echoes(t, terminal))
	return done
}

func TestAPassphraseIsAskedForAndNotShown(t *testing.T) {
	file, _ := keyFile(t, "secret")
	for typed, want := range map[string]string{"secret\n": "", "sesame\n": "the passphrase of " + file + " is another one"} {
		person, terminal := pseudoterminal(t)
		done := asked(t, t.Context(), file, terminal)
		_, err := unix.Write(person, []byte(typed))
		require.NoError(t, err)
		err = <-done
		if want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, want)
		}
		_, err = unix.Read(person, make([]byte, 100))
		require.ErrorIs(t, err, unix.EAGAIN, "something was shown")
		require.True(t, echoes(t, terminal))
	}
}

func TestAnInterruptedQuestionLeavesTheTerminalAsItWas(t *testing.T) {
	file, _ := keyFile(t, "secret")
	person, terminal := pseudoterminal(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	done := asked(t, ctx, file, terminal)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.True(t, echoes(t, terminal))
	_, err := unix.Write(person, []byte("\n")) // lets go of the line that was waited for
	require.NoError(t, err)
}

func TestNobodyIsAskedWhenAProgramReadsTheResult(t *testing.T) {
	file, _ := keyFile(t, "secret")
	_, terminal := pseudoterminal(t)
	for _, format := range []string{indented, jsonLines, yamlText} {
		a := &app{in: terminal, errs: io.Discard, format: format}
		_, err := a.signer(t.Context(), file)
		require.ErrorContains(t, err, "add the key to an ssh-agent")
	}
}

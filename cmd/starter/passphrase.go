package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// passphrase asks for the passphrase of a key.
func (a *app) passphrase(ctx context.Context, name string) ([]byte, error) {
	if terminal, state, there := a.person(ctx); there {
		return a.askUnseen(ctx, terminal, state, "passphrase of "+name+": ")
	}
	return nil, fmt.Errorf("%s is locked with a passphrase, and there is no terminal to ask for it: add the key to an ssh-agent with `ssh-add %s`, and name it with --sign agent or --sign %s",
		name, quoted(name), quoted(name+".pub"))
}

// person gives the terminal at which somebody can be asked, with its state. Nobody is
// there when the result is for a program, or stdin is no terminal.
func (a *app) person(ctx context.Context) (terminal *os.File, state string, there bool) {
	terminal, isFile := a.in.(*os.File)
	if !isFile || a.format != "" && a.format != table {
		return nil, "", false
	}
	state, err := stty(ctx, terminal, "-g")
	return terminal, state, err == nil
}

// askUnseen reads a line from a terminal that does not show what is typed, and
// puts the terminal back into its state.
func (a *app) askUnseen(ctx context.Context, terminal *os.File, state, question string) ([]byte, error) {
	if _, err := stty(ctx, terminal, "-echo"); err != nil {
		return nil, fmt.Errorf("the terminal would show the passphrase: %w", err)
	}
	defer func() {
		_, _ = stty(context.WithoutCancel(ctx), terminal, state) // there is no other way to put it back
		fmt.Fprintln(a.errs)
	}()
	fmt.Fprint(a.errs, harmless(question))
	line, err := typed(ctx, terminal)
	return []byte(line), err
}

// typed reads a line from a terminal.
func typed(ctx context.Context, terminal *os.File) (string, error) {
	type answer struct {
		text string
		err  error
	}
	line := make(chan answer, 1)
	go func() {
		text, err := bufio.NewReader(terminal).ReadString('\n')
		line <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case got := <-line:
		return strings.TrimRight(got.text, "\r\n"), got.err
	}
}

// stty reads or sets the modes of a terminal. The program of that name does it the
// same way on every Unix; where there is none, there is nobody to ask.
func stty(ctx context.Context, terminal *os.File, mode string) (string, error) {
	command := exec.CommandContext(ctx, "stty", mode)
	command.Stdin = terminal
	out, err := command.Output()
	return strings.TrimSpace(string(out)), err
}

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// passphrase asks for the passphrase of a key. Nobody is asked when no person sits
// in front: when the result is for a program, or stdin is no terminal.
func (a *app) passphrase(ctx context.Context, name string) ([]byte, error) {
	terminal, isFile := a.in.(*os.File)
	forPeople := a.format == "" || a.format == table
	if isFile && forPeople {
		if state, err := stty(ctx, terminal, "-g"); err == nil {
			return a.askUnseen(ctx, terminal, state, "passphrase of "+name+": ")
		}
	}
	return nil, fmt.Errorf("%s is locked with a passphrase, and there is no terminal to ask for it: add the key to an ssh-agent with `ssh-add %s`, and name it with --sign agent or --sign %s",
		name, quoted(name), quoted(name+".pub"))
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
	type answer struct {
		text string
		err  error
	}
	typed := make(chan answer, 1)
	go func() {
		text, err := bufio.NewReader(terminal).ReadString('\n')
		typed <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case got := <-typed:
		return []byte(strings.TrimRight(got.text, "\r\n")), got.err
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

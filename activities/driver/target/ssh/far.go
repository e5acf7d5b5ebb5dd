package ssh

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"

	"slipway/activities/driver/target"
)

//go:embed far.sh
var functions string

// separator is a byte that texts do not have, but scripts may print.
const separator = '\036'

// errCut says that the connection ended while something went on: nobody can tell
// what became of it.
var errCut = fmt.Errorf("%w any more: the connection was cut", target.ErrUnreachable)

// far is a shell on a target that does one thing after the other, by the functions
// of far.sh.
type far struct {
	address
	connection *connection
	session    *ssh.Session
	in         io.Writer
	out        *bufio.Reader
	said       limited
	// token begins the line that ends an answer: the separator, and what nobody guesses.
	token string
}

// open starts a shell, which ends with close, or with ctx. The error is errCut when
// the connection turns out to be dead.
func (c *connection) open(ctx context.Context, a address) (f *far, end func(), err error) {
	session, err := c.client.NewSession()
	if refused := new(ssh.OpenChannelError); errors.As(err, &refused) {
		return nil, nil, fmt.Errorf("%w: its sshd opens no further session: %w: raise MaxSessions there", target.ErrUnusable, err)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errCut, err)
	}
	f = &far{address: a, connection: c, session: session, token: string(separator) + rand.Text()}
	heard, says := io.Pipe()
	f.out = bufio.NewReaderSize(heard, 64<<10)
	// A server ends a session with the processes in it, and not when it is told to.
	stop := context.AfterFunc(ctx, func() { _ = heard.CloseWithError(ctx.Err()) })
	end = func() { stop(); _, _ = heard.Close(), session.Close() }
	if err := f.start(ctx, says); err != nil {
		end()
		return nil, nil, err
	}
	return f, end, nil
}

func (f *far) start(ctx context.Context, says *io.PipeWriter) error {
	out, err := f.session.StdoutPipe()
	if err != nil {
		return err
	}
	f.session.Stderr = &f.said
	if f.in, err = f.session.StdinPipe(); err != nil {
		return err
	}
	// Nothing else is on the command line: the user's own shell, whichever it is, has
	// to understand it.
	if err := f.session.Start("exec /bin/sh"); errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %w", errCut, err)
	} else if err != nil {
		return fmt.Errorf("%w: no shell for %s: %w", target.ErrUnusable, f.user, err)
	}
	go func() {
		_, err := io.Copy(says, out)
		_ = says.CloseWithError(err)
	}()
	// Whatever a login says by itself comes before the answer; one that ended may not
	// have taken what was written.
	_, written := io.WriteString(f.in, functions)
	var greeting bytes.Buffer
	if written == nil {
		_, written = io.WriteString(f.in, f.asking("true"))
	}
	_, _, err = f.answer(&greeting)
	if err = errors.Join(written, err); err != nil {
		return f.noShell(ctx, strings.TrimSuffix(greeting.String(), "\n"), err)
	}
	missing, err := f.ask("missing")
	if err == nil && missing != "" {
		err = fmt.Errorf("%w: the machine lacks %s: install it", target.ErrUnusable, strings.ReplaceAll(missing, "\n", ", "))
	}
	return err
}

// noShell tells a shell that ended by itself from a connection that was cut.
func (f *far) noShell(ctx context.Context, greeting string, err error) error {
	if exit := new(ssh.ExitError); ctx.Err() == nil && errors.As(f.session.Wait(), &exit) {
		return fmt.Errorf("%w: no POSIX shell for %s: exit status %d: %s%s", target.ErrUnusable, f.user, exit.ExitStatus(), greeting, f.said.String())
	}
	return fmt.Errorf("%w: %w", errCut, err)
}

// refusal is what a function of far.sh said when it failed.
type refusal struct {
	status int
	said   string
}

func (r *refusal) Error() string {
	if r.said == "" {
		return fmt.Sprintf("%v: exit status %d", target.ErrUnusable, r.status)
	}
	return fmt.Sprintf("%v: %s", target.ErrUnusable, r.said)
}

func (*refusal) Unwrap() error { return target.ErrUnusable }

// ask calls a function and gives what it prints, without the newline at its end. The
// error is a refusal when the function fails, or errCut.
func (f *far) ask(function string, args ...string) (string, error) {
	var text bytes.Buffer
	err := f.hear(&text, function, args...)
	return strings.TrimSuffix(text.String(), "\n"), err
}

// hear is ask with what is printed going to w as it comes.
func (f *far) hear(w io.Writer, function string, args ...string) error {
	if _, err := io.WriteString(f.in, f.asking(function, args...)); err != nil {
		return fmt.Errorf("%w: %w", errCut, err)
	}
	status, said, err := f.answer(w)
	switch {
	case err != nil:
		return err
	case status != 0:
		return &refusal{status, said}
	}
	return nil
}

// asking is the line that calls a function.
func (f *far) asking(function string, args ...string) string {
	line := []string{"answer", quote(f.token), function}
	for _, arg := range args {
		line = append(line, quote(arg))
	}
	return strings.Join(line, " ") + "\n"
}

// answer passes on what comes before the token, as it comes.
func (f *far) answer(w io.Writer) (status int, said string, err error) {
	for {
		if _, err := f.out.Peek(1); err != nil {
			return 0, "", fmt.Errorf("%w: %w", errCut, err)
		}
		some, _ := f.out.Peek(f.out.Buffered())
		end := bytes.IndexByte(some, separator)
		switch {
		case end < 0:
			end = len(some)
		case end == 0:
			begins, err := f.out.Peek(len(f.token))
			if err != nil {
				return 0, "", fmt.Errorf("%w: %w", errCut, err)
			}
			if string(begins) == f.token {
				return f.ending()
			}
			some, end = begins, 1 // Looking further may have moved what was seen before.
		}
		if _, err := w.Write(some[:end]); err != nil {
			return 0, "", err
		}
		_, _ = f.out.Discard(end)
	}
}

// ending reads the line with the token.
func (f *far) ending() (status int, said string, err error) {
	line, err := f.out.ReadString('\n')
	if err != nil {
		return 0, "", fmt.Errorf("%w: %w", errCut, err)
	}
	_, rest, _ := strings.Cut(line, " ")
	code, said, _ := strings.Cut(rest, " ")
	status, err = strconv.Atoi(code)
	return status, strings.TrimSpace(said), err
}

// quote makes one word of a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// hold takes the target's lock, for as long as this shell lives, and whatever it
// starts. Others who change the target are waited for.
func (f *far) hold(waiting func(line string)) error {
	if _, err := f.ask("lockable", f.folder); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(f.in, "exec 9>>%s\n", quote(f.folder+"/releases/.lock")); err != nil {
		return fmt.Errorf("%w: %w", errCut, err)
	}
	if _, err := f.ask("flock", "-n", "9"); err == nil || errors.Is(err, errCut) {
		return err
	}
	if waiting != nil {
		waiting("waits for another operation on the target")
	}
	_, err := f.ask("flock", "9")
	return err
}

// limited keeps the beginning of what is written.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if room := 2000 - l.Len(); room > 0 {
		l.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}

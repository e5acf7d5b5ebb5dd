package ssh

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/activities/driver/shell"
	"slipway/activities/driver/target"
	"slipway/release"
)

// haltTimeout is how long it may take to end a script that nobody waits for any more.
const haltTimeout = 15 * time.Second

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// run carries the script of an attempt out, in a session of its own on the target: it
// goes on when the connection is cut, and its mark says how it ended. An attempt that
// is done does not run again.
func (p place) run(ctx context.Context) (target.Outcome, error) {
	before, err := p.mark(p.o.Attempt)
	switch {
	case err != nil:
		return target.Outcome{}, err
	case before != nil && before.Done():
		return target.Outcome{Outputs: before.Outputs}, nil
	}
	secrets, err := shell.Resolve(p.o.Secrets)
	if err != nil {
		return target.Outcome{}, err
	}
	order, err := p.order(secrets)
	if err != nil {
		return target.Outcome{}, err
	}
	if _, err := p.ask("prune", path.Join(p.folder, target.MarksFolder)); err != nil {
		return target.Outcome{}, err
	}
	done := release.Execution{Name: p.o.Step, Started: time.Now().UTC()}
	transcript := shell.NewTranscript(p.o.Log, secrets, p.o.Progress)
	if _, err = p.ask("begin", order...); err == nil {
		err = p.follow(transcript)
	} else if refused := new(refusal); errors.As(err, &refused) {
		return target.Outcome{}, err // It did not begin.
	}
	if err != nil {
		if ctx.Err() != nil || !errors.Is(err, errCut) { // Nobody waits for it, or its log cannot be kept.
			p.halt()
		}
		done.Elapsed = release.Duration(time.Since(done.Started).Round(time.Millisecond))
		done.Tail, _ = transcript.End()
		return target.Outcome{Execution: &done}, fmt.Errorf("script %q: %w", p.o.Step, err)
	}
	done.Elapsed = release.Duration(time.Since(done.Started).Round(time.Millisecond))
	if done.Tail, err = transcript.End(); err != nil {
		return target.Outcome{}, err
	}
	return p.ended(done)
}

// attempt is the folder of what an attempt leaves.
func (p place) attempt(name string) string {
	return path.Join(p.folder, target.MarksFolder, target.MarkName(name))
}

// order gives the arguments of the function begin: secrets go over the connection,
// and are in the environment of the script alone.
func (p place) order(secrets shell.Secrets) ([]string, error) {
	attempt := p.attempt(p.o.Attempt)
	name, err := json.Marshal(p.o.Attempt)
	if err != nil {
		return nil, err
	}
	timeout := p.o.Timeout
	if timeout <= 0 {
		timeout = shell.DefaultTimeout
	}
	seconds := strconv.Itoa(int(math.Ceil(timeout.Seconds())))
	order := []string{attempt, p.haltFile(), `{"attempt":` + string(name), seconds, p.o.Script, p.o.Step}
	env := target.Told(p.o, p.folder, p.files(), path.Join(attempt, "output"))
	maps.Copy(env, secrets)
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if !variableName.MatchString(name) || strings.Contains(env[name], "\x00") {
			return nil, fmt.Errorf("%q cannot be a variable of a script: use letters, digits and _, and a value without zero bytes", name)
		}
		order = append(order, name+"="+env[name])
	}
	return append(append(order, "--"), secrets.Masked()...), nil
}

// follow passes on what the script prints, until it ended.
func (p place) follow(out io.Writer) error {
	attempt, printed := p.attempt(p.o.Attempt), int64(0)
	if err := p.hear(io.MultiWriter(out, counter{&printed}), "follow", attempt); err != nil {
		return err
	}
	return p.hear(out, "rest", attempt, strconv.FormatInt(printed, 10))
}

// ended is the outcome of a script that ended, which the mark keeps from now on.
func (p place) ended(done release.Execution) (target.Outcome, error) {
	mark, err := p.mark(p.o.Attempt)
	if err == nil && (mark == nil || mark.Ended.IsZero()) {
		err = fmt.Errorf("%w: whoever carried it out on the target is gone, and left no word how it ended", target.ErrUnusable)
	}
	if err != nil {
		return target.Outcome{Execution: &done}, fmt.Errorf("script %q: %w", p.o.Step, err)
	}
	done.Exit, done.TimedOut = mark.Exit, strings.HasPrefix(mark.Problem, timedOut)
	if !done.OK() {
		mark.Problem = done.Problem()
	}
	// What the target wrote down is true as well, if it says less.
	_ = p.write(path.Join(p.attempt(p.o.Attempt), markFile), mark)
	return target.Outcome{Execution: &done, Problem: mark.Problem, Outputs: mark.Outputs}, nil
}

// halt ends the script of an operation whose ctx ended, and so the shell with it.
func (p place) halt() {
	ctx, cancel := context.WithTimeout(context.Background(), haltTimeout)
	defer cancel()
	f, end, err := p.connection.open(ctx, p.address)
	if err != nil {
		return // The connection is gone too: the script goes on to its own end.
	}
	defer end()
	_, _ = f.ask("halt", p.attempt(p.o.Attempt), p.haltFile())
}

// haltFile is what ends the script of this shell, and none that another one began.
func (p place) haltFile() string { return "halt-" + p.token[1:] }

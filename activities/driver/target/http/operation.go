package http

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"slipway/activities/driver/shell"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/http/protocol"
	"slipway/release"
)

// DefaultTimeout is how long an operation may take that does not say so itself.
const DefaultTimeout = 10 * time.Minute

// breakOffWithin is how long a deployer may take to hear that nobody waits any longer.
const breakOffWithin = 5 * time.Second

// Do has the deployer carry the operation out, and waits for its end. Nothing has
// begun when there was no connection, or when the deployer refused the only request
// that it got: that is a Problem, as is a failure of which the deployer tells. What an
// activation came to is looked up: done is only what holds what was authorized. A
// script whose attempt is done is not run again, one that is under way is waited for;
// when ctx ends first, the deployer is asked to break it off.
func (d *Driver) Do(ctx context.Context, t release.Target, o target.Operation) (target.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return target.Outcome{}, fmt.Errorf("target %q: %w", t.Name, err)
	}
	c, err := d.reach(t)
	if err != nil {
		return target.Outcome{Problem: err.Error()}, nil //nolint:nilerr // nothing can have begun
	}
	body, problem := c.body(o)
	if problem != "" {
		return target.Outcome{Problem: fmt.Sprintf("target %q: %s", t.Name, problem)}, nil
	}
	within, cancel := context.WithTimeout(ctx, cmp.Or(o.Timeout, DefaultTimeout)+d.grace)
	defer cancel()
	begun := time.Now().UTC()
	key, done, err := c.key(within, o)
	refused := err != nil
	var answer protocol.Answer
	if err == nil && done != nil {
		return *done, nil
	}
	if err == nil {
		answer, refused, err = c.carryOut(within, o, request{
			method: http.MethodPost, url: c.address.JoinPath(protocol.OperationsPath), key: key, body: body,
		})
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return target.Outcome{}, fmt.Errorf("%w: %w", ctx.Err(), err)
	case refused:
		return target.Outcome{Problem: err.Error()}, nil
	case err != nil:
		return target.Outcome{}, err
	}
	outcome, err := c.outcome(o, answer, begun)
	if err == nil && outcome.Problem == "" && o.Kind == target.Activate {
		outcome.Problem, err = c.disproof(within, o)
	}
	return outcome, err
}

// body says what is to be done, or why that cannot be said.
func (c *call) body(o target.Operation) (body []byte, problem string) {
	if (o.Kind == target.Transfer || o.Kind == target.Activate) && (o.Package.Digest == "" || o.Package.Content == "") {
		return nil, fmt.Sprintf("%v: the package has no digest", target.ErrNotAuthorized)
	}
	said := protocol.Operation{
		Kind: string(o.Kind), Attempt: o.Attempt, Target: c.target.Name, Release: o.Release, Version: o.Version,
		Package: protocol.Package{Digest: o.Package.Digest, Content: o.Package.Content},
	}
	if o.Kind == target.Run {
		said.Step, said.Script, said.Env, said.Timeout = o.Step, o.Script, o.Env, release.Duration(cmp.Or(o.Timeout, DefaultTimeout))
		if len(o.Secrets) > 0 && !private(c.address) {
			return nil, fmt.Sprintf("the secrets of step %q are not sent in the clear to %s: use https://…", o.Step, c.address.Host)
		}
		var err error
		if c.secrets, err = shell.Resolve(o.Secrets); err != nil {
			return nil, fmt.Sprintf("script %q: %v", o.Step, err)
		}
		said.Secrets = c.secrets
	}
	body, err := json.Marshal(said)
	if err != nil {
		return nil, err.Error()
	}
	return body, ""
}

// key names an operation to the deployer: the same try of the same thing on the same
// target is the same operation, whichever worker asks for it. What nobody named is an
// operation of its own. The mark of a script tells whether there is anything left to
// do: a script that is done gives its outcome, one that runs its own key, and one that
// failed, or was broken off, makes way for another operation.
func (c *call) key(ctx context.Context, o target.Operation) (key string, done *target.Outcome, err error) {
	if o.Attempt == "" {
		return rand.Text(), nil, nil
	}
	before := ""
	if o.Kind == target.Run {
		state, err := c.state(ctx, o.Attempt, false)
		switch mark := state.Mark; {
		case err != nil:
			return "", nil, err
		case mark == nil:
		case mark.Running && mark.Key != "":
			return mark.Key, nil, nil
		case markOf(*mark).Done() && mark.Exit == 0:
			done = &target.Outcome{}
			done.Outputs, done.Problem = c.outputs(mark.Outputs)
			return "", done, nil
		case !mark.Running:
			before = cmp.Or(mark.Key, mark.Begun.String())
		}
	}
	named := release.DigestOfBytes([]byte(strings.Join([]string{string(o.Kind), c.target.Name, o.Attempt, before}, "\x00")))
	return strings.TrimPrefix(string(named), "sha256:"), nil, nil
}

// carryOut asks for the operation and waits until it has ended. When it is refused,
// nothing has begun.
func (c *call) carryOut(ctx context.Context, o target.Operation, ask request) (answer protocol.Answer, refused bool, err error) {
	defer c.breakOff(ctx, o, ask)
	got, f := c.persist(ctx, ask, false, &answer)
	c.tell(o, answer)
	if f != nil {
		return answer, !f.begun, f.err
	}
	look := request{method: http.MethodGet, url: c.placeOf(answer, got)}
	for pause := minPause; answer.State == protocol.Running; pause = min(2*pause, maxPause) {
		if look.url == nil {
			return answer, false, c.fail(target.ErrUnusable, "the deployer says neither an id nor where to ask after the operation").err
		}
		if !rest(ctx, max(pause, got.after)) {
			return answer, false, c.fail(target.ErrUnreachable, "the deployer was still at it when the time was over").err
		}
		answer = protocol.Answer{}
		if got, f = c.persist(ctx, look, true, &answer); f != nil {
			return answer, false, f.err
		}
		c.tell(o, answer)
	}
	return answer, false, nil
}

// tell passes on what goes on.
func (c *call) tell(o target.Operation, answer protocol.Answer) {
	if line := oneLine(c.masked(answer.Line)); line != "" && o.Progress != nil {
		o.Progress(line)
	}
}

// breakOff asks the deployer to end a script that nobody waits for any longer, for ctx
// has ended. What becomes of that is seen in its mark.
func (c *call) breakOff(ctx context.Context, o target.Operation, asked request) {
	if o.Kind != target.Run || ctx.Err() == nil {
		return
	}
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), breakOffWithin)
	defer cancel()
	var answer protocol.Answer
	_, _ = c.send(short, request{method: http.MethodDelete, url: asked.url, key: asked.key}, &answer)
}

// placeOf gives where to ask after an operation: the Location, unless that is on
// another host, else by its id; nil for neither.
func (c *call) placeOf(answer protocol.Answer, got reply) *url.URL {
	if got.location != "" {
		at, err := c.address.JoinPath(protocol.OperationsPath).Parse(got.location)
		if err == nil && at.Scheme == c.address.Scheme && at.Host == c.address.Host {
			return at
		}
	}
	if answer.ID == "" {
		return nil
	}
	return c.address.JoinPath(protocol.OperationsPath, url.PathEscape(answer.ID))
}

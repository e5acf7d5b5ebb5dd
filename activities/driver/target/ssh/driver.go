// Package ssh drives targets on other machines, which it reaches by SSH as any
// operator does: they need sshd with sftp, a POSIX shell, tar, sha256sum, flock and
// setsid, and nothing of Slipway's.
//
// A target's folder is laid out as those of package folder are, under the same lock.
// What became of a script is beside the releases, as with package local:
//
//	FOLDER/.slipway/ATTEMPT/mark.json  when it began, and how it ended
//	FOLDER/.slipway/ATTEMPT/lock       held for as long as it runs
//	FOLDER/.slipway/ATTEMPT/output     its $OUTPUT
//	FOLDER/.slipway/ATTEMPT/log        what it printed, until the worker has all of it
//	FOLDER/.slipway/ATTEMPT/work       the folder that it begins in, removed afterwards
package ssh

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"slipway/activities/driver/target"
	"slipway/release"
)

// Driver reaches targets of kind ssh. Use New.
type Driver struct {
	connections pool
	contents    contents
	// turns holds a lock for each target, so that operations of this worker wait for
	// each other here, and not on connections.
	turns sync.Map
}

// New makes a driver that logs in by the options, and takes packages from there.
// Close closes its connections.
func New(options Options, packages target.Packages) *Driver {
	return &Driver{
		connections: pool{options: options, machines: map[string]*machine{}},
		contents:    contents{packages: packages, known: map[release.Package]*content{}},
	}
}

// Close closes all connections. What runs on them is cut off.
func (d *Driver) Close() { d.connections.close() }

// Observe reads what the target holds, and the mark of an attempt. The errors are
// target.ErrUnreachable, target.ErrHostKey, target.ErrUnusable, of which ErrLogin is
// one, and that of ctx.
func (d *Driver) Observe(ctx context.Context, t release.Target, attempt string) (target.Observation, error) {
	var seen target.Observation
	err := d.on(ctx, t, func(f *far) (err error) {
		if _, err := f.ask("usable", f.folder); err != nil {
			return err
		}
		p := place{far: f, contents: &d.contents}
		if seen.Held, err = p.held(ctx); err != nil {
			return err
		}
		if seen.Packages, err = p.packages(); err != nil {
			return err
		}
		if attempt != "" {
			seen.Mark, err = p.mark(attempt)
		}
		return err
	})
	if err != nil {
		return target.Observation{}, err
	}
	return seen, nil
}

// Do carries an operation out. It is certain that nothing was done when the target
// cannot be reached to begin with; when the connection is cut later, nobody can tell.
func (d *Driver) Do(ctx context.Context, t release.Target, o target.Operation) (target.Outcome, error) {
	leave, err := d.turn(ctx, t)
	if err != nil {
		return target.Outcome{}, targetError(t, err)
	}
	defer leave()
	var out target.Outcome
	err = d.on(ctx, t, func(f *far) (err error) {
		p := place{far: f, contents: &d.contents, o: o, on: t, name: target.ReleaseName(o.Version, o.Package)}
		out, err = p.do(ctx)
		return err
	})
	switch {
	case err == nil:
		return out, nil
	case ctx.Err() != nil, errors.Is(err, errCut), out.Execution != nil:
		return out, err // Nobody can tell, above all of a script that was let out of sight.
	}
	out.Problem = oneLine(err)
	return out, nil
}

// do carries the operation out, alone on the target.
func (p place) do(ctx context.Context) (target.Outcome, error) {
	undo := p.o.Kind == target.Remove || p.o.Kind == target.Deactivate
	if undo {
		if _, err := p.ask("untouched", p.folder, p.name); err == nil || errors.Is(err, errCut) {
			return target.Outcome{}, err // Never was there, perhaps because the target cannot be used.
		}
	}
	if err := p.hold(p.o.Progress); err != nil {
		return target.Outcome{}, err
	}
	var err error
	switch p.o.Kind {
	case target.Transfer:
		err = p.transfer(ctx)
	case target.Remove:
		err = p.remove()
	case target.Activate:
		err = p.activate(ctx)
	case target.Deactivate:
		err = p.deactivate(ctx)
	case target.Run:
		return p.run(ctx)
	default:
		err = fmt.Errorf("nothing is known of the operation %q", p.o.Kind)
	}
	if err != nil {
		return target.Outcome{}, fmt.Errorf("%s %s: %w", p.o.Kind, p.name, err)
	}
	return target.Outcome{}, nil
}

// on opens a shell on the target. A connection that was dead already is replaced,
// for nothing was done on it.
func (d *Driver) on(ctx context.Context, t release.Target, work func(*far) error) error {
	a, err := parse(t.Address)
	if err != nil {
		return targetError(t, err)
	}
	c, release, err := d.connections.get(ctx, a)
	if err != nil {
		return targetError(t, addressError(ctx, a, err))
	}
	f, end, err := c.open(ctx, a)
	if errors.Is(err, errCut) && ctx.Err() == nil {
		c.close()
		<-c.dead
		release()
		if c, release, err = d.connections.get(ctx, a); err != nil {
			return targetError(t, addressError(ctx, a, err))
		}
		f, end, err = c.open(ctx, a)
	}
	defer release()
	if err != nil {
		return targetError(t, addressError(ctx, a, err))
	}
	defer end()
	if err := work(f); err != nil {
		return targetError(t, addressError(ctx, a, err))
	}
	return nil
}

// turn waits until this worker does nothing else to the target.
func (d *Driver) turn(ctx context.Context, t release.Target) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	line, _ := d.turns.LoadOrStore(t.Address, make(chan struct{}, 1))
	turn := line.(chan struct{})
	if err := enter(ctx, turn); err != nil {
		return nil, err
	}
	return func() { <-turn }, nil
}

func targetError(t release.Target, err error) error {
	return fmt.Errorf("target %q: %w", t.Name, err)
}

// addressError says where; the end of ctx comes first, for it is what cut the rest.
func addressError(ctx context.Context, a address, err error) error {
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		return fmt.Errorf("%s: %w: %w", a, ctx.Err(), err)
	}
	return fmt.Errorf("%s: %w", a, err)
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

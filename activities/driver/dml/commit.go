package dml

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
)

// addition is an entry on its way into what a layout lists.
type addition struct {
	entry ocispec.Descriptor
	// over and err tell what came of it, under the lock.
	over bool
	err  error
}

func newAddition(m manifest, tag string) *addition {
	a := &addition{entry: m.Descriptor}
	a.entry.Annotations = nil
	if tag != "" {
		a.entry.Annotations = map[string]string{ocispec.AnnotationRefName: tag}
	}
	return a
}

func (a *addition) tag() string { return a.entry.Annotations[ocispec.AnnotationRefName] }

// waiting are the additions that wait for the lock. Who gets it takes in all of them:
// they cost what one does.
type waiting struct {
	mu   sync.Mutex
	list []*addition
}

func (w *waiting) join(some []*addition) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, some...)
}

func (w *waiting) leave(some []*addition) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = slices.DeleteFunc(w.list, func(a *addition) bool { return slices.Contains(some, a) })
}

func (w *waiting) all() []*addition {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.list
	w.list = nil
	return all
}

func (l *layout) commit(ctx context.Context, m manifest, tag string) error {
	return l.commitEach(ctx, []manifest{m}, tag)
}

func (l *layout) commitAll(ctx context.Context, all []manifest) error {
	return l.commitEach(ctx, all, "")
}

func (l *layout) commitEach(ctx context.Context, manifests []manifest, tag string) error {
	group, pushing := errgroup.WithContext(ctx)
	group.SetLimit(requests)
	some := make([]*addition, len(manifests))
	for i, m := range manifests {
		some[i] = newAddition(m, tag)
		group.Go(func() error { return l.Push(pushing, m.Descriptor, bytes.NewReader(m.text)) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	l.waiting.join(some)
	unlock, err := l.lock(ctx)
	if err != nil {
		l.waiting.leave(some)
		return err
	}
	defer unlock()
	if slices.ContainsFunc(some, func(a *addition) bool { return !a.over }) {
		l.takeIn(l.waiting.all())
	}
	for _, a := range some {
		err = cmp.Or(err, a.err)
	}
	return err
}

// takeIn lists all additions whose tags are free, or none and says why. Their blobs are
// on the disk before.
func (l *layout) takeIn(all []*addition) {
	err := l.settle()
	var n *listing
	if err == nil {
		n, err = l.current()
	}
	var accepted []*addition
	for _, a := range all {
		a.over, a.err = true, err
		if err != nil {
			continue
		}
		var there bool
		if there, a.err = a.listed(n, accepted); a.err == nil && !there {
			accepted = append(accepted, a)
		}
	}
	if len(accepted) == 0 {
		return
	}
	entries := make([]ocispec.Descriptor, len(accepted))
	for i, a := range accepted {
		entries[i] = a.entry
	}
	if err := l.append(n, entries); err != nil {
		for _, a := range all {
			a.err = cmp.Or(a.err, err)
		}
	}
}

// listed tells whether an addition is listed already, or is about to be with others. The
// error is ErrTagTaken when its tag is that of something else.
func (a *addition) listed(n *listing, others []*addition) (bool, error) {
	taken := ocispec.Descriptor{Digest: a.entry.Digest}
	if place, found := n.byTag[a.tag()]; found {
		taken = n.index.Manifests[place]
	}
	there := n.has(a.entry.Digest, a.tag())
	for _, other := range others {
		if a.tag() == other.tag() && (a.tag() != "" || a.entry.Digest == other.entry.Digest) {
			taken, there = other.entry, other.entry.Digest == a.entry.Digest
		}
	}
	if taken.Digest != a.entry.Digest {
		return false, fmt.Errorf("%s is %s, not %s: %w", a.tag(), taken.Digest, a.entry.Digest, ErrTagTaken)
	}
	return there, nil
}

package local

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"slipway/activities/driver/durable"
	"slipway/activities/driver/target"
	"slipway/release"
)

// marksKept is how many attempts have their marks kept in a place.
const marksKept = 50

// marks are what attempts left in one place.
type marks struct{ folder string }

func (d *Driver) marks(t release.Target) marks {
	if t.Name == "" {
		return marks{d.state}
	}
	return marks{filepath.Join(t.Folder, target.MarksFolder)}
}

func (m marks) of(attempt string) trace {
	return trace{attempt: attempt, folder: filepath.Join(m.folder, target.MarkName(attempt))}
}

// open makes the folder of the marks, when it is missing.
func (m marks) open() error {
	if _, err := os.Stat(m.folder); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(m.folder, 0o755); err != nil {
		return err
	}
	return durable.Sync(filepath.Dir(m.folder))
}

// read gives the mark of an attempt; nil when it never began here.
func (m marks) read(attempt string) (*target.Mark, error) {
	t := m.of(attempt)
	mark, err := t.read()
	if err != nil || mark == nil || !mark.Ended.IsZero() {
		return mark, err
	}
	unlock, free, err := durable.TryLock(t.lock())
	if err != nil {
		return nil, err
	}
	if !free {
		mark.Running = true
		return mark, nil
	}
	unlock()
	return t.read() // it may have ended just before the lock was free
}

// prune removes the oldest attempts that nobody carries out.
func (m marks) prune() error {
	entries, err := os.ReadDir(m.folder)
	if err != nil || len(entries) < marksKept {
		return err
	}
	type old struct {
		path string
		at   time.Time
	}
	var all []old
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && entry.IsDir() {
			all = append(all, old{filepath.Join(m.folder, entry.Name()), info.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b old) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.path, b.path)) })
	for _, o := range all[min(len(all), marksKept-1):] {
		unlock, free, err := durable.TryLock(trace{folder: o.path}.lock())
		if err != nil || !free {
			continue
		}
		err = os.RemoveAll(o.path)
		unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// trace is what one attempt leaves.
type trace struct{ attempt, folder string }

func (t trace) lock() string   { return filepath.Join(t.folder, "lock") }
func (t trace) mark() string   { return filepath.Join(t.folder, "mark.json") }
func (t trace) output() string { return filepath.Join(t.folder, "output") }
func (t trace) work() string   { return filepath.Join(t.folder, "work") }

// begin makes the folder of an attempt, and waits until nobody else carries the
// same attempt out.
func (t trace) begin(ctx context.Context) (over func(), err error) {
	if err := os.MkdirAll(t.folder, 0o755); err != nil {
		return nil, err
	}
	if err := durable.Sync(filepath.Dir(t.folder)); err != nil {
		return nil, err
	}
	unlock, err := durable.Lock(ctx, t.lock())
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.RemoveAll(t.work()), os.Mkdir(t.work(), 0o755), os.WriteFile(t.output(), nil, 0o644)); err != nil {
		unlock()
		return nil, err
	}
	return func() {
		_ = os.RemoveAll(t.work()) // what it left there is of no use to anybody
		unlock()
	}, nil
}

func (t trace) read() (*target.Mark, error) {
	data, err := os.ReadFile(t.mark())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var mark target.Mark
	if err := json.Unmarshal(data, &mark); err != nil {
		return nil, fmt.Errorf("%s: %w", t.mark(), err)
	}
	return &mark, nil
}

func (t trace) write(mark target.Mark) error {
	data, err := json.MarshalIndent(mark, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(t.mark(), append(data, '\n'))
}

// forget takes the mark back of a script that did not begin.
func (t trace) forget() error {
	if err := os.Remove(t.mark()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return durable.Sync(t.folder)
}

package cms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"slipway/release"
)

// ErrInvalid is wrapped by the refusal of an entry that cannot be held. Trying
// the same entry again cannot help.
var ErrInvalid = errors.New("invalid entry")

// Write holds all entries, or none and says why. Entries may be written again: a
// key has one row, and a state (of a start of a release, an opening of a gate, an
// incident) has one row whatever the key. What is there gives way to an entry with
// the same or a later At, never to an earlier one. An entry of a ledger never gives
// way: another one in its place is refused with ErrInvalid.
func (s *Store) Write(ctx context.Context, entries []release.Entry) error {
	var all []row
	for i := range entries {
		rows, err := rowsOf(&entries[i])
		if err != nil {
			return fmt.Errorf("cms: write %q: %w", entries[i].Key, err)
		}
		all = append(all, rows...)
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortStableFunc(all, inTurn)
	changes := make([]change, len(all))
	for i, r := range all {
		changes[i] = change{key: r.entry.Key, put: r.put(), fixed: r.fixed, parts: r.replaceParts()}
	}
	if err := s.apply(ctx, changes); err != nil {
		return fmt.Errorf("cms: write: %w", err)
	}
	return nil
}

// change is a row as statements: the parts are for when the row itself was written.
type change struct {
	key   string
	put   statement
	fixed bool
	parts []statement
}

// settle tells, by how many rows were put, whether the parts follow.
func (c change) settle(written int64) (parts bool, err error) {
	if written == 0 && c.fixed {
		return false, c.failed(fmt.Errorf("%w: the CMS holds something else in this place, which never changes", ErrInvalid))
	}
	return written > 0, nil // else a newer row is there
}

func (c change) failed(err error) error { return fmt.Errorf("%q: %w", c.key, err) }

// inTurn is the order in which every writer takes the rows that it changes, so that
// no two wait for each other. What rows refer to comes first. Changes of a baseline
// stay as they came, for that is their order when they are of the same time.
func inTurn(a, b row) int {
	if n := cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.table, b.table)); n != 0 || a.table == "baseline_changes" {
		return n
	}
	return slices.CompareFunc(a.is, b.is, func(a, b column) int {
		return cmp.Compare(fmt.Sprint(a.value), fmt.Sprint(b.value))
	})
}

func (r row) rank() int {
	if r.table == "packages" {
		return 0
	}
	return 1
}

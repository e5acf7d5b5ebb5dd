package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// Packaging and check-in of a gigabyte, beside what reads and sums the same files, and
// what copies them into a library of the same form.

const (
	treeFiles = 1_000
	treeBytes = 1_000_000_000
	// treeRounds are measured, after one that warms up.
	treeRounds = 3
	// memory is what a worker may have resident at most, whatever the size of what it
	// works on.
	memory = 200_000_000
)

// packages measures all of it.
func packages(ctx context.Context) ([]row, error) {
	folder, remove, err := scratch()
	if err != nil {
		return nil, err
	}
	defer remove()
	tree := filepath.Join(folder, "tree")
	if err := makeTree(tree, treeFiles, treeBytes); err != nil {
		return nil, err
	}
	most := int64(0)
	into := func(what, scheme string) func(ctx context.Context, _ string) (time.Duration, error) {
		return func(ctx context.Context, _ string) (time.Duration, error) {
			to := filepath.Join(folder, what)
			used, err := inChild(ctx, what, tree, scheme+to)
			if what == "check-in" {
				most = max(most, used.Peak)
			}
			return used.Took, errors.Join(err, os.RemoveAll(to))
		}
	}
	summed := &contestant{name: "tar | sha256sum of 1 GB", run: timed(func(ctx context.Context, _ string) error {
		return shell(ctx, `tar -C "$1" -cf - . | sha256sum >/dev/null`, tree)
	})}
	copied := &contestant{name: "oras copy of 1 GB to a layout", run: into("oras-copy", "")}
	mine := &contestant{
		name: "check-in of 1 GB to a layout", run: into("check-in", "oci-layout:"), against: []*contestant{summed, copied},
	}
	contestants := []*contestant{summed, copied, mine}
	if err := race(ctx, contestants, 1, treeRounds); err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range contestants {
		rows = append(rows, c.throughput(treeBytes)...)
	}
	return append(rows, row{Name: mine.name + ", peak memory", Value: megabytes(most), Unit: "MB", Limit: megabytes(memory)}), nil
}

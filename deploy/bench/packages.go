package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// Packaging and check-in of a gigabyte, beside what reads and sums the same files, and
// what copies them into a library of the same form: a layout, and a registry where
// there is one.

const (
	treeFiles = 1_000
	treeBytes = 1_000_000_000
	// treeRounds are measured, after one that warms up.
	treeRounds = 3
	// memory is what a worker may have resident at most, whatever the size of what it
	// works on.
	memory = 200_000_000
)

// packaging is a tree of files, and the most memory that a check-in of it took.
type packaging struct {
	folder string
	peak   int64
}

func (p *packaging) tree() string { return filepath.Join(p.folder, "tree") }

// packages measures all of it.
func packages(ctx context.Context) ([]row, error) {
	folder, remove, err := scratch()
	if err != nil {
		return nil, err
	}
	defer remove()
	p := &packaging{folder: folder}
	if err := makeTree(p.tree(), treeFiles, treeBytes); err != nil {
		return nil, err
	}
	summed := &contestant{name: "tar | sha256sum of 1 GB", run: timed(func(ctx context.Context, _ string) error {
		return shell(ctx, `tar -C "$1" -cf - . | sha256sum >/dev/null`, p.tree())
	})}
	copied := &contestant{name: "oras copy of 1 GB to a layout", run: p.toLayout("oras-copy")}
	contestants := []*contestant{
		summed, copied,
		{name: "check-in of 1 GB to a layout", run: p.toLayout("check-in"), against: []*contestant{summed, copied}},
	}
	registry, err := startRegistry(ctx, filepath.Join(folder, "registry"))
	if err != nil {
		return nil, err
	}
	if registry != nil {
		defer registry.stop()
		copied := &contestant{name: "oras copy of 1 GB to a registry", run: p.toRegistry("oras-copy", registry)}
		contestants = append(contestants, copied, &contestant{
			name: "check-in of 1 GB to a registry", run: p.toRegistry("check-in", registry), against: []*contestant{summed, copied},
		})
	}
	if err := race(ctx, contestants, 1, treeRounds); err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range contestants {
		rows = append(rows, c.throughput(treeBytes)...)
	}
	return append(rows, row{Name: "check-in of 1 GB, peak memory", Value: megabytes(p.peak), Unit: "MB"}.atMost(megabytes(memory))), nil
}

// toLayout brings the tree into a fresh layout, which is removed again.
func (p *packaging) toLayout(what string) func(context.Context, string) (time.Duration, error) {
	to := filepath.Join(p.folder, what)
	return func(ctx context.Context, _ string) (time.Duration, error) {
		took, err := p.bring(ctx, what, layoutPrefix+to)
		return took, errors.Join(err, os.RemoveAll(to))
	}
}

// toRegistry brings the tree into repositories that the registry does not have yet. It
// keeps a blob once, and is sent it each time.
func (p *packaging) toRegistry(what string, r *registry) func(context.Context, string) (time.Duration, error) {
	return func(ctx context.Context, id string) (time.Duration, error) {
		return p.bring(ctx, what, r.host+"/"+what+"-"+id)
	}
}

func (p *packaging) bring(ctx context.Context, what, to string) (time.Duration, error) {
	used, err := inChild(ctx, what, p.tree(), to)
	if what == "check-in" {
		p.peak = max(p.peak, used.Peak)
	}
	return used.Took, err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"slipway/activities/driver/dml"
	"slipway/release"
)

// A check-in with an attachment in a library of few packages and of many: its index
// grows with each, what is done to it must not.

const (
	fewPackages, manyPackages = 10, 5_000
	libraryRounds             = 60
	// libraryGrowth is how many times as long it may take in the large one: an index in
	// memory and a journal leave nothing but noise and deeper folders.
	libraryGrowth = 1.5
)

// shelf is a library that packages are checked in to, all of one file.
type shelf struct {
	library *dml.Library
	spec    string
	content string
	last    atomic.Int64
}

// libraries measures both.
func libraries(ctx context.Context) (_ []row, err error) {
	folder, remove, err := scratch()
	if err != nil {
		return nil, err
	}
	defer remove()
	content := filepath.Join(folder, "content")
	if err := makeTree(content, 1, 1_000); err != nil {
		return nil, err
	}
	few, err := fill(ctx, filepath.Join(folder, "few"), content, fewPackages)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, few.library.Close()) }()
	many, err := fill(ctx, filepath.Join(folder, "many"), content, manyPackages)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, many.library.Close()) }()
	const what = "check-in and attachment in a library of %d packages"
	small := &contestant{name: fmt.Sprintf(what, fewPackages), run: timed(few.add)}
	large := &contestant{name: fmt.Sprintf(what, manyPackages), run: timed(many.add), against: []*contestant{small}}
	opened := &contestant{name: fmt.Sprintf("open a library of %d packages", manyPackages), run: timed(many.open)}
	contestants := []*contestant{small, large}
	if err := race(ctx, contestants, 3, libraryRounds); err != nil {
		return nil, err
	}
	if err := race(ctx, []*contestant{opened}, 1, 5); err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range append(contestants, opened) {
		rows = append(rows, row{Name: c.name + ", median", Value: milliseconds(quantile(c.took, 0.5)), Unit: "ms"})
	}
	for _, r := range large.over() {
		rows = append(rows, r.atMost(libraryGrowth))
	}
	return rows, nil
}

// fill makes a library of so many packages.
func fill(ctx context.Context, folder, content string, packages int) (*shelf, error) {
	s := &shelf{spec: layoutPrefix + folder, content: content}
	var err error
	if s.library, err = dml.Open(s.spec); err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for range packages {
		group.Go(func() error { return s.add(ctx, "") })
	}
	return s, group.Wait()
}

// add checks the next package in, and attaches something to it.
func (s *shelf) add(ctx context.Context, _ string) error {
	p, err := s.library.CheckIn(ctx, packageOf(s.content, fmt.Sprintf("1.0.%d", s.last.Add(1))))
	if err != nil {
		return err
	}
	return s.attach(ctx, p)
}

func (s *shelf) attach(ctx context.Context, p release.Package) error {
	_, err := s.library.Attach(ctx, p.Digest, "application/vnd.bench", "evidence.json", []byte(time.Now().String()), nil)
	return err
}

// open opens the library once more, as a worker does when it starts.
func (s *shelf) open(context.Context, string) error {
	_, err := dml.Open(s.spec)
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/release"
	"slipway/release/figures"
	"slipway/release/figures/figurestest"
)

// The figures of a year of releases, from the question to the portfolio: an organization's
// on SQLite, and very many on PostgreSQL where it is installed.

const (
	fewReleases, manyReleases = 200, 20_000
	fewLimit, manyLimit       = time.Second, 5 * time.Second
	// startsAtOnce are written together.
	startsAtOnce = 50
	// answerLimit is how large an answer may be, in bytes.
	answerLimit = 1 << 20
	// figureRounds are measured; the slowest counts.
	figureRounds = 3
)

func portfolios(ctx context.Context) (rows []row, err error) {
	folder, remove, err := scratch()
	if err != nil {
		return nil, err
	}
	defer remove()
	if rows, err = portfolio(ctx, "SQLite", "sqlite:"+filepath.Join(folder, "few.db"), fewReleases, fewLimit); err != nil {
		return nil, err
	}
	cluster, err := cmstest.StartCluster(ctx)
	if errors.Is(err, cmstest.ErrNoPostgres) {
		fmt.Fprintln(os.Stderr, "  without", manyReleases, "releases on PostgreSQL:", err)
		return rows, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	if err := cluster.Run(ctx, "CREATE DATABASE figures"); err != nil {
		return nil, err
	}
	more, err := portfolio(ctx, "PostgreSQL", cluster.URL("figures"), manyReleases, manyLimit)
	return append(rows, more...), err
}

// portfolio fills a CMS with a year of releases, and measures the figures of the year with
// those of the year before.
func portfolio(ctx context.Context, where, spec string, releases int, limit time.Duration) (_ []row, err error) {
	store, err := cms.Open(ctx, spec)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	begin := time.Now()
	entries, err := writeYear(ctx, store, releases)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "  %s: wrote %d entries of %d releases in %v\n", where, entries, releases, time.Since(begin).Round(time.Second))
	var slowest time.Duration
	for range figureRounds {
		begin := time.Now()
		if err := work(ctx, store); err != nil {
			return nil, err
		}
		slowest = max(slowest, time.Since(begin))
	}
	all := row{Name: fmt.Sprintf("figures of %d releases on %s", releases, where), Value: slowest.Seconds(), Unit: "s"}
	return []row{all.atMost(limit.Seconds())}, nil
}

func writeYear(ctx context.Context, store *cms.Store, releases int) (entries int, err error) {
	var batch []release.Entry
	for i, s := range figurestest.Releases(1, releases) {
		batch = append(batch, s.Entries...)
		if (i+1)%startsAtOnce == 0 || i == releases-1 {
			if err := store.Write(ctx, batch); err != nil {
				return entries, err
			}
			entries, batch = entries+len(batch), batch[:0]
		}
	}
	return entries, nil
}

// work does what a worker does to answer, but for sending it.
func work(ctx context.Context, store *cms.Store) error {
	in := figurestest.Input()
	names, err := store.ReleaseNames(ctx)
	if err != nil {
		return err
	}
	if err := names.Check(in.Filter); err != nil {
		return err
	}
	facts, err := store.ReleaseFacts(ctx, figures.Query{Since: in.Before().Since, Until: in.Until})
	if err != nil {
		return err
	}
	p, err := figures.Compared(facts, in)
	p.Bounded(answerLimit)
	return err
}

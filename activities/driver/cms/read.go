package cms

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"slipway/release"
)

// endedLimit is how many closed releases of a service planning looks back at, a
// release counting with each of its starts.
const endedLimit = 10

// Facts gives what planning a release of the service for these environments needs
// to know, all of it as it was at one moment. Of the open releases it gives those that go to
// one of the environments too, or change one of the items, among which services count; none
// where no item is named.
// Now is passed through.
func (s *Store) Facts(ctx context.Context, service string, environments, items []string, now time.Time) (release.Facts, error) {
	facts := release.Facts{Now: now}
	err := s.view(ctx, func(tx *sql.Tx) error {
		for _, environment := range environments {
			baseline, err := readBaseline(ctx, tx, environment, service)
			if err != nil {
				return err
			}
			if baseline != nil {
				facts.Baselines = append(facts.Baselines, *baseline)
			}
		}
		var err error
		if facts.Open, err = readTouching(ctx, tx, environments, items); err != nil {
			return err
		}
		facts.Ended, err = readEnded(ctx, tx, service)
		return err
	})
	if err != nil {
		return release.Facts{}, fmt.Errorf("cms: facts for %s: %w", service, err)
	}
	return facts, nil
}

// Baseline gives what runs of the service in the environment; nil when nothing
// does. Since is from when on it has been running there without a change: after a
// back-out that is the back-out's time.
func (s *Store) Baseline(ctx context.Context, environment, service string) (*release.Baseline, error) {
	var baseline *release.Baseline
	err := s.view(ctx, func(tx *sql.Tx) (err error) {
		baseline, err = readBaseline(ctx, tx, environment, service)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cms: baseline of %s in %s: %w", service, environment, err)
	}
	return baseline, nil
}

// Releases lists the releases that started last, at most limit, latest first. One
// that was started several times is there with each of its starts.
func (s *Store) Releases(ctx context.Context, limit int) ([]release.State, error) {
	var list []release.State
	err := s.view(ctx, func(tx *sql.Tx) (err error) {
		list, err = readReleases(ctx, tx, filter{}, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cms: releases: %w", err)
	}
	return list, nil
}

// view reads in one transaction, and so from one state of the database.
func (s *Store) view(ctx context.Context, read func(*sql.Tx) error) error {
	tx, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to lose
	return read(tx)
}

// begin waits a while for a server that does not answer.
func (s *Store) begin(ctx context.Context) (tx *sql.Tx, err error) {
	err = persist(ctx, func() error {
		tx, err = s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
		return err
	})
	return tx, err
}

func readBaseline(ctx context.Context, tx *sql.Tx, environment, service string) (*release.Baseline, error) {
	const latest = `
		SELECT c.key, coalesce(c.runs, ''), coalesce(c.version, ''), c.at, coalesce(p.package, ''),
			coalesce(p.content, ''), coalesce(p.tag, ''), coalesce(p.size, 0), coalesce(p.files, 0)
		FROM baseline_changes c LEFT JOIN packages p ON p.package = c.package
		WHERE c.environment = $1 AND c.service = $2
		ORDER BY c.at DESC, c.seq DESC LIMIT 1`
	b := release.Baseline{Environment: environment, Service: service}
	p, key := &b.Package, ""
	err := tx.QueryRowContext(ctx, latest, environment, service).
		Scan(&key, &b.Release, &b.Version, stored{&b.Since}, &p.Digest, &p.Content, &p.Tag, &p.Size, &p.Files)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && b.Release == "") {
		return nil, nil
	}
	if err == nil {
		b.Others, err = readHoldings(ctx, tx, key)
	}
	if err != nil {
		return nil, err
	}
	return &b, nil
}

// readHoldings gives what targets hold that is not what a baseline says of all.
func readHoldings(ctx context.Context, tx *sql.Tx, baseline string) ([]release.Holding, error) {
	const others = `
		SELECT t.target, coalesce(t.version, ''), coalesce(p.package, ''),
			coalesce(p.content, ''), coalesce(p.tag, ''), coalesce(p.size, 0), coalesce(p.files, 0)
		FROM baseline_targets t LEFT JOIN packages p ON p.package = t.package
		WHERE t.key = $1 ORDER BY t.position`
	list, err := query(ctx, tx, func(rows *sql.Rows) (o release.Holding, err error) {
		o.Targets = []string{""}
		p := &o.Package
		err = rows.Scan(&o.Targets[0], &o.Version, &p.Digest, &p.Content, &p.Tag, &p.Size, &p.Files)
		return o, err
	}, others, baseline)
	if err != nil {
		return nil, err
	}
	var grouped []release.Holding
	for _, o := range list {
		if n := len(grouped); n > 0 && grouped[n-1].Package == o.Package {
			grouped[n-1].Targets = append(grouped[n-1].Targets, o.Targets...)
			continue
		}
		grouped = append(grouped, o)
	}
	return grouped, nil
}

func readOpen(ctx context.Context, tx *sql.Tx) ([]release.OpenRelease, error) {
	return readStarts(ctx, tx, `SELECT release, started FROM releases WHERE closed IS NULL`)
}

// readTouching gives those open releases that go to one of the environments or change one
// of the items.
func readTouching(ctx context.Context, tx *sql.Tx, environments, items []string) ([]release.OpenRelease, error) {
	if len(items) == 0 {
		return nil, nil
	}
	var args []any
	among := func(all []string) string {
		places := []string{"NULL"} // PostgreSQL takes no empty list
		for _, one := range all {
			args = append(args, one)
			places = append(places, fmt.Sprintf("$%d", len(args)))
		}
		return strings.Join(places, ", ")
	}
	touching := fmt.Sprintf(`
		SELECT release, started FROM releases r WHERE closed IS NULL AND (service IN (%[2]s)
			OR EXISTS (SELECT 1 FROM release_environments e WHERE e.release = r.release AND e.started = r.started AND e.environment IN (%[1]s))
			OR EXISTS (SELECT 1 FROM release_items i WHERE i.release = r.release AND i.started = r.started AND i.item IN (%[2]s)))`,
		among(environments), among(items))
	return readStarts(ctx, tx, touching, args...)
}

// readStarts gives the open releases whose starts a statement finds, the oldest first.
func readStarts(ctx context.Context, tx *sql.Tx, found string, args ...any) ([]release.OpenRelease, error) {
	starts, err := query(ctx, tx, func(rows *sql.Rows) (s start, err error) {
		err = rows.Scan(&s.release, stored{&s.at})
		return s, err
	}, found+" ORDER BY started, release", args...)
	if err != nil || len(starts) == 0 {
		return nil, err
	}
	items, environments, err := readScopes(ctx, tx, found, args...)
	if err != nil {
		return nil, err
	}
	var list []release.OpenRelease
	for _, s := range starts {
		list = append(list, release.OpenRelease{ID: s.release, Started: s.at, ConfigurationItems: items[s], Environments: environments[s]})
	}
	return list, nil
}

// start is one start of a release, with its time as the database has it.
type start struct {
	release string
	at      time.Time
}

// ofStarts finds what a table of parts has of the starts that a statement finds.
const ofStarts = `SELECT release, started, %s FROM %s WHERE (release, started) IN (%s) ORDER BY release, started, position`

// readScopes gives the configuration items and the environments of the starts that
// a statement finds.
func readScopes(ctx context.Context, tx *sql.Tx, starts string, args ...any) (items, environments map[start][]string, err error) {
	if items, err = byStart(ctx, tx, fmt.Sprintf(ofStarts, "item", "release_items", starts), args...); err != nil {
		return nil, nil, err
	}
	environments, err = byStart(ctx, tx, fmt.Sprintf(ofStarts, "environment", "release_environments", starts), args...)
	return items, environments, err
}

func readEnded(ctx context.Context, tx *sql.Tx, service string) ([]release.Outcome, error) {
	const ended = `
		SELECT coalesce(outcome, '') FROM releases WHERE service = $1 AND closed IS NOT NULL
		ORDER BY closed DESC, at DESC, release DESC LIMIT $2`
	return query(ctx, tx, func(rows *sql.Rows) (o release.Outcome, err error) {
		err = rows.Scan(&o)
		return o, err
	}, ended, service, endedLimit)
}

// byStart gives the last column of all rows by the start that they begin with.
func byStart(ctx context.Context, tx *sql.Tx, sentence string, args ...any) (map[start][]string, error) {
	type part struct {
		of   start
		text string
	}
	found, err := query(ctx, tx, func(rows *sql.Rows) (p part, err error) {
		err = rows.Scan(&p.of.release, stored{&p.of.at}, &p.text)
		return p, err
	}, sentence, args...)
	groups := map[start][]string{}
	for _, p := range found {
		groups[p.of] = append(groups[p.of], p.text)
	}
	return groups, err
}

// query gives all rows that a statement finds.
func query[T any](ctx context.Context, tx *sql.Tx, scan func(*sql.Rows) (T, error), sentence string, args ...any) ([]T, error) {
	rows, err := tx.QueryContext(ctx, sentence, args...)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, scan)
}

func scanAll[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) ([]T, error) {
	defer rows.Close()
	var list []T
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, rows.Err()
}

// readNames gives the names that a statement with one column finds.
func readNames(ctx context.Context, tx *sql.Tx, sentence string, args ...any) ([]string, error) {
	return query(ctx, tx, func(rows *sql.Rows) (name string, err error) {
		err = rows.Scan(&name)
		return name, err
	}, sentence, args...)
}

// stored reads a time as a database gives back what stamp wrote.
type stored struct{ to *time.Time }

// Scan takes NULL for the zero time.
func (s stored) Scan(value any) (err error) {
	switch value := value.(type) {
	case nil:
		*s.to = time.Time{}
	case time.Time:
		*s.to = value.UTC()
	case string:
		*s.to, err = time.Parse(timeForm, value)
	default:
		err = fmt.Errorf("a time is stored as %T", value)
	}
	return err
}

package cms

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"slipway/release/figures"
)

// ReleaseFacts gives what figures are worked out from, all of it as it was at one moment.
// Each table is read once, whatever the number of releases, and two tables at a time where
// the database allows it: each fills in something else of the facts.
func (s *Store) ReleaseFacts(ctx context.Context, q figures.Query) (facts []figures.Fact, err error) {
	err = s.views(ctx, func(views ...*sql.Tx) error {
		first := &factReader{ctx: ctx, tx: views[0], query: q}
		if err := first.starts(); err != nil || len(first.facts) == 0 {
			return err
		}
		facts = first.facts
		readers := []*factReader{first}
		for _, tx := range views[1:] {
			readers = append(readers, &factReader{ctx: ctx, tx: tx, query: q, facts: facts})
		}
		return sideBySide(readers, factTables)
	})
	if err != nil {
		return nil, fmt.Errorf("cms: facts of releases: %w", err)
	}
	return facts, nil
}

// factTables are read after the starts; those that take longest come first.
var factTables = []func(*factReader) error{
	(*factReader).waits, (*factReader).runs, (*factReader).assets, (*factReader).tests, (*factReader).steps, (*factReader).stages,
	(*factReader).audits, (*factReader).performance, (*factReader).environments, (*factReader).builds, (*factReader).incidents,
	(*factReader).calls, (*factReader).supports, (*factReader).ratings, (*factReader).efforts, (*factReader).live,
}

// ReleaseNames gives the services, release types and environments that there were releases
// of, by name.
func (s *Store) ReleaseNames(ctx context.Context) (n figures.Names, err error) {
	err = s.view(ctx, func(tx *sql.Tx) error {
		for list, sentence := range map[*[]string]string{
			&n.Services:     `SELECT DISTINCT service FROM releases ORDER BY 1`,
			&n.Types:        `SELECT DISTINCT model FROM releases ORDER BY 1`,
			&n.Environments: `SELECT DISTINCT environment FROM release_environments ORDER BY 1`,
		} {
			if *list, err = readNames(ctx, tx, sentence); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("cms: names of services, release types and environments: %w", err)
	}
	return n, nil
}

// wanted numbers the starts that a query is about, with when the next start of the same
// release began: what was written before then belongs to the one before. Audits on demand
// alone come after a release was closed; they bring all its starts.
const wanted = `
	WITH spans AS (
		SELECT release, started, closed, service, model,
			LEAD(started) OVER (PARTITION BY release ORDER BY started) AS next
		FROM releases
	), wanted AS (
		SELECT ROW_NUMBER() OVER (ORDER BY started, release) AS n, release, started, closed, next
		FROM spans
		WHERE started < $2
			AND (closed IS NULL OR closed >= $1 OR release IN (
				SELECT release FROM audits WHERE occasion = 'on demand' AND audited >= $1 AND audited < $2))
			AND (service = $3 OR $3 = '') AND (model = $4 OR $4 = '')
			AND ($5 = '' OR EXISTS (
				SELECT 1 FROM release_environments AS e
				WHERE e.release = spans.release AND e.started = spans.started AND e.environment = $5))
			AND (started, release) > ($6, $7)
		ORDER BY started, release LIMIT $8
	)`

// Rows belong to a start by its time where they name it, and else by their own time.
const (
	byStarted = ` AS t ON t.release = w.release AND t.started = w.started`
	byTime    = ` AS t ON t.release = w.release AND t.at >= w.started AND (w.next IS NULL OR t.at < w.next)`
)

// factReader fills facts in, a table at a time.
type factReader struct {
	ctx   context.Context
	tx    *sql.Tx
	query figures.Query
	facts []figures.Fact
}

// each reads the rows of a statement, whose first column is the number of the start, into
// the places given, and keeps each of them.
func (r *factReader) each(sentence string, keep func(f *figures.Fact), into ...any) error {
	return r.scan(sentence, func(n int) error {
		if n > len(r.facts) {
			return fmt.Errorf("there are %d starts, and a row of number %d", len(r.facts), n)
		}
		keep(&r.facts[n-1])
		return nil
	}, into...)
}

func (r *factReader) scan(sentence string, visit func(n int) error, into ...any) error {
	q := r.query
	limit, after := int64(math.MaxInt32), q.After
	if q.Limit > 0 {
		limit = int64(q.Limit)
	}
	if after.Started.IsZero() {
		after.Started = time.Time{}.Add(time.Second) // before every start, and not zero
	}
	rows, err := r.tx.QueryContext(r.ctx, wanted+sentence, stamp(q.Since), stamp(q.Until), q.Service, q.Type, q.Environment,
		stamp(after.Started), after.Release, limit)
	if err != nil {
		return err
	}
	defer rows.Close()
	var n int
	places := append([]any{&n}, into...)
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		if err := visit(n); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *factReader) starts() error {
	var f figures.Fact
	return r.scan(`
		SELECT w.n, t.release, t.started, t.closed, t.service, t.model, coalesce(t.outcome, ''), t.emergency
		FROM wanted AS w JOIN releases`+byStarted+` ORDER BY w.n`,
		func(int) error { r.facts = append(r.facts, f); return nil },
		&f.Release, stored{&f.Started}, stored{&f.Closed}, &f.Service, &f.Type, &f.Outcome, &f.Emergency)
}

func (r *factReader) environments() error {
	var name string
	return r.each(`
		SELECT w.n, t.environment FROM wanted AS w JOIN release_environments`+byStarted+` ORDER BY w.n, t.position`,
		func(f *figures.Fact) { f.Environments = append(f.Environments, name) }, &name)
}

// span reads milliseconds.
type span struct{ to *time.Duration }

// Scan takes NULL for no time.
func (s span) Scan(value any) error {
	var n sql.NullInt64
	if err := n.Scan(value); err != nil {
		return err
	}
	*s.to = time.Duration(n.Int64) * time.Millisecond
	return nil
}

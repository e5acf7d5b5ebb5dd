package cms

import (
	"context"
	"database/sql"
	"strings"

	"slipway/release/records"
)

// incidentName is how an incident is told from all others, in SQL.
const incidentName = `release || '/' || environment || '/' || incident`

func (a *asker) incidents(ctx context.Context, r records.Incidents) error {
	if err := a.needRelease(ctx, r.Release); err != nil {
		return err
	}
	if err := a.needService(ctx, r.Service); err != nil {
		return err
	}
	if err := a.needEnvironment(ctx, r.Environment); err != nil {
		return err
	}
	var f filter
	f.optional(`release = ?`, r.Release)
	f.optional(`release IN (SELECT release FROM releases WHERE service = ?)`, r.Service)
	f.optional(`environment = ?`, r.Environment)
	f.optional(`assignee = ?`, r.Assignee)
	if r.Open {
		f.add(`resolved IS NULL`)
	}
	if r.Unrelated != nil {
		f.add(`unrelated = ?`, *r.Unrelated)
	}
	if !r.Since.IsZero() {
		f.add(`opened >= ?`, stamp(r.Since))
	}
	oneOf(&f, "severity", r.Severities)
	oneOf(&f, "defect", r.Defects)
	after, err := a.timed(2)
	if err != nil {
		return err
	}
	if after != nil {
		f.add(`(opened, `+incidentName+`) < (?, ?)`, after...)
	}
	list, err := readIncidents(ctx, a.tx, f, a.Limit+1)
	a.answer.Incidents = page(a, list, func(i records.Incident) string {
		return moment(i.Opened) + between + i.Release + "/" + i.Environment + "/" + i.ID
	})
	return err
}

// oneOf adds that a column is one of some values, unless there are none.
func oneOf[T int | ~string](f *filter, column string, values []T) {
	if len(values) == 0 {
		return
	}
	var args []any
	for _, value := range values {
		args = append(args, value)
	}
	f.add(column+` IN (`+strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ")+`)`, args...)
}

// readIncidents gives the incidents that pass a filter, the latest first.
func readIncidents(ctx context.Context, tx *sql.Tx, f filter, limit int) ([]records.Incident, error) {
	const incidents = `
		SELECT release, environment, incident, severity, coalesce(item, ''), summary, coalesce(defect, ''), person, opened,
			unrelated, resolved, coalesce(resolved_by, ''), coalesce(resolution, ''), coalesce(workaround, ''),
			coalesce(assignee, ''), assigned, coalesce(known_error, ''), coalesce(rfc, '')
		FROM incidents`
	sentence := incidents + f.where() + ` ORDER BY opened DESC, ` + incidentName + ` DESC LIMIT ` + f.arg(limit)
	return query(ctx, tx, func(rows *sql.Rows) (i records.Incident, err error) {
		err = rows.Scan(&i.Release, &i.Environment, &i.ID, &i.Severity, &i.CI, &i.Summary, &i.Defect, &i.By, stored{&i.Opened},
			&i.Unrelated, stored{&i.Resolved}, &i.ResolvedBy, &i.Resolution, &i.Workaround,
			&i.Assignee, stored{&i.Assigned}, &i.KnownError, &i.RFC)
		return i, err
	}, sentence, f.args...)
}

package cms

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/release/records"
)

// How much it counts that a word is found at all, and how much more in the id or the
// summary than in the workaround: two words in a workaround are more than one in an id.
const (
	foundWord    = 10
	foundID      = 4
	foundSummary = 2
)

// knownErrors searches. Errors of the same service, id and summary are the same one,
// whatever releases have it.
func (a *asker) knownErrors(ctx context.Context, r records.KnownErrors) error {
	if err := a.needService(ctx, r.Service); err != nil {
		return err
	}
	begin, err := a.position()
	if err != nil {
		return err
	}
	var f filter
	f.optional(`service = ?`, r.Service)
	score := f.words(r.Words)
	having := ""
	if r.Open {
		having = ` HAVING max(resolved) IS NULL OR max(resolved) < max(found)`
	}
	sentence := `
		SELECT service, known_error, summary, min(found) AS since, max(found), max(resolved), max(` + score + `) AS score
		FROM known_errors` + f.where() + ` GROUP BY service, known_error, summary` + having + `
		ORDER BY score DESC, since DESC, service, known_error, summary LIMIT ` + f.arg(a.Limit+1) + ` OFFSET ` + f.arg(begin)
	list, err := query(ctx, a.tx, func(rows *sql.Rows) (k records.KnownError, err error) {
		var latest time.Time
		var score int
		err = rows.Scan(&k.Service, &k.ID, &k.Summary, stored{&k.Since}, stored{&latest}, stored{&k.Resolved}, &score)
		if k.Resolved.Before(latest) {
			k.Resolved = time.Time{} // it came back since
		}
		return k, err
	}, sentence, f.args...)
	if err != nil {
		return err
	}
	a.answer.KnownErrors = page(a, list, func(records.KnownError) string { return strconv.Itoa(begin + a.Limit) })
	for i := range a.answer.KnownErrors {
		if err := a.knownWhere(ctx, &a.answer.KnownErrors[i]); err != nil {
			return err
		}
	}
	return nil
}

// position is how many rows earlier answers had.
func (a *asker) position() (int, error) {
	if a.After == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(a.After)
	if err != nil || n < 0 {
		return 0, a.noCursor()
	}
	return n, nil
}

// words adds that at least one of the words is found, and gives how well they are, as
// SQL.
func (f *filter) words(words []string) (score string) {
	var scores, found []string
	for _, word := range words {
		if strings.TrimSpace(word) == "" {
			continue
		}
		has := ` LIKE ` + f.arg(containing(strings.TrimSpace(word))) + ` ESCAPE '\'`
		id, summary, workaround := `lower(known_error)`+has, `lower(summary)`+has, `lower(coalesce(workaround, ''))`+has
		found = append(found, id, summary, workaround)
		scores = append(scores, `CASE WHEN `+id+` THEN `+strconv.Itoa(foundWord+foundID)+` WHEN `+summary+` THEN `+
			strconv.Itoa(foundWord+foundSummary)+` WHEN `+workaround+` THEN `+strconv.Itoa(foundWord)+` ELSE 0 END`)
	}
	if len(found) == 0 {
		return "0"
	}
	f.conditions = append(f.conditions, "("+strings.Join(found, " OR ")+")")
	return strings.Join(scores, " + ")
}

// knownWhere adds the releases that have a known error, the workaround that was said
// last, and where it is now.
func (a *asker) knownWhere(ctx context.Context, k *records.KnownError) error {
	const (
		which = ` FROM known_errors WHERE service = $1 AND known_error = $2 AND summary = $3`
		rows  = `
			SELECT release, coalesce(workaround, ''), coalesce(incident, ''), resolved, coalesce(resolution, '')` + which + `
			ORDER BY found DESC, release DESC, environment LIMIT $4`
		runs = `
			SELECT environment, release FROM baselines
			WHERE until IS NULL AND service = $1 AND release IN (SELECT release` + which + `) ORDER BY environment`
	)
	type knownIn struct {
		release, workaround, incident, resolution string
		resolved                                  time.Time
	}
	all, err := query(ctx, a.tx, func(rows *sql.Rows) (in knownIn, err error) {
		err = rows.Scan(&in.release, &in.workaround, &in.incident, stored{&in.resolved}, &in.resolution)
		return in, err
	}, rows, k.Service, k.ID, k.Summary, namesRead)
	for _, in := range all {
		if !slices.Contains(k.Releases, in.release) && len(k.Releases) < listed {
			k.Releases = append(k.Releases, in.release)
		}
		if k.Workaround == "" {
			k.Workaround = in.workaround
		}
		if k.Incident == "" && in.incident != "" {
			k.Incident = in.release + "/" + in.incident
		}
		if !k.Resolved.IsZero() && in.resolved.Equal(k.Resolved) {
			k.Resolution = in.resolution
		}
	}
	if err != nil {
		return err
	}
	k.Runs, err = query(ctx, a.tx, func(rows *sql.Rows) (r records.Running, err error) {
		err = rows.Scan(&r.Environment, &r.Release)
		return r, err
	}, runs, k.Service, k.ID, k.Summary)
	return err
}

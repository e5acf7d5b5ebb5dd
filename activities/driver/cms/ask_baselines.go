package cms

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"time"

	"slipway/release"
	"slipway/release/records"
)

// placements is what ran where, and when, as the view baselines has it, with what tells
// its rows.
const placements = `
	SELECT key, seq, environment, service, runs, version, coalesce(package, '') AS package, since, until, release AS set_by
	FROM (
		SELECT *, at AS since, LEAD(at) OVER (PARTITION BY environment, service ORDER BY at, seq) AS until
		FROM baseline_changes
	) AS changes
	WHERE runs IS NOT NULL AND (until > at OR until IS NULL)`

// placed is a placement with what tells its row.
type placed struct {
	records.Placement
	key string
	seq int64
}

func (a *asker) baselines(ctx context.Context, r records.Baselines) error {
	if err := a.needEnvironment(ctx, r.Environment); err != nil {
		return err
	}
	if err := a.needService(ctx, r.Service); err != nil {
		return err
	}
	var f filter
	f.optional(`environment = ?`, r.Environment)
	f.optional(`service = ?`, r.Service)
	var err error
	if r.History {
		a.answer.Baselines, err = a.everPlaced(ctx, f)
		return err
	}
	if r.At.IsZero() {
		f.add(`until IS NULL`)
	} else {
		f.add(`since <= ? AND (until > ? OR until IS NULL)`, stamp(r.At), stamp(r.At))
	}
	a.answer.Baselines, err = a.placedByName(ctx, f)
	return err
}

// everPlaced gives a page of what ran, the latest first.
func (a *asker) everPlaced(ctx context.Context, f filter) ([]records.Placement, error) {
	after, err := a.timed(2)
	if err != nil {
		return nil, err
	}
	if after != nil {
		if after[1], err = strconv.ParseInt(after[1].(string), 10, 64); err != nil {
			return nil, a.noCursor()
		}
		f.add(`(since, seq) < (?, ?)`, after...)
	}
	list, err := a.placements(ctx, f, `since DESC, seq DESC`, a.Limit+1)
	if err != nil {
		return nil, err
	}
	return a.whole(ctx, page(a, list, func(p placed) string { return moment(p.Since) + between + strconv.FormatInt(p.seq, 10) }))
}

// placedByName gives a page of what ran at one time, by environment and service.
func (a *asker) placedByName(ctx context.Context, f filter) ([]records.Placement, error) {
	after, err := a.cursor(2)
	if err != nil {
		return nil, err
	}
	if after != nil {
		f.add(`(environment, service) > (?, ?)`, after[0], after[1])
	}
	list, err := a.placements(ctx, f, `environment, service`, a.Limit+1)
	if err != nil {
		return nil, err
	}
	return a.whole(ctx, page(a, list, func(p placed) string { return p.Environment + between + p.Service }))
}

func (a *asker) placements(ctx context.Context, f filter, order string, limit int) ([]placed, error) {
	sentence := `
		SELECT key, seq, environment, service, runs, coalesce(version, ''), package, since, until, set_by
		FROM (` + placements + `) AS placements` + f.where() + ` ORDER BY ` + order + ` LIMIT ` + f.arg(limit)
	return query(ctx, a.tx, func(rows *sql.Rows) (p placed, err error) {
		err = rows.Scan(&p.key, &p.seq, &p.Environment, &p.Service, &p.Release, &p.Version, &p.Package,
			stored{&p.Since}, stored{&p.Until}, &p.SetBy)
		return p, err
	}, sentence, f.args...)
}

// whole adds who authorized what ran, which changes it carried out, and which targets
// held something else.
func (a *asker) whole(ctx context.Context, list []placed) ([]records.Placement, error) {
	all := make([]records.Placement, len(list))
	for i, p := range list {
		var err error
		if p.Authorized, err = a.authorized(ctx, p.Release, release.DeployGate(p.Environment), p.Since); err != nil {
			return nil, err
		}
		if p.RFCs, err = a.names(ctx, `SELECT DISTINCT rfc FROM release_rfcs WHERE release = $1 ORDER BY rfc`, p.Release); err != nil {
			return nil, err
		}
		if p.Others, err = a.exceptions(ctx, p.key); err != nil {
			return nil, err
		}
		all[i] = p.Placement
	}
	return all, nil
}

// exceptionsNamed is how many targets that hold something else are named.
const exceptionsNamed = 20

// exceptions gives the targets that hold something else since a change of a baseline.
func (a *asker) exceptions(ctx context.Context, key string) ([]records.Exception, error) {
	const others = `
		SELECT coalesce(version, ''), target, count(*) OVER (PARTITION BY version)
		FROM baseline_targets WHERE key = $1 ORDER BY position LIMIT $2`
	list, err := query(ctx, a.tx, func(rows *sql.Rows) (x records.Exception, err error) {
		x.Targets = []string{""}
		err = rows.Scan(&x.Version, &x.Targets[0], &x.Count)
		return x, err
	}, others, key, exceptionsNamed)
	var grouped []records.Exception
	for _, x := range list {
		i := slices.IndexFunc(grouped, func(g records.Exception) bool { return g.Version == x.Version })
		if i < 0 {
			grouped = append(grouped, x)
			continue
		}
		grouped[i].Targets = append(grouped[i].Targets, x.Targets...)
	}
	return grouped, err
}

// authorized gives who authorized a release at a gate, before something happened. It is
// zero when nobody did: then nothing is known of such a gate.
func (a *asker) authorized(ctx context.Context, id, gate string, before time.Time) (records.Authorized, error) {
	const (
		decided = `
			SELECT decision, decided, policy, opened FROM gates
			WHERE release = $1 AND gate = $2 AND decision IN ($3, $4) AND decided <= $5
			ORDER BY opened DESC LIMIT 1`
		votes = `
			SELECT person, coalesce(decision, '') FROM authorizations
			WHERE release = $1 AND gate = $2 AND counted = $3 AND acted >= $4 AND acted <= $5 ORDER BY acted, seq`
	)
	found := records.Authorized{Gate: gate}
	var opened time.Time
	err := a.tx.QueryRowContext(ctx, decided, id, gate, string(release.Authorize), string(release.PreAuthorized), stamp(before)).
		Scan(&found.Decision, stored{&found.At}, &found.Policy, stored{&opened})
	if errors.Is(err, sql.ErrNoRows) {
		return records.Authorized{}, nil
	}
	if err != nil {
		return records.Authorized{}, err
	}
	type vote struct {
		person   string
		decision release.Decision
	}
	ledger, err := query(ctx, a.tx, func(rows *sql.Rows) (v vote, err error) {
		err = rows.Scan(&v.person, &v.decision)
		return v, err
	}, votes, id, gate, true, stamp(opened), stamp(found.At))
	for _, v := range ledger { // of each person the last one counts
		found.By = slices.DeleteFunc(found.By, func(by string) bool { return by == v.person })
		if v.decision == release.Authorize {
			found.By = append(found.By, v.person)
		}
	}
	return found, err
}

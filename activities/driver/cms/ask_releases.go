package cms

import (
	"context"
	"database/sql"
	"fmt"

	"slipway/release"
	"slipway/release/records"
)

// latestFirst is the order of the starts of releases.
const latestFirst = ` ORDER BY started DESC, release DESC LIMIT `

func (a *asker) releases(ctx context.Context, r records.Releases) error {
	if err := a.needService(ctx, r.Service); err != nil {
		return err
	}
	if err := a.needEnvironment(ctx, r.Environment); err != nil {
		return err
	}
	var f filter
	f.optional(`service = ?`, r.Service)
	f.optional(`model = ?`, r.Model)
	f.optional(`outcome = ?`, string(r.Outcome))
	if r.Open {
		f.add(`closed IS NULL`)
	}
	if !r.Since.IsZero() {
		f.add(`started >= ?`, stamp(r.Since))
	}
	f.optional(`(release, started) IN (SELECT release, started FROM release_environments WHERE environment = ?)`, r.Environment)
	if r.RFC != "" {
		f.add(`((release, started) IN (SELECT release, started FROM release_rfcs WHERE rfc = ?)
			OR release IN (SELECT release FROM raised_rfcs WHERE rfc = ?))`, r.RFC, r.RFC)
	}
	if r.Person != "" {
		f.add(`(requester = ? OR manager = ? OR release IN (SELECT release FROM actions WHERE person = ?))`, r.Person, r.Person, r.Person)
	}
	after, err := a.timed(2)
	if err != nil {
		return err
	}
	if after != nil {
		f.add(`(started, release) < (?, ?)`, after...)
	}
	list, err := readReleases(ctx, a.tx, f, a.Limit+1)
	if err != nil {
		return err
	}
	found := make([]records.Release, len(list))
	for i, s := range list {
		found[i] = records.Release{ID: release.ID(s.Service, s.Version), State: s}
	}
	a.answer.Releases = page(a, found, func(r records.Release) string { return moment(r.Started) + between + r.ID })
	return nil
}

// readReleases gives the starts that pass a filter, the latest first.
func readReleases(ctx context.Context, tx *sql.Tx, f filter, limit int) ([]release.State, error) {
	const states = `
		SELECT service, version, coalesce(title, ''), model, requester, manager, phase, coalesce(outcome, ''),
			coalesce(reason, ''), risk, coalesce(plan, ''), coalesce(package, ''), emergency, started, closed`
	found := ` FROM releases` + f.where() + latestFirst + f.arg(limit)
	list, err := query(ctx, tx, func(rows *sql.Rows) (s release.State, err error) {
		err = rows.Scan(&s.Service, &s.Version, &s.Title, &s.Model, &s.Requester, &s.Manager, &s.Phase, &s.Outcome,
			&s.Reason, &s.Risk, &s.PlanDigest, &s.Package, &s.Emergency, stored{&s.Started}, stored{&s.Closed})
		return s, err
	}, states+found, f.args...)
	if err != nil {
		return nil, err
	}
	starts := `SELECT release, started` + found
	items, environments, err := readScopes(ctx, tx, starts, f.args...)
	if err != nil {
		return nil, err
	}
	rfcs, err := byStart(ctx, tx, fmt.Sprintf(ofStarts, "rfc", "release_rfcs", starts), f.args...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		of := start{release.ID(list[i].Service, list[i].Version), list[i].Started}
		list[i].ConfigurationItems, list[i].Environments, list[i].RFCs = items[of], environments[of], rfcs[of]
	}
	return list, nil
}

package cms

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"slipway/release/records"
)

// listed is how many releases, RFCs and incidents the history of an item lists.
const listed = 50

// item gives what is recorded about a configuration item: all of it, but of what ran
// where a page.
func (a *asker) item(ctx context.Context, r records.Item) error {
	kinds, name, err := a.named(ctx, r)
	if err != nil {
		return err
	}
	h := &records.History{Name: name, Kinds: kinds}
	a.answer.Item = h
	for _, kind := range kinds {
		about, err := a.about(ctx, kind, name)
		if err != nil {
			return err
		}
		if about != "" {
			h.About = append(h.About, string(kind)+": "+about)
		}
	}
	of := itemScope{name: name, kinds: kinds}
	for _, read := range []func(context.Context, *records.History, itemScope) error{
		a.itemRuns, a.itemReleases, a.itemRFCs, a.itemIncidents,
	} {
		if err := read(ctx, h, of); err != nil {
			return err
		}
	}
	return nil
}

// itemScope is what has to do with an item, as conditions.
type itemScope struct {
	name  string
	kinds []records.ItemKind
}

// releases is the condition, with its arguments, that a column names a release that had to
// do with the item.
func (s itemScope) releases(column string) (condition string, args []any) {
	touched := map[records.ItemKind]string{
		records.ItemService:   `SELECT release FROM releases WHERE service = ?`,
		records.ItemDeclared:  `SELECT release FROM release_items WHERE item = ?`,
		records.ItemComponent: `SELECT release FROM components WHERE component = ?`,
		records.ItemPackage:   `SELECT release FROM builds WHERE package = ? UNION SELECT runs FROM baseline_changes WHERE package = ? AND runs IS NOT NULL`,
	}
	var parts []string
	for _, kind := range s.kinds {
		parts = append(parts, touched[kind])
		for range strings.Count(touched[kind], "?") {
			args = append(args, s.name)
		}
	}
	return column + ` IN (` + strings.Join(parts, ` UNION `) + `)`, args
}

// itemRuns adds what runs now, and what ever did.
func (a *asker) itemRuns(ctx context.Context, h *records.History, of itemScope) error {
	condition, args := of.releases(`runs`)
	if slices.Equal(of.kinds, []records.ItemKind{records.ItemPackage}) {
		condition, args = `package = ?`, []any{of.name}
	}
	var now, ever filter
	now.add(condition, args...)
	now.add(`until IS NULL`)
	ever.add(condition, args...)
	list, err := a.placements(ctx, now, `environment, service`, records.MostRows)
	if err != nil {
		return err
	}
	if h.Runs, err = a.whole(ctx, list); err != nil {
		return err
	}
	if h.Placed, err = a.everPlaced(ctx, ever); err != nil || !slices.Contains(of.kinds, records.ItemComponent) {
		return err
	}
	for _, placed := range [][]records.Placement{h.Runs, h.Placed} {
		for i := range placed {
			const source = `SELECT source FROM components WHERE package = $1 AND component = $2 ORDER BY acquired DESC, key DESC LIMIT 1`
			found, err := a.names(ctx, source, string(placed[i].Package), of.name)
			if err != nil {
				return err
			}
			placed[i].Source = strings.Join(found, "")
		}
	}
	return nil
}

// itemReleases adds the releases that had to do with the item.
func (a *asker) itemReleases(ctx context.Context, h *records.History, of itemScope) error {
	var f filter
	condition, args := of.releases(`release`)
	f.add(condition, args...)
	count, err := a.count(ctx, `releases`, f)
	if err != nil {
		return err
	}
	sentence := `SELECT release, started, phase, coalesce(outcome, '') FROM releases` + f.where() + latestFirst + f.arg(listed)
	h.Releases, err = query(ctx, a.tx, func(rows *sql.Rows) (s records.Started, err error) {
		err = rows.Scan(&s.ID, stored{&s.Started}, &s.Phase, &s.Outcome)
		return s, err
	}, sentence, f.args...)
	h.MoreReleases = count - len(h.Releases)
	return err
}

// itemRFCs adds the requests for change behind these releases, and those that were
// raised about the item or because of these releases.
func (a *asker) itemRFCs(ctx context.Context, h *records.History, of itemScope) error {
	var f filter
	condition, args := of.releases(`release`)
	f.add(condition, args...)
	carriedOut := `SELECT rfc FROM release_rfcs` + f.where()
	raised := `SELECT rfc FROM raised_rfcs` + f.where() + ` OR item = ` + f.arg(of.name)
	all, err := a.names(ctx, fmt.Sprintf(`SELECT rfc FROM (%s UNION %s) AS rfcs ORDER BY rfc LIMIT %s`, carriedOut, raised, f.arg(namesRead)), f.args...)
	h.RFCs = all[:min(len(all), listed)]
	h.MoreRFCs = len(all) - len(h.RFCs)
	return err
}

// itemIncidents adds the incidents about the item, and of a service or package those of
// their releases.
func (a *asker) itemIncidents(ctx context.Context, h *records.History, of itemScope) error {
	condition, args := `item = ?`, []any{of.name}
	own := itemScope{name: of.name, kinds: slices.DeleteFunc(slices.Clone(of.kinds), func(k records.ItemKind) bool {
		return k != records.ItemService && k != records.ItemPackage
	})}
	if len(own.kinds) > 0 {
		theirs, more := own.releases(`release`)
		condition, args = `(`+condition+` OR `+theirs+`)`, append(args, more...)
	}
	var f filter
	f.add(condition, args...)
	count, err := a.count(ctx, `incidents`, f)
	if err != nil {
		return err
	}
	h.Incidents, err = readIncidents(ctx, a.tx, f, listed)
	h.MoreIncidents = count - len(h.Incidents)
	return err
}

// count gives how many rows of a table pass a filter.
func (a *asker) count(ctx context.Context, table string, f filter) (n int, err error) {
	err = a.tx.QueryRowContext(ctx, `SELECT count(*) FROM `+table+f.where(), f.args...).Scan(&n)
	return n, err
}

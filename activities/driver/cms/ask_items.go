package cms

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"slipway/release"
	"slipway/release/records"
)

// allItems are the configuration items: a row for each release that had to do with one.
const allItems = `
	SELECT 'service' AS kind, service AS name, release, started AS moment FROM releases
	UNION ALL SELECT 'ci', item, release, started FROM release_items
	UNION ALL SELECT 'component', component, release, acquired FROM components
	UNION ALL SELECT 'package', package, release, at FROM builds WHERE package IS NOT NULL
	UNION ALL SELECT 'package', package, runs, at FROM baseline_changes WHERE package IS NOT NULL`

func (a *asker) items(ctx context.Context, r records.Items) error {
	var f filter
	f.optional(`kind = ?`, string(r.Kind))
	if r.Containing != "" {
		f.add(`lower(name) LIKE ? ESCAPE '\'`, containing(r.Containing))
	}
	after, err := a.cursor(2)
	if err != nil {
		return err
	}
	if after != nil {
		f.add(`(kind, name) > (?, ?)`, after[0], after[1])
	}
	sentence := `SELECT kind, name, count(DISTINCT release), max(moment) FROM (` + allItems + `) AS items` +
		f.where() + ` GROUP BY kind, name ORDER BY kind, name LIMIT ` + f.arg(a.Limit+1)
	list, err := query(ctx, a.tx, func(rows *sql.Rows) (i records.ItemRow, err error) {
		err = rows.Scan(&i.Kind, &i.Name, &i.Releases, stored{&i.Latest})
		return i, err
	}, sentence, f.args...)
	if err != nil {
		return err
	}
	a.answer.Items = page(a, list, func(i records.ItemRow) string { return string(i.Kind) + between + i.Name })
	for i := range a.answer.Items {
		if a.answer.Items[i].About, err = a.about(ctx, a.answer.Items[i].Kind, a.answer.Items[i].Name); err != nil {
			return err
		}
	}
	return nil
}

// about says what an item is; empty when there is nothing to say.
func (a *asker) about(ctx context.Context, kind records.ItemKind, name string) (string, error) {
	sentence := map[records.ItemKind]string{
		records.ItemService:   `SELECT coalesce(title, '') FROM releases WHERE service = $1 ORDER BY started DESC LIMIT 1`,
		records.ItemComponent: `SELECT source FROM components WHERE component = $1 ORDER BY acquired DESC, key DESC LIMIT 1`,
		records.ItemPackage:   `SELECT tag FROM packages WHERE package = $1`,
	}[kind]
	if sentence == "" {
		return "", nil
	}
	found, err := a.names(ctx, sentence, name)
	return strings.Join(found, ""), err
}

// named finds what a request names: the kinds of items of that name, and the whole name.
func (a *asker) named(ctx context.Context, r records.Item) (kinds []records.ItemKind, name string, err error) {
	if name, err = a.wholeDigest(ctx, r.Name); err != nil {
		return nil, "", err
	}
	var f filter
	f.add(`name = ?`, name)
	f.optional(`kind = ?`, string(r.Kind))
	found, err := a.names(ctx, `SELECT DISTINCT kind FROM (`+allItems+`) AS items`+f.where(), f.args...)
	for _, kind := range records.ItemKinds {
		if slices.Contains(found, string(kind)) {
			kinds = append(kinds, kind)
		}
	}
	if err != nil || len(kinds) > 0 {
		return kinds, name, err
	}
	var those filter
	those.optional(`kind = ?`, string(r.Kind))
	if r.Kind == "" {
		those.add(`kind <> ?`, string(records.ItemPackage))
	}
	sentence := `SELECT DISTINCT name FROM (` + allItems + `) AS items` + those.where() + ` ORDER BY name LIMIT ` + those.arg(namesRead)
	known, err := a.names(ctx, sentence, those.args...)
	if err != nil {
		return nil, "", err
	}
	return nil, "", unknown("configuration item", r.Name, known)
}

// wholeDigest gives the package that the first digits of a digest name; what is none,
// or none of a package, is given back as it is.
func (a *asker) wholeDigest(ctx context.Context, name string) (string, error) {
	digits := strings.TrimPrefix(strings.ToLower(name), "sha256:")
	if !release.Digest("sha256:"+digits).Matches(digits) || strings.Trim(digits, "0123456789abcdef") != "" {
		return name, nil
	}
	found, err := a.names(ctx, `SELECT package FROM packages WHERE package LIKE $1 ORDER BY package LIMIT 2`, "sha256:"+digits+"%")
	switch {
	case err != nil || len(found) == 0:
		return name, err
	case len(found) > 1:
		return "", release.Refusef("several packages begin with %s: give more of the digest", name)
	}
	return found[0], nil
}

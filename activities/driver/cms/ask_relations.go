package cms

import (
	"cmp"
	"context"
	"database/sql"
	"strings"

	"slipway/release"
	"slipway/release/records"
)

// edgesOfNode is how many edges of one node are followed each way; an environment has
// as many as there are releases.
const edgesOfNode = 50

// relations follows the edges from a node, both ways, as far as is asked and until
// there are as many as an answer may have.
func (a *asker) relations(ctx context.Context, r records.Relations) error {
	root, err := a.node(ctx, r.Node)
	if err != nil {
		return err
	}
	tree := &records.Tree{Root: root, Edges: []records.Edge{}}
	a.answer.Relations = tree
	seen, reached := map[records.Edge]bool{}, map[records.Node]bool{root: true}
	for front, depth := []records.Node{root}, cmp.Or(r.Depth, 1); depth > 0 && len(front) > 0; depth-- {
		var next []records.Node
		for _, n := range front {
			edges, more, err := a.edges(ctx, n)
			if err != nil {
				return err
			}
			for _, e := range edges {
				if seen[e] {
					continue
				}
				if len(tree.Edges) == records.MostRows {
					more++
					continue
				}
				seen[e] = true
				tree.Edges = append(tree.Edges, e)
				if other := e.Other(n); !reached[other] {
					reached[other] = true
					next = append(next, other)
				}
			}
			if more > 0 {
				tree.More = append(tree.More, records.More{Node: n, Count: more})
			}
		}
		front = next
	}
	return nil
}

// edges gives the edges of a node, both ways, and how many more it has.
func (a *asker) edges(ctx context.Context, n records.Node) (all []records.Edge, more int, err error) {
	for _, end := range []string{"from", "to"} {
		of := ` FROM relationships WHERE ` + end + `_kind = $1 AND ` + end + `_name = $2`
		list, err := query(ctx, a.tx, func(rows *sql.Rows) (e records.Edge, err error) {
			err = rows.Scan(&e.From.Kind, &e.From.Name, &e.Relation, &e.To.Kind, &e.To.Name)
			return e, err
		}, `SELECT from_kind, from_name, relation, to_kind, to_name`+of+` ORDER BY relation, from_kind, from_name DESC, to_kind, to_name DESC LIMIT $3`,
			n.Kind, n.Name, edgesOfNode+1)
		if err != nil {
			return nil, 0, err
		}
		if len(list) > edgesOfNode {
			var count int
			if err := a.tx.QueryRowContext(ctx, `SELECT count(*)`+of, n.Kind, n.Name).Scan(&count); err != nil {
				return nil, 0, err
			}
			list, more = list[:edgesOfNode], more+count-edgesOfNode
		}
		all = append(all, list...)
	}
	return all, more, nil
}

// node finds what a request names: a package by the first digits of its digest, an
// incident or known error by its own id where only one has it.
func (a *asker) node(ctx context.Context, n records.Node) (records.Node, error) {
	if n.Kind == "package" {
		whole, err := a.wholeDigest(ctx, n.Name)
		if err != nil {
			return n, err
		}
		n.Name = whole
	}
	known, _, err := a.edges(ctx, n)
	if err != nil || len(known) > 0 {
		return n, err
	}
	const all = `
		SELECT from_name AS name FROM relationships WHERE from_kind = $1
		UNION SELECT to_name FROM relationships WHERE to_kind = $1`
	names, err := a.names(ctx, `SELECT name FROM (`+all+`) AS nodes ORDER BY name`, n.Kind)
	if err != nil {
		return n, err
	}
	var ends []string
	for _, name := range names {
		if strings.HasSuffix(name, "/"+n.Name) {
			ends = append(ends, name)
		}
	}
	switch {
	case len(ends) == 1:
		return records.Node{Kind: n.Kind, Name: ends[0]}, nil
	case len(ends) > 1:
		return n, release.Refusef("several are called %s: use one of %s", n.Name, strings.Join(ends[:min(len(ends), namesTold)], ", "))
	}
	return n, unknown(n.Kind, n.Name, names)
}

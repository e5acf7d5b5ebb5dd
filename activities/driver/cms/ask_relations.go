package cms

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
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
	e, err := a.edgeReader(ctx)
	if err != nil {
		return err
	}
	defer e.close()
	root, err := a.node(ctx, e, r.Node)
	if err != nil {
		return err
	}
	tree := &records.Tree{Root: root, Edges: []records.Edge{}}
	a.answer.Relations = tree
	seen, reached := map[records.Edge]bool{}, map[records.Node]bool{root: true}
	for front, depth := []records.Node{root}, cmp.Or(r.Depth, 1); depth > 0 && len(front) > 0; depth-- {
		var next []records.Node
		for _, n := range front {
			edges, more, err := e.of(ctx, n)
			if err != nil {
				return err
			}
			if more > 0 {
				tree.More = append(tree.More, records.More{Node: n, Count: more})
			}
			for _, e := range edges {
				if seen[e] {
					continue
				}
				if tree.Full = len(tree.Edges) == records.MostRows; tree.Full {
					return nil
				}
				seen[e] = true
				tree.Edges = append(tree.Edges, e)
				if other := e.Other(n); !reached[other] {
					reached[other] = true
					next = append(next, other)
				}
			}
		}
		front = next
	}
	return nil
}

// edgeReader reads edges, with statements that are read once.
type edgeReader struct{ list, count [2]*sql.Stmt }

func (a *asker) edgeReader(ctx context.Context) (e edgeReader, err error) {
	for i, end := range []string{"from", "to"} {
		of := ` FROM relationships WHERE ` + end + `_kind = $1 AND ` + end + `_name = $2`
		list := `SELECT from_kind, from_name, relation, to_kind, to_name` + of +
			` ORDER BY relation, from_kind, from_name DESC, to_kind, to_name DESC LIMIT $3`
		if e.list[i], err = a.tx.PrepareContext(ctx, list); err != nil {
			return e, err
		}
		if e.count[i], err = a.tx.PrepareContext(ctx, `SELECT count(*)`+of); err != nil {
			return e, err
		}
	}
	return e, nil
}

// close gives the statements back; that nothing was lost by it shows when the
// transaction ends.
func (e edgeReader) close() {
	for _, s := range slices.Concat(e.list[:], e.count[:]) {
		_ = s.Close()
	}
}

// of gives the edges of a node, both ways, and how many more it has.
func (e edgeReader) of(ctx context.Context, n records.Node) (all []records.Edge, more int, err error) {
	for i := range e.list {
		rows, err := e.list[i].QueryContext(ctx, n.Kind, n.Name, edgesOfNode+1)
		if err != nil {
			return nil, 0, err
		}
		list, err := scanAll(rows, func(rows *sql.Rows) (e records.Edge, err error) {
			err = rows.Scan(&e.From.Kind, &e.From.Name, &e.Relation, &e.To.Kind, &e.To.Name)
			return e, err
		})
		if err != nil {
			return nil, 0, err
		}
		if len(list) > edgesOfNode {
			var count int
			if err := e.count[i].QueryRowContext(ctx, n.Kind, n.Name).Scan(&count); err != nil {
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
func (a *asker) node(ctx context.Context, e edgeReader, n records.Node) (records.Node, error) {
	if n.Kind == "package" {
		whole, err := a.wholeDigest(ctx, n.Name)
		if err != nil {
			return n, err
		}
		n.Name = whole
	}
	known, _, err := e.of(ctx, n)
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

package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/records"
	"slipway/starter"
)

func (a *app) cmsRelationsVerb() *cobra.Command {
	var depth int
	verb := &cobra.Command{
		Use:   "relations KIND NAME",
		Short: "Show what hangs together with a release, a configuration item, an incident …",
		Long: `Show what hangs together with something, as a tree that is followed over --depth
relations, in both directions. KIND is release, package, component, ci, service,
environment, rfc, incident or known-error. A package is named by its digest, of which
12 digits are enough; an incident by RELEASE/ENVIRONMENT/INCIDENT and a known error by
SERVICE/ID, or by the last part alone where only one is called so.`,
		Example: `  starter cms relations release httpbin@2.26.0
  starter cms relations ci httpbin-config --depth 2
  starter cms relations rfc RFC-2041 -o json`,
		Args: func(verb *cobra.Command, args []string) error {
			const both = 2
			if len(args) != both {
				return usage("%s wants a kind and a name, as in: %s", verb.CommandPath(), example(verb))
			}
			return nil
		},
		ValidArgsFunction: a.completeRelations(),
	}
	verb.Flags().IntVar(&depth, "depth", 1, fmt.Sprintf("over how many relations, 1 to %d", records.MostDepth))
	inquire := a.inquire(inquiry{
		Command: verb,
		request: func(args []string) (records.Request, error) {
			if depth < 1 {
				return records.Request{}, usage("--depth %d: use 1 to %d", depth, records.MostDepth)
			}
			return records.Request{Relations: &records.Relations{Node: records.Node{Kind: args[0], Name: args[1]}, Depth: depth}}, nil
		},
		rows: func(found records.Answer) any { return found.Relations.Edges },
		show: func(w io.Writer, found records.Answer) { writeTree(w, *found.Relations) },
	})
	for _, name := range []string{"limit", "after"} { // a tree has no pages
		must(inquire.Flags().MarkHidden(name))
	}
	return inquire
}

// completeRelations offers kinds, and then releases where these are asked for.
func (a *app) completeRelations() cobra.CompletionFunc {
	kinds, releases := fixed(records.NodeKinds), a.completeReleases(false)
	return func(verb *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		switch {
		case len(args) == 0:
			return kinds(verb, args, typed)
		case len(args) == 1 && args[0] == "release":
			return releases(verb, nil, typed)
		case len(args) == 1 && args[0] == "service":
			return a.completeServices()(verb, nil, typed)
		case len(args) == 1 && args[0] == "environment":
			return a.completeEnvironments()(verb, nil, typed)
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeItems offers the names of configuration items.
func (a *app) completeItems() cobra.CompletionFunc {
	return a.completeFirst(func(ctx context.Context, client *starter.Client) ([]cobra.Completion, error) {
		found, err := client.Records(ctx, records.Request{Items: &records.Items{}, Page: records.Page{Limit: records.MostRows}})
		var names []cobra.Completion
		for _, i := range found.Items {
			names = append(names, cobra.CompletionWithDesc(itemName(i.Kind, i.Name), string(i.Kind)))
		}
		return names, err
	})
}

// branch is an edge of a tree as it is shown: under the node from which it was followed.
type branch struct {
	text string
	to   records.Node
	// grows tells that what hangs on the node is shown below this branch.
	grows bool
}

// branches gives the edges of a tree by the node from which they were followed, which
// is the one that was reached first. Each node grows once.
func branches(t records.Tree) map[records.Node][]branch {
	reached, all := map[records.Node]int{t.Root: 0}, map[records.Node][]branch{}
	for _, e := range t.Edges {
		at, text := e.From, e.Relation+" "+nodeText(e.To)
		from, known := reached[e.From]
		if to, toKnown := reached[e.To]; toKnown && (!known || to < from) {
			at, text = e.To, "← "+nodeText(e.From)+" "+e.Relation+" it"
		}
		b := branch{text: text, to: e.Other(at)}
		if _, known := reached[b.to]; !known {
			reached[b.to], b.grows = len(reached), true
		}
		all[at] = append(all[at], b)
	}
	return all
}

// writeTree shows a tree from its root.
func writeTree(w io.Writer, t records.Tree) {
	fmt.Fprintln(w, nodeText(t.Root))
	all := branches(t)
	var grow func(at records.Node, margin string)
	grow = func(at records.Node, margin string) {
		for _, b := range all[at] {
			fmt.Fprintln(w, margin+b.text)
			if b.grows {
				grow(b.to, margin+"  ")
			}
		}
		if i := slices.IndexFunc(t.More, func(m records.More) bool { return m.Node == at }); i >= 0 {
			fmt.Fprintf(w, "%sand %s more\n", margin, release.ManyOf(t.More[i].Count, "relation"))
		}
	}
	grow(t.Root, "  ")
	if t.Full {
		fmt.Fprintf(w, "and more: these are the first %d relations; use a smaller --depth, or begin elsewhere\n", len(t.Edges))
	}
}

// nodeText names something of the CMS: "release httpbin@2.26.0".
func nodeText(n records.Node) string {
	if n.Kind == string(records.ItemPackage) {
		return n.Kind + " " + release.Digest(n.Name).Short()
	}
	return n.Kind + " " + oneLine(n.Name)
}

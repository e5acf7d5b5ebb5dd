package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/records"
)

func (a *app) cmsItemsVerb() *cobra.Command {
	var kind, containing string
	verb := &cobra.Command{
		Use:   "ci [NAME]",
		Short: "List the configuration items, or tell the history of one",
		Long: `List the configuration items: services, what releases declare that they change (ci),
components with their sources, and release packages. Of one by name its history: which
release put it where and when and who authorized that, what of it runs now, which
requests for change were behind it, and the incidents about it. A package is named by
its digest, of which 12 digits are enough.`,
		Example: `  starter cms ci
  starter cms ci --kind component
  starter cms ci httpbin
  starter cms ci 3f9a0c1b7d22 -o json`,
		Args: func(verb *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("%s wants one configuration item, or none to list them, as in: %s", verb.CommandPath(), example(verb))
			}
			return nil
		},
		ValidArgsFunction: a.completeItems(),
	}
	verb.Flags().StringVar(&kind, "kind", "", "only of this kind: service, ci, component or package")
	verb.Flags().StringVar(&containing, "containing", "", "list only those with this in their names")
	must(verb.RegisterFlagCompletionFunc("kind", fixed(records.ItemKinds)))
	return a.inquire(inquiry{
		Command: verb,
		request: func(args []string) (records.Request, error) {
			if len(args) == 0 {
				return records.Request{Items: &records.Items{Kind: records.ItemKind(kind), Containing: containing}}, nil
			}
			if containing != "" {
				return records.Request{}, usage("--containing is for the list: leave the name %s out", args[0])
			}
			return records.Request{Item: &records.Item{Kind: records.ItemKind(kind), Name: args[0]}}, nil
		},
		rows: func(found records.Answer) any {
			if found.Item != nil {
				return found.Item.Placed
			}
			return found.Items
		},
		show: func(w io.Writer, found records.Answer) {
			if found.Item != nil {
				a.writeItem(w, *found.Item)
				return
			}
			a.writeItems(w, found.Items)
		},
	})
}

func (a *app) writeItems(w io.Writer, list []records.ItemRow) {
	if len(list) == 0 {
		noneRecorded(w, "configuration item")
		return
	}
	rows := [][]string{{"KIND", "NAME", "RELEASES", "LATEST", "ABOUT"}}
	for _, i := range list {
		rows = append(rows, []string{string(i.Kind), itemName(i.Kind, i.Name), strconv.Itoa(i.Releases), a.clock(i.Latest), orDash(oneLine(i.About))})
	}
	columns(w, rows...)
}

// itemName shortens digests.
func itemName(kind records.ItemKind, name string) string {
	if kind == records.ItemPackage {
		return release.Digest(name).Short()
	}
	return name
}

// writeItem tells the history of a configuration item.
func (a *app) writeItem(w io.Writer, h records.History) {
	fmt.Fprintf(w, "%s  %s\n", h.Name, listed(h.Kinds))
	for _, text := range h.About {
		writeFact(w, "about", oneLine(text))
	}
	for _, p := range h.Runs {
		text := fmt.Sprintf("%s in %s since %s", p.Version+exceptionsText(p.Others), p.Environment, a.clock(p.Since))
		if p.Source != "" {
			text += ", from " + p.Source
		}
		writeFact(w, "runs", text)
	}
	if len(h.Runs) == 0 {
		writeFact(w, "runs", "nowhere")
	}
	writeFact(w, "RFCs", cmp.Or(strings.Join(h.RFCs, ", "), "none")+moreText(h.MoreRFCs))
	var releases []string
	for _, r := range h.Releases {
		releases = append(releases, fmt.Sprintf("%s (%s)", r.ID, outcomeText(r.Outcome, r.Phase)))
	}
	writeFact(w, "releases", cmp.Or(strings.Join(releases, ", "), "none")+moreText(h.MoreReleases))
	if len(h.Placed) > 0 {
		fmt.Fprintln(w)
		a.writePlacements(w, h.Placed)
	}
	if len(h.Incidents) > 0 {
		fmt.Fprintln(w)
		a.writeRecordedIncidents(w, h.Incidents)
		if h.MoreIncidents > 0 {
			fmt.Fprintf(w, "and %s more\n", release.ManyOf(h.MoreIncidents, "incident"))
		}
	}
}

// moreText says how many of a list are left out.
func moreText(more int) string {
	if more <= 0 {
		return ""
	}
	return " and " + release.Grouped(more) + " more"
}

package report

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"slipway/release"
	"slipway/release/figures"
)

// namedAtOnce is how many releases are named beside a number; the others that the
// portfolio knows are in the list at its end.
const namedAtOnce = 6

// named lists every release that the portfolio names, in the order of the alphabet.
func (s surveyor) named() []string {
	seen := map[string]bool{}
	see := func(links figures.Links) {
		for _, id := range links.Releases {
			seen[id] = true
		}
	}
	for _, f := range s.Figures {
		see(f.Links)
		for _, series := range f.Series {
			for _, point := range series.Points {
				see(point.Links)
			}
		}
	}
	for _, h := range s.Hints {
		see(h.Links)
	}
	for _, d := range s.Calendar {
		seen[d.Release] = true
	}
	return slices.SortedFunc(maps.Keys(seen), naturally)
}

// placesOf gives each release its anchor.
func placesOf(ids []string) map[string]string {
	places := make(map[string]string, len(ids))
	for i, id := range ids {
		places[id] = fmt.Sprintf("release-%d", i+1)
	}
	return places
}

// release writes the id of a release, as the way to its row.
func (s surveyor) release(id string) cell { return cell{{Text: id, Anchor: s.places[id]}} }

// behind names the releases behind a number.
func (s surveyor) behind(links figures.Links) cell {
	ids := links.Releases[:min(len(links.Releases), namedAtOnce)]
	var said cell
	for i, id := range ids {
		if i > 0 {
			said = append(said, span{Text: ", "})
		}
		said = append(said, s.release(id)...)
	}
	switch more := max(links.Count, len(links.Releases)) - len(ids); {
	case more > 0 && len(ids) == 0:
		return text(release.ManyOf(more, "release"))
	case more > 0:
		return append(said, span{Text: " and " + release.Grouped(more) + " more"})
	}
	return said
}

// releases lists every release that is named, with where it went.
func (s surveyor) releases(ids []string) []block {
	if len(ids) == 0 {
		return nil
	}
	types, went := map[string]string{}, map[string][]cell{}
	for _, d := range s.Calendar {
		types[d.Release] = d.Type
		went[d.Release] = append(went[d.Release], text(d.Environment).with(s.clock.at(d.From), deploymentState(d, s.Until)))
	}
	rows := each(ids, func(id string) []cell {
		return []cell{{{Text: id, ID: s.places[id]}}, text(types[id]), lines(went[id]...)}
	})
	return []block{columns(rows, "Release", "Type", "Deployed")}
}

// planned tells what lies ahead of the portfolio's end.
func planned(d figures.Deployment, until time.Time) bool {
	return d.State == "planned" || d.State == "" && d.From.After(until)
}

// deploymentState says how a deployment ended, or that it did not yet.
func deploymentState(d figures.Deployment, until time.Time) cell {
	switch {
	case planned(d, until):
		return toned(muted, "planned")
	case d.State == "":
		return toned(pending, "goes on")
	}
	state := words(release.EnvironmentState(d.State))
	return toned(environmentTones[release.EnvironmentState(state)], "%s", state)
}

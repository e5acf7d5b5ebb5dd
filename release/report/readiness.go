package report

import (
	"strings"

	"slipway/release"
)

// readiness lists what was found to be there before the deployment, and by whom.
func (c composer) readiness(e release.EnvironmentRecord) []block {
	var rows [][]cell
	var tails []block
	for _, r := range e.Readiness {
		var log release.Digest
		if x := r.Execution; x != nil {
			log = x.Log.Digest
			tails = append(tails, tail(*x)...)
		}
		kind := strings.ReplaceAll(string(r.Kind), "-", " ")
		rows = append(rows, []cell{text(r.Text), text(kind), c.confirmed(r), c.clock.at(r.At), text(r.Comment), digest(log)})
	}
	if len(rows) == 0 {
		return nil
	}
	return append([]block{columns(rows, "Readiness", "Kind", "Confirmed", "At", "Remark", "Log")}, tails...)
}

func (c composer) confirmed(r release.Confirmation) cell {
	switch {
	case r.Failure != "" && r.By != "":
		return lines(toned(bad, "%s", r.Failure), textf("accepted by %s", c.who(r.By)))
	case r.Failure != "":
		return toned(bad, "%s", r.Failure)
	case r.By == "":
		return toned(good, "by its script")
	}
	return toned(good, "by %s", c.who(r.By))
}

// accepted says who accepted what an audit found, why and when.
func (c composer) accepted(a release.Audit) []cell {
	if a.Accepted == nil {
		return nil
	}
	return []cell{append(textf("accepted by %s, ", c.who(a.Accepted.By)), append(c.clock.at(a.Accepted.At), textf(": %s", a.Accepted.Reason)...)...)}
}

// discrepancyFigure counts what the configuration audits found, and how much of it
// was accepted.
func (c composer) discrepancyFigure() cell {
	found := c.Discrepancies()
	all := found.Before + found.After + found.AfterBackOut
	switch {
	case all == 0:
		return nil
	case found.Accepted == 0:
		return textf("%d", all)
	}
	return textf("%d, %d accepted", all, found.Accepted)
}

package report

import (
	"slices"
	"strings"

	"slipway/release"
)

// changes lists what the release changes against what ran in its environments, what
// came of that where it went live, and how the plan was amended on the way.
func (c composer) changes() []block {
	var blocks []block
	if rows := differences(c.plan.Environments); len(rows) > 0 {
		blocks = append(blocks, columns(rows, "What", "Was", "Is", "In"))
	}
	return slices.Concat(blocks, c.modules(), c.assets(), c.amendments())
}

func differences(in []release.PlannedEnvironment) [][]cell {
	var rows [][]cell
	for _, d := range release.Differences(in) {
		rows = append(rows, []cell{text(d.What), text(d.Was), text(d.Is), text(strings.Join(d.In, ", "))})
	}
	return rows
}

// modules lists the modules built in that differ from those of what ran.
func (c composer) modules() []block {
	var environments []release.PlannedEnvironment
	var notes []cell
	for _, e := range c.Environments {
		environments = append(environments, release.PlannedEnvironment{Name: e.Name, Changes: e.Modules})
		if e.ModulesNote != "" {
			notes = append(notes, textf("%s: not compared, %s", e.Name, e.ModulesNote))
		}
	}
	rows := differences(environments)
	if len(rows)+len(notes) == 0 {
		return nil
	}
	blocks := []block{heading("Modules in the package")}
	if len(rows) > 0 {
		blocks = append(blocks, columns(rows, "Module", "Was", "Is", "Against"))
	}
	if len(notes) > 0 {
		blocks = append(blocks, block{List: notes})
	}
	return blocks
}

// amendments lists what the organization did to the plan.
func (c composer) amendments() []block {
	var rows [][]cell
	for _, a := range c.Amendments {
		rows = append(rows, []cell{text(a.Environment), text(a.Why), digest(a.From), digest(a.To)})
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{heading("Amendments of the plan"), columns(rows, "Environment", "Because", "Plan before", "Plan after")}
}

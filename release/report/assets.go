package report

import "slipway/release"

// assets counts what the release introduced, changed and retired where it went live, and
// lists the assets that it declares.
func (c composer) assets() []block {
	var rows [][]cell
	var notes []cell
	for _, e := range c.Environments {
		if e.Assets == nil {
			continue
		}
		against := text(e.Assets.Against)
		if e.Assets.Against == "" {
			against = toned(muted, "nothing")
		}
		for _, k := range countsOf(*e.Assets) {
			rows = append(rows, append([]cell{text(e.Name), against, text(k.name)}, k.cells()...))
		}
		for _, note := range e.Assets.Notes {
			notes = append(notes, textf("%s: %s", e.Name, note))
		}
	}
	blocks := c.declared()
	if len(rows) > 0 {
		blocks = append(blocks, columns(rows, "In", "Against", "What", "Introduced", "Changed", "Retired", "Unchanged"))
	}
	if len(notes) > 0 {
		blocks = append(blocks, block{List: notes})
	}
	if len(blocks) == 0 {
		return nil
	}
	return append([]block{heading("Introduced, changed and retired")}, blocks...)
}

// counted is a kind of asset with its count; nil is not known.
type counted struct {
	name  string
	count *release.AssetCount
}

func countsOf(r release.AssetReport) []counted {
	all := []counted{{"components", r.Components}, {"files", r.Files}}
	for _, k := range r.Declared {
		all = append(all, counted{k.Kind, &k.AssetCount})
	}
	return all
}

func (k counted) cells() []cell {
	if k.count == nil {
		return []cell{toned(muted, "not known"), nil, nil, nil}
	}
	var cells []cell
	for _, n := range []int{k.count.Introduced, k.count.Changed, k.count.Retired, k.count.Unchanged} {
		cells = append(cells, text(release.Grouped(n)))
	}
	return cells
}

// declared lists the assets of the definition.
func (c composer) declared() []block {
	var rows [][]cell
	for _, a := range c.plan.Definition.Assets {
		rows = append(rows, []cell{text(a.Name), text(a.Kind), text(string(a.Change))})
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{columns(rows, "Declared asset", "Kind", "The release is to")}
}

// historiesShown is how many histories are listed; those of waves can be many.
const historiesShown = 30

// histories lists the exported histories of workflows.
func (c composer) histories() []block {
	var rows [][]cell
	for _, h := range c.Histories[:min(len(c.Histories), historiesShown)] {
		rows = append(rows, []cell{code(h.Workflow), text(h.Type), code(h.Run), text(release.Grouped(h.Events)), text(release.Size(h.Size)), digest(h.Digest)})
	}
	if len(rows) == 0 {
		return nil
	}
	blocks := []block{
		paragraph("Up to the close of the release, as Temporal's replayer reads them; beside the package in the media library."),
		columns(rows, "Workflow", "Type", "Run", "Events", "Size", "Digest"),
	}
	if more := len(c.Histories) - historiesShown; more > 0 {
		blocks = append(blocks, paragraph("And %s more.", release.Grouped(more)))
	}
	return blocks
}

package release

import (
	"cmp"
	"slices"
	"strings"
)

// writeChanges shows what is different from what runs in the environments now.
func writeChanges(w writer, r Record, p Plan, in []PlannedEnvironment) {
	w("### What changes against what runs there now\n")
	w("| environment | runs now | gets | on |")
	w("|---|---|---|---|")
	for _, e := range in {
		w("| %s | %s | %s | %s |", e.Name, runsNow(e), cell(r.Version), some(e.TargetNames()))
	}
	w("")
	for _, e := range in {
		if len(e.Targets()) > 1 || e.TaskQueue != "" {
			w("- How %s is deployed: %s", e.Name, cell(p.Course(e)))
		}
	}
	if hand := p.Definition.byHand(); hand != "" {
		w("- By hand: %s", cell(hand))
	}
	if assets := assetsLine(p.Definition.Assets); assets != "" {
		w("- Assets: %s", cell(assets))
	}
	w("- %s", wayBack(p.Definition))
	notes, differences := compared(in)
	switch {
	case len(notes) > 0 || p.Gates == nil: // older plans did not look
		writeOrigin(w, notes, p.Definition.Components)
	case len(differences) == 0:
		w("- Nothing but the version differs from what runs there.")
	}
	writeModules(w, r, in)
	writeAmendments(w, r, in)
	if len(differences) > 0 {
		writeTable(w, r.Version, differences, in)
	}
	w("")
}

func runsNow(e PlannedEnvironment) string {
	if e.Previous == nil {
		return "nothing"
	}
	return cell(e.Previous.Version) + " since " + e.Previous.Since.UTC().Format("2006-01-02")
}

// compared gives the differences, and the notes where there is nothing to compare
// with.
func compared(in []PlannedEnvironment) (notes, differences []Difference) {
	for _, d := range Differences(in) {
		if d.Kind == ChangeBaseline {
			notes = append(notes, d)
		} else {
			differences = append(differences, d)
		}
	}
	return notes, differences
}

// writeOrigin says what a release is made from where there is nothing to compare
// with.
func writeOrigin(w writer, notes []Difference, components []Component) {
	for _, d := range notes {
		w("- %s", cell(strings.ToUpper(d.What[:1])+d.What[1:]))
	}
	for _, c := range components {
		what, pin := c.Source.Pin()
		w("- Component %s from `%s`, %s `%s`", c.Name, code(c.Source.String()), what, code(pin))
	}
}

func writeTable(w writer, version string, differences []Difference, in []PlannedEnvironment) {
	places := len(in) > 1
	w("")
	w("| what | now | with %s |%s", cell(version), when(places, " in |"))
	w("|---|---|---|%s", when(places, "---|"))
	for _, d := range differences {
		w("| %s | %s | %s |%s", cell(d.What), orDash(d.Was), orDash(d.Is), when(places, " "+d.where(in)+" |"))
	}
}

func when(holds bool, text string) string {
	if holds {
		return text
	}
	return ""
}

// Difference is a change with the environments in which it is one.
type Difference struct {
	Change
	In []string
}

// Differences puts together what is the same change in several environments, in
// the order of the kinds.
func Differences(environments []PlannedEnvironment) []Difference {
	var all []Difference
	for _, e := range environments {
		for _, c := range e.Changes {
			i := slices.IndexFunc(all, func(d Difference) bool { return d.Change == c })
			if i < 0 {
				i = len(all)
				all = append(all, Difference{Change: c})
			}
			all[i].In = append(all[i].In, e.Name)
		}
	}
	slices.SortStableFunc(all, func(a, b Difference) int {
		return slices.Index(changeKinds, a.Kind) - slices.Index(changeKinds, b.Kind)
	})
	return all
}

func (d Difference) where(in []PlannedEnvironment) string {
	if len(d.In) == len(in) {
		return "all"
	}
	return some(d.In)
}

func orDash(value string) string {
	if value == "" {
		return "–"
	}
	return cell(value)
}

// wayBack says what cannot be undone.
func wayBack(d Definition) string {
	var without []string
	for _, s := range d.Steps {
		if s.Irreversible() {
			without = append(without, "step "+s.Name)
		}
	}
	for _, c := range d.SchemaChanges {
		if !c.Reversible {
			without = append(without, "schema change "+c.Name)
		}
	}
	if len(without) == 0 {
		return "Way back: every step has one."
	}
	return "**No way back** from " + cell(list(without)) + "."
}

// modulesShown is how many changed modules the page names.
const modulesShown = 10

// writeModules says which modules of the package are others than in what runs.
func writeModules(w writer, r Record, in []PlannedEnvironment) {
	for _, planned := range in {
		e := r.Environment(planned.Name)
		switch {
		case e == nil:
		case e.ModulesNote != "":
			w("- Modules against %s: not compared, %s", e.Name, cell(e.ModulesNote))
		case len(e.Modules) > 0:
			lines := make([]string, min(len(e.Modules), modulesShown))
			for i := range lines {
				lines[i] = cell(e.Modules[i].String())
			}
			more := ""
			if n := len(e.Modules) - modulesShown; n > 0 {
				more = "; and more, which `starter report` lists"
			}
			w("- Modules against %s: %s%s", e.Name, strings.Join(lines, "; "), more)
		}
	}
}

// amendmentsShown is how many of the latest amendments the page shows.
const amendmentsShown = 3

func writeAmendments(w writer, r Record, in []PlannedEnvironment) {
	amendments := slices.DeleteFunc(slices.Clone(r.Amendments), func(a Amendment) bool {
		return !slices.ContainsFunc(in, func(e PlannedEnvironment) bool { return e.Name == a.Environment })
	})
	for _, a := range amendments[max(0, len(amendments)-amendmentsShown):] {
		w("- The plan was amended: %s", cell(a.Why))
	}
}

func writeRisk(w writer, r Record, p Plan) {
	w("### Risk: %s, %d of 100\n", r.Risk.Level(), r.Risk.Score)
	for _, reason := range r.Risk.Reasons {
		w("- %s", cell(reason))
	}
	if e := p.Definition.Emergency; e != nil {
		w("- Emergency: %s", cell(e.Reason))
	}
	w("")
}

// writeCalendar says what else goes on: conflicts, windows and freezes.
func writeCalendar(w writer, r Record, p Plan, in []PlannedEnvironment) {
	if len(p.Environments) == 0 {
		return
	}
	w("### Conflicts and calendar\n")
	for _, c := range r.Conflicts {
		w("- **Conflict**%s: %s", when(c.Release != "", " with "+cell(c.Release)), cell(c.Text()))
	}
	if len(r.Conflicts) == 0 {
		w("- No open release gets into the way of this one.")
	}
	writeSupersedes(w, r, p)
	for _, e := range in {
		w("- %s: %s", e.Name, cell(e.allowed()))
	}
	for _, f := range freezesOf(in) {
		where := cmp.Or(list(f.Environments), "all environments")
		w("- **Freeze** of %s from %s until %s: %s", cell(where), clock(f.From), clock(f.To), cell(f.Reason))
	}
	if p.Definition.overridesFreeze() {
		w("- Freezes are overridden: %s", cell(p.Definition.Emergency.OverrideFreeze))
	}
	w("")
}

// freezesOf lists the freezes nearby, each once.
func freezesOf(in []PlannedEnvironment) []Freeze {
	var all []Freeze
	for _, e := range in {
		for _, f := range e.Opening.Freezes {
			if !slices.ContainsFunc(all, func(other Freeze) bool { return Same(f, other) }) {
				all = append(all, f)
			}
		}
	}
	return all
}

// allowed says when the environment may be changed, as it looked at planning.
func (e PlannedEnvironment) allowed() string {
	text := "changes at any time"
	if len(e.Windows) > 0 {
		text = "changes in window " + names(e.Windows, Window.String)
	}
	switch o := e.Opening; {
	case o.At.IsZero():
	case !o.Open:
		text += "; seen from the planning, from " + clock(o.At)
	case !o.Until.IsZero():
		text += "; seen from the planning, until " + clock(o.Until)
	}
	return text
}

package release

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Details is the approver's page in Markdown: what is waited for and what to
// send, what changes against what runs now, the evidence, and who voted. It is
// made for Temporal's "User Metadata" tab, which renders headings, tables, bold
// and inline code, drops fenced code, and turns 1/2 into a fraction.
func Details(r Record, p Plan) string {
	var page strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&page, format+"\n", args...) }
	state := string(r.Phase)
	if r.Outcome != "" {
		state = string(r.Outcome)
	}
	w("## %s %s: %s", cell(r.Service), cell(r.Version), state)
	if r.Title != "" {
		w("*%s*\n", cell(r.Title))
	}
	if r.Reason != "" {
		w("**%s**\n", cell(r.Reason))
	}
	writeAwaiting(w, r)
	writeRefusals(w, r.Acts)
	writeProblems(w, r)
	if len(p.Environments) > 0 {
		writeChanges(w, r, p)
	}
	writeEvidence(w, r)
	writeGates(w, r)
	writeEnd(w)
	return page.String()
}

type writer func(format string, args ...any)

func writeAwaiting(w writer, r Record) {
	if r.Outcome != "" {
		return
	}
	if len(r.Awaiting) == 0 {
		w("Nothing waits for a person.\n")
		return
	}
	w("### Waiting for\n")
	for _, a := range r.Awaiting {
		w("- **%s**: %s. Since %s%s.", a.Key(), cell(a.Needs), clock(a.Since), until(a.Deadline))
		if a.Digest != "" {
			w("  It shows digest `%s`.", a.Digest.Short())
		}
		if a.Payload != "" {
			w("  To answer, choose *More Actions*, *Send a Signal*, name `%s`, and paste `%s`", a.Action, a.Payload)
		}
	}
	w("")
}

func until(deadline time.Time) string {
	if deadline.IsZero() {
		return ", with no deadline"
	}
	return ", until " + clock(deadline)
}

func writeProblems(w writer, r Record) {
	if len(r.Problems) == 0 {
		return
	}
	w("### What is wrong with the definition\n")
	for _, p := range r.Problems {
		w("- `%s`: %s", code(cmp.Or(p.Path, "definition")), cell(p.Message))
	}
	w("")
}

func writeChanges(w writer, r Record, p Plan) {
	w("### What changes\n")
	w("| environment | runs now | gets | targets | back-out |")
	w("|---|---|---|---|---|")
	for _, e := range p.Environments {
		now := "nothing"
		if e.Previous != nil {
			now = e.Previous.Version
		}
		w("| %s | %s | %s | %s | %s |", e.Name, now, r.Version, strings.Join(e.TargetNames(), ", "), backOuts(p.Definition.Steps))
	}
	w("")
	w("Requested by %s, managed by %s, model %s, risk %d of 100 (%s).", r.Requester, r.Manager, r.Model, r.Risk.Score, r.Risk.Level())
	if len(r.Risk.Reasons)+len(r.Conflicts) > 0 {
		w("")
	}
	for _, reason := range r.Risk.Reasons {
		w("- %s", cell(reason))
	}
	for _, c := range r.Conflicts {
		w("- Conflict with %s: %s", c.Release, cell(c.Reason))
	}
	w("")
	for _, c := range p.Definition.Components {
		w("- Component %s from `%s`, sum `%s`", c.Name, code(c.Source.String()), code(c.Source.Sum))
	}
	w("")
}

// backOuts says which steps have a way back.
func backOuts(steps []Step) string {
	var without []string
	for _, s := range steps {
		if s.Irreversible() {
			without = append(without, s.Name)
		}
	}
	if len(without) == 0 {
		return "every step"
	}
	return "every step but " + strings.Join(without, ", ")
}

func writeEvidence(w writer, r Record) {
	if r.Package != nil {
		w("### Package and evidence\n")
		w("Package `%s` (%s, %d files, %d bytes).\n", r.Package.Digest.Short(), r.Package.Tag, r.Package.Files, r.Package.Size)
	}
	for _, b := range r.Builds {
		if b.Failure != "" {
			w("- Build %d failed: %s\n", b.Number, cell(b.Failure))
		}
	}
	if len(r.Evidence) == 0 {
		return
	}
	w("| suite | build | result | passed | failed | skipped | covers |")
	w("|---|---|---|---|---|---|---|")
	for _, e := range r.Evidence {
		result := "passed"
		if e.Failure != "" {
			result = "**failed**: " + cell(e.Failure)
		}
		w("| %s | %d | %s | %d | %d | %d | %s |", e.Suite, e.Build, result, e.Passed, e.Failed, e.Skipped, cell(strings.Join(e.Covers, ", ")))
	}
	w("")
}

func writeGates(w writer, r Record) {
	if len(r.Gates) == 0 {
		return
	}
	w("### Gates and votes\n")
	w("| gate | digest | state | votes |")
	w("|---|---|---|---|")
	for _, g := range r.Gates {
		state := string(g.Decision)
		if g.Decision == Pending {
			state = "open, " + g.Progress()
		}
		var votes []string
		for _, v := range g.Votes {
			votes = append(votes, cell(join(fmt.Sprintf("%s: %s", v.By, v.Decision), v.Comment)))
		}
		if len(votes) == 0 {
			votes = []string{"none"}
		}
		w("| %s | `%s` | %s | %s |", g.Name, g.Digest.Short(), state, strings.Join(votes, "; "))
	}
	w("")
}

// refusalsShown is how many of the latest refusals the page shows.
const refusalsShown = 5

func writeRefusals(w writer, acts []Act) {
	var refused []Act
	for _, a := range acts {
		if !a.Counted {
			refused = append(refused, a)
		}
	}
	if len(refused) == 0 {
		return
	}
	w("### Refused\n")
	for _, a := range refused[max(0, len(refused)-refusalsShown):] {
		by := a.By
		if by == "" {
			by = "somebody"
		}
		w("- %s, `%s` by %s: **%s**", clock(a.At), a.Action, cell(by), cell(a.Refusal))
	}
	w("")
}

// writeEnd ends a page with a line that may be lost: the tab's frame can be a line
// too short.
func writeEnd(w writer) { w("The query `status` gives all of this as JSON.\n") }

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// cell makes a text safe inside a Markdown table, list or bold run: one line, no
// markup of its own, of a bearable length.
func cell(text string) string { return markup.Replace(oneLine(text)) }

var markup = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "`", "'", "*", `\*`, "_", `\_`, "[", `\[`, "~", `\~`, "<", "‹", ">", "›",
)

// code makes a text safe between backticks.
func code(text string) string { return strings.ReplaceAll(oneLine(text), "`", "'") }

func oneLine(text string) string {
	const limit = 300
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + " …"
	}
	return text
}

// DeploymentDetails is the page of a deployment.
func DeploymentDetails(s DeploymentStatus) string {
	var page strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&page, format+"\n", args...) }
	w("## %s: %s", s.ID, s.State)
	if s.Reason != "" {
		w("**%s**\n", cell(s.Reason))
	}
	writeAwaiting(w, Record{Awaiting: s.Awaiting, Acts: s.Acts})
	w("| target | holds | version |")
	w("|---|---|---|")
	for _, t := range s.Targets {
		w("| %s | %s | %s |", t.Name, t.State, t.Version)
	}
	w("")
	if len(s.Steps) > 0 {
		w("| step | target | fate | |")
		w("|---|---|---|---|")
	}
	for _, r := range s.Steps {
		name := r.Step
		if r.BackOut {
			name = "back-out of " + name
		}
		w("| %s | %s | %s | %s |", name, r.Target, r.Fate, cell(r.Message))
	}
	w("")
	writeRefusals(w, s.Acts)
	writeEnd(w)
	return page.String()
}

// SupportDetails is the page of an early life support.
func SupportDetails(s SupportStatus) string {
	var page strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&page, format+"\n", args...) }
	w("## %s", s.ID)
	w("From %s until %s.\n", clock(s.Started), clock(s.Until))
	for _, unmet := range s.Unmet {
		w("- Not met: %s", cell(unmet))
	}
	writeAwaiting(w, Record{Awaiting: s.Awaiting})
	for _, i := range s.Incidents {
		state := "open"
		if !i.Open() {
			state = "resolved by " + i.ResolvedBy + ": " + cell(i.Resolution)
		}
		w("- %s, severity %d, %s: %s", i.ID, i.Severity, cell(i.Summary), state)
	}
	for _, c := range s.Calls {
		w("- Call at %s, %s: %s", clock(c.At), c.By, cell(c.Summary))
	}
	w("")
	writeRefusals(w, s.Acts)
	writeEnd(w)
	return page.String()
}

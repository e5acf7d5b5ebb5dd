package release

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

func writeEvidence(w writer, r Record, p Plan) {
	if r.Package == nil && len(r.Builds)+len(r.Evidence) == 0 {
		if len(p.Environments) > 0 {
			w("### Requirements\n")
			w("Nothing is built yet. %s\n", cell(wanted(p.Definition)))
		}
		return
	}
	w("### Package and evidence\n")
	if r.Package != nil {
		w("Package `%s` (%s, %s, %d bytes).\n", r.Package.Digest.Short(), r.Package.Tag, ManyOf(r.Package.Files, "file"), r.Package.Size)
		writeOtherSources(w, r, p.Definition.Components)
	}
	for _, b := range r.Builds {
		if b.Failure != "" {
			w("- Build %d failed: %s\n", b.Number, cell(b.Failure))
		}
	}
	if len(r.Evidence) > 0 {
		w("| suite | build | result | passed | failed | skipped | covers |")
		w("|---|---|---|---|---|---|---|")
	}
	for _, e := range r.Evidence {
		result := cell(e.HowPassed())
		if e.Failure != "" {
			result = "**failed**: " + cell(e.Failure+when(e.Runs > 1, " ("+e.Again()+")"))
		}
		w("| %s | %d | %s | %d | %d | %d | %s |", e.Suite, e.Build, result, e.Passed, e.Failed, e.Skipped, cell(strings.Join(e.Covers, ", ")))
	}
	if len(r.Evidence) > 0 {
		w("")
	}
	if len(p.Environments) > 0 {
		w("%s\n", cell(proof(p.Definition, r.Evidence)))
	}
}

// writeOtherSources tells that the package was built from something else than the
// plan says: a rebuild may name other sources, and a branch may be followed.
func writeOtherSources(w writer, r Record, planned []Component) {
	if len(r.Components) == 0 {
		return
	}
	for _, c := range namedComponents.compare(planned, r.Components) {
		w("- **Not built as planned**: %s was %s, is %s\n", cell(c.What), orDash(c.Was), orDash(c.Is))
	}
}

// wanted says what tests will have to prove.
func wanted(d Definition) string {
	if len(d.Requirements) == 0 {
		return "No requirements are set."
	}
	return ManyOf(len(d.Requirements), "requirement") + parts(part{"covered by no suite", d.Uncovered()}, part{"covered by one suite only", d.alone()}) + "."
}

// proof says how far tests of the latest build have proved the requirements.
func proof(d Definition, evidence []Evidence) string {
	if len(d.Requirements) == 0 {
		return "No requirements are set."
	}
	proofs := d.Proofs(ofLatestBuild(evidence))
	return fmt.Sprintf("Requirements: %d of %d proved", len(Proved.in(proofs)), len(d.Requirements)) +
		parts(part{"failed", Disproved.in(proofs)}, part{"not tested yet", Untested.in(proofs)},
			part{"covered by no suite", NotCovered.in(proofs)}, part{"covered by one suite only", d.alone()}) + "."
}

// ofLatestBuild is the evidence about the latest build that was tested.
func ofLatestBuild(evidence []Evidence) []Evidence {
	latest := 0
	for _, e := range evidence {
		latest = max(latest, e.Build)
	}
	return slices.DeleteFunc(slices.Clone(evidence), func(e Evidence) bool { return e.Build != latest })
}

// alone lists the requirements that one suite only covers.
func (d Definition) alone() []string {
	var alone []string
	for _, requirement := range d.Requirements {
		if len(d.covering(requirement.ID)) == 1 {
			alone = append(alone, requirement.ID)
		}
	}
	return alone
}

type part struct {
	says string
	ids  []string
}

// parts puts behind a text what holds for anything.
func parts(all ...part) string {
	text := ""
	for _, p := range all {
		if len(p.ids) > 0 {
			text += "; " + p.says + ": " + some(p.ids)
		}
	}
	return text
}

// gatesShown is how many of the latest gates the page shows.
const gatesShown = 8

func writeGates(w writer, r Record) {
	if len(r.Gates) == 0 {
		return
	}
	w("### Gates and votes\n")
	w("| gate | digest | asks for | state | votes |")
	w("|---|---|---|---|---|")
	for i := max(0, len(r.Gates)-gatesShown); i < len(r.Gates); i++ {
		g := &r.Gates[i]
		votes := make([]string, len(g.Votes))
		for j, v := range g.Votes {
			votes[j] = cell(g.voteLine(v))
		}
		if len(votes) == 0 {
			votes = []string{"none"}
		}
		w("| %s | `%s` | %s | %s | %s |", g.Name, g.Digest.Short(), cell(g.Policy.String()), cell(g.stateLine()), strings.Join(votes, "; "))
	}
	w("")
}

// stateWords is how a gate reads that votes decided.
var stateWords = map[Decision]string{Authorize: "authorized", Reject: "rejected", ReviseIt: "sent back"}

func (g *Gate) stateLine() string {
	state := cmp.Or(stateWords[g.Decision], string(g.Decision))
	if g.Decision == Pending {
		state = "open, " + g.Progress()
	}
	if !g.Escalated.IsZero() {
		state += ", escalated " + clock(g.Escalated)
	}
	return join(state, g.Reason)
}

// voteLine says who voted what, for whom and whether with a signature: "ben:
// authorize, in place of eva, signed: reads well".
func (g *Gate) voteLine(v Vote) string {
	text := v.By + ": " + string(v.Decision)
	if absent := g.InPlaceOf(v); len(absent) > 0 {
		text += ", in place of " + list(absent)
	}
	if v.Key != "" {
		text += ", signed"
	}
	return join(text, v.Comment)
}

// InPlaceOf lists the people for whom a vote stands beside the voter: those who
// delegated their vote and did not vote themselves.
func (g *Gate) InPlaceOf(v Vote) []string {
	var absent []string
	for _, seat := range g.usable(v) {
		if seat.Person != v.By {
			absent = append(absent, seat.Person)
		}
	}
	return absent
}

// KeyEnd gives the last characters of the fingerprint of the key that signed the
// vote, for people; empty for a vote that is not signed.
func (v Vote) KeyEnd() string {
	const enough = 6
	if v.Key == "" {
		return ""
	}
	return "…" + v.Key[max(0, len(v.Key)-enough):]
}

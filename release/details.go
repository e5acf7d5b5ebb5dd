package release

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Details is the approver's page in Markdown: what is waited for and what to
// send, what changes against what runs there now and how risky that is, the
// evidence, and who voted. While a deployment gate waits, it is about that
// environment.
//
// It is made for Temporal's "User Metadata" tab, which renders headings, tables,
// lists, bold and inline code, drops fenced code, and takes 1/2, -- and $ for
// typography.
func Details(r Record, p Plan) string {
	var gates []string
	for _, a := range r.Awaiting {
		if a.Gate != "" {
			gates = append(gates, a.Gate)
		}
	}
	asked := r.askedSince()
	r.Acts = slices.DeleteFunc(slices.Clone(r.Acts), func(a Act) bool { return a.At.Before(asked) })
	return details(r, p, p.inQuestion(gates))
}

// GateDetails is the page as far as it is about one gate, which need not wait.
func GateDetails(r Record, p Plan, gate string) string {
	r.Awaiting = slices.DeleteFunc(slices.Clone(r.Awaiting), func(a Awaiting) bool { return a.Gate != gate })
	r.Gates = slices.DeleteFunc(slices.Clone(r.Gates), func(g Gate) bool { return g.Name != gate })
	r.Acts = slices.DeleteFunc(slices.Clone(r.Acts), func(a Act) bool {
		return !slices.ContainsFunc(r.Gates, func(g Gate) bool { return g.openAt(a.At) })
	})
	return details(r, p, p.inQuestion([]string{gate}))
}

// askedSince is since when the gate that is open was asked, also before it was
// voided; zero when none is open.
func (r *Record) askedSince() time.Time {
	last := len(r.Gates) - 1
	if last < 0 || r.Gates[last].Decision != Pending {
		return time.Time{}
	}
	first := last
	for first > 0 && r.Gates[first-1].Name == r.Gates[last].Name && r.Gates[first-1].Decision == VoidedGate {
		first--
	}
	return r.Gates[first].Opened
}

// openAt tells whether a gate was open at a time.
func (g *Gate) openAt(t time.Time) bool {
	return !t.Before(g.Opened) && (g.Decided.IsZero() || !t.After(g.Decided))
}

// inQuestion gives the environments of deployment gates; of other gates all.
func (p *Plan) inQuestion(gates []string) []PlannedEnvironment {
	var environments []PlannedEnvironment
	for _, e := range p.Environments {
		if slices.Contains(gates, DeployGate(e.Name)) {
			environments = append(environments, e)
		}
	}
	if len(environments) == 0 {
		return p.Environments
	}
	return environments
}

func details(r Record, p Plan, in []PlannedEnvironment) string {
	var page strings.Builder
	w := func(format string, args ...any) {
		fmt.Fprintf(&page, format, args...)
		page.WriteByte('\n')
	}
	w("## %s", headline(r))
	if text := about(r, p); text != "" {
		w("%s.\n", text)
	}
	if r.Reason != "" {
		w("**%s**\n", cell(r.Reason))
	}
	for _, e := range r.Environments {
		if e.Override != nil {
			w("Freezes of %s are overridden since %s by %s: **%s**\n", cell(e.Name), clock(e.Override.At), cell(e.Override.By), cell(e.Override.Summary))
		}
	}
	writeAwaiting(w, r)
	writeRefusals(w, r.Acts)
	writeProblems(w, r)
	writeReview(w, r)
	if len(p.Environments) > 0 {
		writeChanges(w, r, p, in)
		writeRisk(w, r, p)
	}
	writeEvidence(w, r, p)
	writeToBeReady(w, r, p, in)
	writeCalendar(w, r, p, in)
	writeGates(w, r)
	writeNotices(w, r)
	writeEnd(w)
	return page.String()
}

type writer func(format string, args ...any)

// about says what the release is, whose, and how risky.
func about(r Record, p Plan) string {
	var parts []string
	if r.Title != "" {
		parts = append(parts, "*"+cell(r.Title)+"*")
	}
	if r.Requester != "" {
		parts = append(parts, "requested by "+cell(r.Requester), "managed by "+cell(r.Manager), "model "+cell(r.Model))
	}
	if len(p.Environments) > 0 {
		parts = append(parts, "risk "+r.Risk.Level())
	}
	return list(parts)
}

// refusalsShown is how many of the latest refusals the page shows.
const refusalsShown = 5

// writeRefusals shows the latest refusals first: whoever just voted looks for theirs.
func writeRefusals(w writer, acts []Act) {
	refused := slices.DeleteFunc(slices.Clone(acts), func(a Act) bool { return a.Counted })
	if len(refused) == 0 {
		return
	}
	slices.Reverse(refused)
	slices.SortStableFunc(refused, func(a, b Act) int { return b.At.Compare(a.At) })
	w("### Refused\n")
	for _, a := range refused[:min(len(refused), refusalsShown)] {
		w("- %s, `%s` by %s: **%s**", second(a.At), a.Action, cell(cmp.Or(a.By, "somebody")), cell(a.Refusal))
	}
	w("")
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

// noticesShown is how many of the latest notices the page shows.
const noticesShown = 3

// writeNotices shows who was told of the gates that are open.
func writeNotices(w writer, r Record) {
	notices := slices.DeleteFunc(slices.Clone(r.Notices), func(n Notice) bool {
		g := r.Gate(n.Gate)
		return g == nil || g.Decision != Pending || n.At.Before(g.Opened)
	})
	if len(notices) == 0 {
		return
	}
	w("### Told\n")
	for _, n := range notices[max(0, len(notices)-noticesShown):] {
		w("- %s", cell(n.line()))
	}
	w("")
}

// noticeVerbs is how a kind of notice reads before the names of those who were told.
var noticeVerbs = map[NoticeKind]string{NoticeAsked: "asked", NoticeReminder: "reminded", NoticeEscalated: "escalated to"}

// line says who was told what and who was not reached: "reminded ana, ben at …; not
// reached: eva (no contact)".
func (n Notice) line() string {
	text := fmt.Sprintf("%s %s at %s", cmp.Or(noticeVerbs[n.Kind], string(n.Kind)), list(n.To), clock(n.At))
	var unreached []string
	for _, person := range sortedKeys(n.Unreached) {
		unreached = append(unreached, person+" ("+n.Unreached[person]+")")
	}
	if len(unreached) > 0 {
		text += "; not reached: " + list(unreached)
	}
	return text
}

// writeEnd ends a page with a line that may be lost: the tab's frame can be a line
// too short.
func writeEnd(w writer) { w("The query `status` gives all of this as JSON.\n") }

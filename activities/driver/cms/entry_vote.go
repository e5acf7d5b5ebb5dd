package cms

import (
	"maps"
	"slices"
	"strings"

	"slipway/release"
)

func actionRows(e *release.Entry, a *release.Act) []row {
	gate, decision := vote(a)
	return []row{event("actions", e, []column{
		{"acted", stamp(a.At)},
		{"action", string(a.Action)},
		{"person", optional(a.By)},
		{"summary", optional(a.Summary)},
		{"counted", a.Counted},
		{"refusal", optional(a.Refusal)},
		{"gate", optional(gate)},
		{"decision", optional(decision)},
	})}
}

// vote reads out of an authorization's summary what was voted where; an act says
// it nowhere else.
func vote(a *release.Act) (gate string, decision release.Decision) {
	said, where, found := strings.Cut(a.Summary, " gate ")
	decision = release.Decision(said)
	if a.Action != release.ActAuthorize || !found || !slices.Contains(release.Votes, decision) {
		return "", ""
	}
	gate, _, _ = strings.Cut(where, ": ")
	return gate, decision
}

// ballotRows lays out an entry of a ledger. Its time is kept apart from that of the
// writing: the hash is over it.
func ballotRows(e *release.Entry, b *release.BallotEntry) []row {
	l := b.Entry
	r := state("authorizations", e, []column{{"started", stamp(b.Started)}, {"seq", l.Seq}}, []column{
		{"acted", stamp(l.At)},
		{"gate", optional(l.Gate)},
		{"decision", optional(l.Decision)},
		{"person", optional(l.By)},
		{"shown", optional(l.Shown)},
		{"payload", l.Payload},
		{"payload_digest", string(l.PayloadDigest)},
		{"signature", optional(l.Signature)},
		{"signing_key", optional(l.Key)},
		{"counted", l.Counted},
		{"refusal", optional(l.Refusal)},
		{"previous", string(l.Previous)},
		{"hash", string(l.Hash)},
	})
	r.fixed = true
	return []row{r}
}

func gateRows(e *release.Entry, g *release.Gate) []row {
	return []row{state("gates", e, []column{{"gate", g.Name}, {"opened", stamp(g.Opened)}}, []column{
		{"digest", string(g.Digest)},
		{"policy", g.Policy.String()},
		{"signed", g.Policy.Signed},
		{"rejections", max(g.Policy.Rejections, 1)},
		{"deadline", stamp(g.Deadline)},
		{"escalated", stamp(g.Escalated)},
		{"decision", optional(g.Decision)},
		{"decided", stamp(g.Decided)},
		{"reason", optional(g.Reason)},
	}, requirements(g.Policy), parts("votes", g.Votes, func(v release.Vote) []column {
		return []column{
			{"person", v.By},
			{"vote", string(v.Decision)},
			{"comment", optional(v.Comment)},
			{"voted", stamp(v.At)},
			{"signing_key", optional(v.Key)},
			{"issued", stamp(v.Issued)},
			{"delegated_by", optional(delegators(v))},
		}
	}))}
}

// requirements are the groups that a gate asks, then who has to be among them.
func requirements(p release.GatePolicy) part {
	rows := part{table: "gate_requirements"}
	add := func(asked string, votes int, mandatory bool) {
		rows.rows = append(rows.rows, []column{{"asked", asked}, {"votes", votes}, {"mandatory", mandatory}})
	}
	for _, group := range slices.Sorted(maps.Keys(p.Votes)) {
		if n := p.Votes[group]; n > 0 {
			add(group, n, false)
		}
	}
	for _, name := range p.Mandatory {
		add(name, 1, true)
	}
	return rows
}

// delegators lists those in whose place somebody voted.
func delegators(v release.Vote) string {
	var others []string
	for _, s := range v.Seats {
		if s.Person != v.By {
			others = append(others, s.Person)
		}
	}
	return strings.Join(others, ", ")
}

func noticeRows(e *release.Entry, n *release.Notice) []row {
	return []row{event("notices", e, []column{
		{"told", stamp(n.At)},
		{"kind", string(n.Kind)},
		{"gate", optional(n.Gate)},
		{"text", n.Text},
	}, parts("notice_recipients", n.To, func(person string) []column {
		return []column{{"person", person}, {"unreached", optional(n.Unreached[person])}}
	}))}
}

package report

import (
	"fmt"
	"slices"

	"slipway/release"
)

var decisionTones = map[release.Decision]tone{
	release.Authorize:     good,
	release.PreAuthorized: good,
	release.Reject:        bad,
	release.ExpiredGate:   bad,
	release.ReviseIt:      warn,
	release.VoidedGate:    warn,
	release.Pending:       pending,
}

// decisions says a decision as something that happened.
var decisions = map[release.Decision]string{
	release.Authorize:     "authorized",
	release.PreAuthorized: "pre-authorized",
	release.Reject:        "rejected",
	release.ExpiredGate:   "expired",
	release.ReviseIt:      "asked for a revision",
	release.VoidedGate:    "voided",
	release.Pending:       "waiting",
}

func decided(d release.Decision) cell {
	said, found := decisions[d]
	if !found {
		said = words(d)
	}
	return toned(decisionTones[d], "%s", said)
}

func (c composer) authorizations() []block {
	if len(c.Gates) == 0 {
		return append([]block{paragraph("No gate was opened.")}, c.refused()...)
	}
	var gates, votes [][]cell
	for _, g := range c.Gates {
		gates = append(gates, []cell{
			text(g.Name), digest(g.Digest), c.clock.at(g.Opened), c.clock.at(g.Decided), decided(g.Decision), text(c.policy(g)),
		})
		for _, v := range g.Votes {
			votes = append(votes, []cell{
				c.clock.at(v.At), text(g.Name), digest(g.Digest), text(c.who(v.By)), decided(v.Decision), text(v.Comment),
			})
		}
	}
	blocks := []block{columns(gates, "Gate", "Showed", "Opened", "Decided", "Decision", "Votes")}
	if len(votes) > 0 {
		blocks = append(blocks, heading("Votes that counted"), columns(votes, "At", "Gate", "On", "By", "Vote", "Comment"))
	} else {
		blocks = append(blocks, paragraph("Nobody voted."))
	}
	return append(blocks, c.refused()...)
}

// policy says how the gate was to be decided, and how far that came.
func (c composer) policy(g release.Gate) string {
	if g.Decision == release.PreAuthorized {
		return "none needed: the model says so beforehand"
	}
	said := fmt.Sprintf("%s, group %s", g.Progress(), g.Policy.Group)
	if g.Decision == release.Pending {
		said += "; needs " + g.Needs(c.plan.Authority())
	}
	return said
}

// refused lists what people tried and may want to be told about again.
func (c composer) refused() []block {
	var rows [][]cell
	for _, a := range c.acts {
		if !a.Counted {
			rows = append(rows, []cell{c.clock.at(a.At), text(c.who(a.By)), text(string(a.Action)), text(a.Summary), text(a.Refusal)})
		}
	}
	if len(rows) == 0 {
		return []block{paragraph("No action was refused.")}
	}
	return []block{heading("Refused actions"), columns(rows, "At", "By", "Action", "Wanted", "Refused because")}
}

// otherActions lists what people did that no other section tells.
func (c composer) otherActions() []block {
	var rows [][]cell
	for _, a := range c.acts {
		if a.Counted && !c.toldElsewhere(a) {
			rows = append(rows, []cell{c.clock.at(a.At), text(c.who(a.By)), text(string(a.Action)), text(a.Summary)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return []block{columns(rows, "At", "By", "Action", "Summary")}
}

// toldElsewhere leaves votes that their voter replaced: a gate keeps the latest
// of each.
func (c composer) toldElsewhere(a release.Act) bool {
	switch a.Action {
	case release.ActIncident, release.ActResolveIncident, release.ActServiceDeskCall, release.ActHandOver:
		return true
	case release.ActAuthorize:
		return slices.ContainsFunc(c.Gates, func(g release.Gate) bool {
			return slices.ContainsFunc(g.Votes, func(v release.Vote) bool {
				return v.By == a.By && v.At.Sub(a.At).Abs() < forwarding
			})
		})
	}
	return false
}

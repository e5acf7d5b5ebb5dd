package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Decision is what a vote says, and what a gate came to.
type Decision string

// Decisions of votes and gates. An expired or voided gate was not decided by
// votes; a pre-authorized one was decided by the release model.
const (
	Authorize     Decision = "authorize"
	Reject        Decision = "reject"
	ReviseIt      Decision = "revise"
	Pending       Decision = ""
	ExpiredGate   Decision = "expired"
	VoidedGate    Decision = "voided"
	PreAuthorized Decision = "pre-authorized"
)

// Votes lists what a vote may say.
var Votes = []Decision{Authorize, Reject, ReviseIt}

// GateContent is what an authorization is bound to; its digest is what the gate
// shows. Any change to it voids the votes.
type GateContent struct {
	Release  string   `json:"release"`
	Gate     string   `json:"gate"`
	Plan     Digest   `json:"plan"`
	Package  Digest   `json:"package,omitempty"`
	Evidence Digest   `json:"evidence,omitempty"`
	Targets  []string `json:"targets,omitempty"`
	Window   string   `json:"window,omitempty"`
	BackOut  Digest   `json:"backOut,omitempty"`
}

// Vote is an authorization that counted.
type Vote struct {
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	Decision Decision  `json:"decision"`
	Comment  string    `json:"comment,omitempty"`
}

// Gate is where people authorize what comes next (ITIL: change authority).
type Gate struct {
	Name   string     `json:"name"`
	Policy GatePolicy `json:"policy"`
	Digest Digest     `json:"digest"`
	// Content is what the digest is of.
	Content  GateContent `json:"content"`
	Opened   time.Time   `json:"opened"`
	Deadline time.Time   `json:"deadline,omitzero"`
	// Votes holds the latest vote of each person.
	Votes    []Vote    `json:"votes,omitempty"`
	Decision Decision  `json:"decision,omitempty"`
	Decided  time.Time `json:"decided,omitzero"`
}

// OpenGate opens a gate over a content.
func OpenGate(name string, policy GatePolicy, content GateContent, now time.Time) (Gate, error) {
	digest, err := DigestOf(content)
	if err != nil {
		return Gate{}, err
	}
	g := Gate{Name: name, Policy: policy, Digest: digest, Content: content, Opened: now}
	if policy.Deadline > 0 {
		g.Deadline = now.Add(policy.Deadline.Std())
	}
	return g, nil
}

// Cast counts a vote, or refuses it with the reason. The authority says who may vote:
// never the requester (separation of duties), and only members of the gate's
// group. A later vote of a person replaces the earlier one.
func (g *Gate) Cast(a Authorization, authority Authority, now time.Time) error {
	person, known := authority.Person(a.By)
	switch {
	case g.Decision != Pending:
		return Refusef("gate %s is already decided (%s)", g.Name, g.Decision)
	case a.Digest != "" && !g.Digest.Matches(a.Digest):
		return Refusef("digest %s is not what gate %s shows now: it shows %s; read what changed and vote on that", a.Digest, g.Name, g.Digest.Short())
	case !known:
		return Refusef("%s is not on the roster", a.By)
	case !person.In(g.Policy.Group):
		return Refusef("%s is not in group %s, which votes at gate %s", a.By, g.Policy.Group, g.Name)
	case a.By == authority.Requester:
		return Refusef("%s requested the release and cannot authorize it (separation of duties)", a.By)
	}
	g.Votes = slices.DeleteFunc(g.Votes, func(v Vote) bool { return v.By == a.By })
	g.Votes = append(g.Votes, Vote{At: now, By: a.By, Decision: a.Decision, Comment: a.Comment})
	if d := g.tally(); d != Pending {
		g.Decision, g.Decided = d, now
	}
	return nil
}

// tally says what the votes come to. One wish for a revision is enough to ask
// for one; rejections weigh before authorizations.
func (g Gate) tally() Decision {
	switch {
	case g.count(Reject) >= max(g.Policy.Rejections, 1):
		return Reject
	case g.count(ReviseIt) > 0:
		return ReviseIt
	case g.count(Authorize) >= g.Policy.Quorum:
		return Authorize
	}
	return Pending
}

func (g Gate) count(d Decision) int {
	n := 0
	for _, v := range g.Votes {
		if v.Decision == d {
			n++
		}
	}
	return n
}

// Close ends a gate that votes did not decide: expired or voided.
func (g *Gate) Close(d Decision, now time.Time) { g.Decision, g.Decided = d, now }

// Needs says who is still needed: "1 more of group cab (ben, eva)".
func (g Gate) Needs(authority Authority) string {
	var able []string
	for _, p := range authority.Roster {
		voted := slices.ContainsFunc(g.Votes, func(v Vote) bool { return v.By == p.ID && v.Decision == Authorize })
		if p.In(g.Policy.Group) && p.ID != authority.Requester && !voted {
			able = append(able, p.ID)
		}
	}
	missing := g.Policy.Quorum - g.count(Authorize)
	text := fmt.Sprintf("%d more of group %s", missing, g.Policy.Group)
	switch {
	case len(able) == 0:
		return text + ", but nobody is left who may vote"
	case len(able) < missing:
		return text + ", but only " + strings.Join(able, ", ") + " may vote"
	}
	return text + " (" + strings.Join(able, ", ") + ")"
}

// Progress says how far the quorum is: "1 of 2 authorized".
func (g Gate) Progress() string {
	return fmt.Sprintf("%d of %d authorized", g.count(Authorize), g.Policy.Quorum)
}

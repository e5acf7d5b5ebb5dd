package release

import (
	"fmt"
	"slices"
	"time"
)

// Decision is what a vote says, and what a gate came to.
type Decision string

// Decisions of votes and gates. An expired or voided gate was not decided by
// votes; a lapsed one was authorized, but what it was about began too late or
// changed; a pre-authorized one was decided by the release model.
const (
	Authorize     Decision = "authorize"
	Reject        Decision = "reject"
	ReviseIt      Decision = "revise"
	Pending       Decision = ""
	ExpiredGate   Decision = "expired"
	VoidedGate    Decision = "voided"
	LapsedGate    Decision = "lapsed"
	PreAuthorized Decision = "pre-authorized"
)

// Votes lists what a vote may say.
var Votes = []Decision{Authorize, Reject, ReviseIt}

// GateContent is what an authorization is bound to; its digest is what the gate
// shows. Any change to it voids the votes.
type GateContent struct {
	Release string `json:"release"`
	// Started is when the release was: an authorization of an earlier start of the
	// same version is none of this one.
	Started  time.Time `json:"started,omitzero"`
	Gate     string    `json:"gate"`
	Plan     Digest    `json:"plan"`
	Package  Digest    `json:"package,omitempty"`
	Evidence Digest    `json:"evidence,omitempty"`
	Targets  []string  `json:"targets,omitempty"`
	Window   string    `json:"window,omitempty"`
	BackOut  Digest    `json:"backOut,omitempty"`
}

// YourID stands for the voter's id in what is shown to be copied.
const YourID = "YOUR-ID"

// Vote is an authorization that counted.
type Vote struct {
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	Decision Decision  `json:"decision"`
	Comment  string    `json:"comment,omitempty"`
	// Seats are what the voter counts as: their own, and those delegated to them.
	Seats []Seat `json:"seats,omitempty"`
	// Key is the fingerprint of the key that signed the vote, and Signature the
	// signed ballot; empty for a vote that is not signed.
	Key       string    `json:"key,omitempty"`
	Signature string    `json:"signature,omitempty"`
	Issued    time.Time `json:"issued,omitzero"`
}

// Exclusion is somebody who never counts at a gate, and why (separation of duties).
type Exclusion struct {
	Person string `json:"person"`
	Why    string `json:"why"`
}

// Gate is where people authorize what comes next (ITIL: change authority).
type Gate struct {
	Name   string     `json:"name"`
	Policy GatePolicy `json:"policy"`
	Digest Digest     `json:"digest"`
	// Content is what the digest is of.
	Content  GateContent `json:"content"`
	Excluded []Exclusion `json:"excluded,omitempty"`
	Opened   time.Time   `json:"opened"`
	Deadline time.Time   `json:"deadline,omitzero"`
	// Escalated is when the gate was escalated; zero when it was not.
	Escalated time.Time `json:"escalated,omitzero"`
	// Votes holds the latest vote of each person.
	Votes    []Vote    `json:"votes,omitempty"`
	Decision Decision  `json:"decision,omitempty"`
	Decided  time.Time `json:"decided,omitzero"`
	// Reason says why the gate was voided.
	Reason string `json:"reason,omitempty"`
}

// OpenGate opens a gate over a content.
func OpenGate(name string, policy GatePolicy, content GateContent, excluded []Exclusion, now time.Time) (Gate, error) {
	digest, err := DigestOf(content)
	if err != nil {
		return Gate{}, err
	}
	g := Gate{Name: name, Policy: policy, Digest: digest, Content: content, Excluded: excluded, Opened: now}
	if policy.Deadline > 0 {
		g.Deadline = now.Add(policy.Deadline.Std())
	}
	return g, nil
}

// Voter is somebody who votes, as was found out at the moment of the vote.
type Voter struct {
	// Seats is empty for somebody who is not on the roster.
	Seats []Seat `json:"seats,omitempty"`
	// Key and Issued are those of a signature that was verified.
	Key    string    `json:"key,omitempty"`
	Issued time.Time `json:"issued,omitzero"`
}

// Cast counts a vote, or refuses it with the reason. A later vote of a person
// replaces the earlier one until the gate is decided.
func (g *Gate) Cast(a Authorization, voter Voter, now time.Time) error {
	if err := g.admits(a, voter, now); err != nil {
		return err
	}
	seats := g.eligible(a.By, voter.Seats)
	g.Votes = slices.DeleteFunc(g.Votes, func(v Vote) bool { return v.By == a.By })
	g.Votes = append(g.Votes, Vote{
		At: now, By: a.By, Decision: a.Decision, Comment: a.Comment, Seats: seats,
		Key: voter.Key, Signature: a.Signature, Issued: voter.Issued,
	})
	if d := g.Tally(); d != Pending {
		g.Decision, g.Decided = d, now
	}
	return nil
}

// admits refuses a vote that cannot count, with the reason.
func (g *Gate) admits(a Authorization, voter Voter, now time.Time) error {
	switch {
	case g.Decision != Pending:
		return Refusef("gate %s is already decided (%s)", g.Name, g.Decision)
	case !g.Deadline.IsZero() && now.After(g.Deadline):
		return Refusef("gate %s closed at %s", g.Name, g.Deadline.Format(time.RFC3339))
	case a.Digest != "" && !g.Digest.Matches(a.Digest):
		return Refusef("digest %s is not what gate %s shows now: it shows %s; read what changed and vote on that", a.Digest, g.Name, g.Digest.Short())
	case len(voter.Seats) == 0 && a.By == YourID:
		return Refusef("%s is not on the roster: put your own id in place of %s", a.By, YourID)
	case len(voter.Seats) == 0:
		return Refusef("%s is not on the roster", a.By)
	}
	if why, excluded := g.excludes(a.By); excluded {
		return Refusef("%s %s (separation of duties)", a.By, why)
	}
	if !slices.ContainsFunc(g.eligible(a.By, voter.Seats), g.entitles) {
		return Refusef("%s is none of those whom gate %s asks: %s", a.By, g.Name, g.Policy)
	}
	switch {
	case g.Policy.RequireDigest && a.Digest == "":
		return Refusef("gate %s wants votes that say what they are about: add \"digest\":\"%s\"", g.Name, g.Digest.Short())
	case g.Policy.Signed && voter.Key == "":
		return Refusef("gate %s wants signed votes: make one with starter authorize %s --gate %s --by %s --sign KEY", g.Name, g.Content.Release, g.Name, a.By)
	}
	return g.fresh(a.By, voter)
}

// fresh refuses a signature that is older than the gate, or than the person's last,
// and none where the person has signed before: anybody could have sent that.
func (g *Gate) fresh(by string, voter Voter) error {
	if voter.Key == "" {
		if slices.ContainsFunc(g.Votes, func(v Vote) bool { return v.By == by && v.Key != "" }) {
			return Refusef("the vote of %s that it would replace is signed: sign this one too", by)
		}
		return nil
	}
	if voter.Issued.Before(g.Opened.Truncate(time.Second)) {
		return Refusef("the signature was issued at %s, before gate %s was opened at %s: sign what it shows now",
			voter.Issued.Format(time.RFC3339), g.Name, g.Opened.Format(time.RFC3339))
	}
	for _, v := range g.Votes {
		if v.By == by && !voter.Issued.After(v.Issued) {
			return Refusef("the signature was issued at %s, not after the vote of %s that it would replace: sign again",
				voter.Issued.Format(time.RFC3339), by)
		}
	}
	return nil
}

func (g *Gate) excludes(person string) (why string, excluded bool) {
	i := slices.IndexFunc(g.Excluded, func(e Exclusion) bool { return e.Person == person })
	if i < 0 {
		return "", false
	}
	return g.Excluded[i].Why, true
}

// eligible leaves out the seats of people who never count here: nobody can stand
// in for them either. It leaves out those too with which somebody else has voted.
func (g *Gate) eligible(by string, seats []Seat) []Seat {
	return slices.DeleteFunc(slices.Clone(seats), func(s Seat) bool {
		_, excluded := g.excludes(s.Person)
		return excluded || (s.Person != by && slices.ContainsFunc(g.Votes, func(v Vote) bool { return v.By != by && v.holds(s.Person) }))
	})
}

// holds tells whether the vote was cast with the seat of a person.
func (v Vote) holds(person string) bool {
	return slices.ContainsFunc(v.Seats, func(s Seat) bool { return s.Person == person })
}

// entitles tells whether a seat votes at this gate.
func (g *Gate) entitles(s Seat) bool { return s.Is(g.Policy.voters()...) || g.standsIn(s) }

// standsIn tells whether a seat may stand in for whoever is missing.
func (g *Gate) standsIn(s Seat) bool {
	return !g.Escalated.IsZero() && g.Policy.Escalate != nil && s.Is(g.Policy.Escalate.To)
}

// Escalate lets the group of the escalation stand in, for as long as the policy
// says.
func (g *Gate) Escalate(now time.Time) {
	g.Escalated, g.Deadline = now, now.Add(g.Policy.Escalate.For.Std())
	if d := g.Tally(); d != Pending { // what they said before may count now
		g.Decision, g.Decided = d, now
	}
}

// MayEscalate tells whether there is somebody left to escalate to.
func (g *Gate) MayEscalate() bool { return g.Policy.Escalate != nil && g.Escalated.IsZero() }

// Close ends a gate that votes did not decide: expired or voided.
func (g *Gate) Close(d Decision, now time.Time) { g.Decision, g.Decided = d, now }

// Wakes says when the gate next has to be looked at: to remind people, or because
// its deadline is there; zero when never.
func (g *Gate) Wakes(now time.Time) time.Time {
	every := g.Policy.RemindEvery.Std()
	if every == 0 {
		return g.Deadline
	}
	reminder := g.Opened.Add((now.Sub(g.Opened)/every + 1) * every)
	if g.Deadline.IsZero() || reminder.Before(g.Deadline) {
		return reminder
	}
	return g.Deadline
}

// ValidUntil is when the authorization lapses; zero when it does not.
func (g *Gate) ValidUntil() time.Time {
	if g.Policy.Validity == 0 {
		return time.Time{}
	}
	return g.Decided.Add(g.Policy.Validity.Std())
}

// Progress says how far the votes are: "1 of 2 authorized".
func (g *Gate) Progress() string {
	needed := len(g.Policy.slots())
	if needed == 0 {
		needed = len(g.Policy.Mandatory)
		return fmt.Sprintf("%d of %d authorized", needed-len(g.missingMandatory()), needed)
	}
	text := fmt.Sprintf("%d of %d authorized", needed-len(g.missing()), needed)
	if absent := g.missingMandatory(); len(absent) > 0 {
		text += ", without " + list(absent)
	}
	return text
}

package audit

import (
	"fmt"
	"slices"
	"time"

	"slipway/release"
	"slipway/release/ballot"
)

// votes checks every vote: it is in the ledger, its voter had a say, and it is signed
// where that was asked for; and no vote that counted was left out.
func (v *verification) votes() (string, error) {
	all, signed := 0, 0
	for i := range v.a.Gates {
		g := &v.a.Gates[i]
		for j, vote := range g.Votes {
			if err := v.vote(i, j); err != nil {
				return "", fmt.Errorf("the vote of %s at gate %s: %w", vote.By, g.Name, err)
			}
			all++
			if vote.Signature != "" {
				signed++
			}
		}
	}
	for _, e := range v.a.Entries {
		if e.Counted && !v.counts(e) {
			return "", fmt.Errorf("entry %d of the ledger, %s by %s at gate %s, counted, but is not among the votes of the gate", e.Seq, e.Decision, e.By, e.Gate)
		}
	}
	return believed(all, signed), nil
}

func (v *verification) vote(gate, i int) error {
	g := &v.a.Gates[gate]
	vote := g.Votes[i]
	if slices.ContainsFunc(g.Votes[:i], func(other release.Vote) bool { return other.By == vote.By }) {
		return fmt.Errorf("it is counted twice")
	}
	if !slices.ContainsFunc(v.a.Entries, func(e release.LedgerEntry) bool { return isOf(vote, e) && v.during(gate, e) }) {
		return fmt.Errorf("no entry of the ledger says that it came in and counted: it was put in, or changed")
	}
	if err := v.entitled(g, vote); err != nil {
		return err
	}
	return v.authentic(g, vote)
}

// isOf tells whether an entry of the ledger is that of a vote.
func isOf(vote release.Vote, e release.LedgerEntry) bool {
	return e.Counted && e.By == vote.By && e.Decision == vote.Decision && e.Signature == vote.Signature && e.Key == vote.Key &&
		e.At.Equal(stamp(vote.At))
}

// during tells whether an entry of the ledger came in for this opening of a gate,
// and not for a later one that shows the same.
func (v *verification) during(gate int, e release.LedgerEntry) bool {
	g := &v.a.Gates[gate]
	return shows(g, e) && !slices.ContainsFunc(v.a.Gates[gate+1:], func(later release.Gate) bool { return shows(&later, e) })
}

// shows tells whether an entry of the ledger is about what a gate shows since it was
// opened.
func shows(g *release.Gate, e release.LedgerEntry) bool {
	return e.Gate == g.Name && e.Shown == g.Digest && !e.At.Before(stamp(g.Opened))
}

// stamp is a time as the ledger has it.
func stamp(t time.Time) time.Time { return t.Truncate(time.Microsecond) }

// counts tells whether an entry that counted is among the votes of its gate, or a
// later one of the same person took its place.
func (v *verification) counts(e release.LedgerEntry) bool {
	for i := range v.a.Gates {
		if !v.during(i, e) {
			continue
		}
		later := func(o release.LedgerEntry) bool { return o.Counted && o.Seq > e.Seq && o.By == e.By && v.during(i, o) }
		return slices.ContainsFunc(v.a.Gates[i].Votes, func(vote release.Vote) bool { return isOf(vote, e) }) ||
			slices.ContainsFunc(v.a.Entries, later)
	}
	return false
}

// entitled checks the voter, and everybody in whose place they voted, against the
// roster and those whom the gate excluded.
func (v *verification) entitled(g *release.Gate, vote release.Vote) error {
	const since = "if the roster changed since, verify with the one of that time"
	if _, known := v.o.Person(vote.By); !known {
		return fmt.Errorf("%s is not on the roster; %s", vote.By, since)
	}
	if len(vote.Seats) == 0 {
		return fmt.Errorf("it counted, but for nobody")
	}
	given := v.o.Seats(vote.By, vote.At)
	for _, seat := range vote.Seats {
		for _, e := range g.Excluded {
			if e.Person == seat.Person || e.Person == vote.By {
				return fmt.Errorf("it counted, but %s %s (separation of duties)", e.Person, e.Why)
			}
		}
		covers := func(s release.Seat) bool {
			return s.Person == seat.Person && !slices.ContainsFunc(seat.Groups, func(group string) bool { return !slices.Contains(s.Groups, group) })
		}
		if !slices.ContainsFunc(given, covers) {
			return fmt.Errorf("it counted as one of %s in %q, which the roster does not give them; %s", seat.Person, seat.Groups, since)
		}
	}
	return nil
}

// authentic verifies the signature of a vote by the voter's keys as they were then.
func (v *verification) authentic(g *release.Gate, vote release.Vote) error {
	if vote.Signature == "" && vote.Key == "" {
		if g.Policy.Signed {
			return fmt.Errorf("it is not signed, which the gate asked for")
		}
		return nil
	}
	person, _ := v.o.Person(vote.By)
	signed, err := ballot.Read(vote.Signature)
	if err != nil {
		return err
	}
	fingerprint, err := signed.Verify(person.Keys, vote.At)
	if err != nil {
		return err
	}
	b := signed.Ballot
	switch {
	case fingerprint != vote.Key || !b.Issued.Equal(vote.Issued):
		return fmt.Errorf("it is said to be signed with %s at %s, but is with %s at %s", vote.Key, clock(vote.Issued), fingerprint, clock(b.Issued))
	case b.Issued.Before(g.Opened.Truncate(time.Second)):
		return fmt.Errorf("it was signed at %s, before the gate was opened at %s", clock(b.Issued), clock(g.Opened))
	}
	return b.Matches(ballot.Ballot{Release: v.a.Release, Gate: g.Name, Digest: g.Digest, Decision: vote.Decision, By: vote.By})
}

// believed says how far the votes can be believed.
func believed(all, signed int) string {
	switch {
	case all == 0:
		return "no vote counted"
	case signed == all:
		return release.ManyOf(all, "vote") + ", signed by who voted"
	}
	return fmt.Sprintf("%d of %s signed; %d only as good as the server's word", signed, release.ManyOf(all, "vote"), all-signed)
}

package release

import (
	"fmt"
	"slices"
	"time"
)

// Person is somebody who may act on releases.
type Person struct {
	ID     string   `json:"id"`
	Name   string   `json:"name,omitempty"`
	Groups []string `json:"groups,omitempty"`
	// Roles are what the person is, as in "change-manager"; policies may name them.
	Roles []string `json:"roles,omitempty"`
	// Keys are the SSH public keys by which the person signs votes.
	Keys []Key `json:"keys,omitempty"`
	// Contact is where the person is told that something waits: a shoutrrr URL, or
	// a reference to one, "env:NAME" or "file:PATH" on the worker.
	Contact string `json:"contact,omitempty"`
}

// Signer is a worker that signs attestations, with its public key.
type Signer struct {
	Name string `json:"name"`
	Key
}

// Delegation lets somebody vote in another's place for a while.
type Delegation struct {
	From  string    `json:"from"`
	To    string    `json:"to"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// Reason is for the records, as in "holidays".
	Reason string `json:"reason,omitempty"`
}

// Holds tells whether the delegation is in force at a time.
func (d Delegation) Holds(at time.Time) bool { return !at.Before(d.Start) && at.Before(d.End) }

// In tells whether the person is in any of the groups.
func (p Person) In(groups ...string) bool {
	return slices.ContainsFunc(p.Groups, func(g string) bool { return slices.Contains(groups, g) })
}

// Seat gives what the person votes as.
func (p Person) Seat() Seat {
	return Seat{Person: p.ID, Groups: slices.Concat(p.Groups, p.Roles)}
}

// Seat is a place at the table: a person with the groups and roles that the roster
// gave at the time of the vote. Who votes has a seat, and those of the people
// in whose place they vote.
type Seat struct {
	Person string   `json:"person"`
	Groups []string `json:"groups,omitempty"`
}

// Is tells whether the seat is that of a person, or in a group or role, of one of
// these names.
func (s Seat) Is(names ...string) bool {
	return slices.Contains(names, s.Person) ||
		slices.ContainsFunc(s.Groups, func(g string) bool { return slices.Contains(names, g) })
}

// Seats gives the seats of somebody at a time: their own, then those of the people
// who delegated theirs; none for somebody who is not on the roster.
func (o Organization) Seats(id string, at time.Time) []Seat {
	person, known := o.Person(id)
	if !known {
		return nil
	}
	seats := []Seat{person.Seat()}
	for _, d := range o.Delegations {
		if from, known := o.Person(d.From); known && d.To == id && d.Holds(at) {
			seats = append(seats, from.Seat())
		}
	}
	return seats
}

// WithDelegates gives these people and whoever votes in their place at a time, each
// once.
func (o Organization) WithDelegates(ids []string, at time.Time) []string {
	all := slices.Clone(ids)
	for _, d := range o.Delegations {
		if d.Holds(at) && slices.Contains(ids, d.From) && !slices.Contains(all, d.To) {
			all = append(all, d.To)
		}
	}
	return all
}

// people gives the roster as a plan keeps it: without keys and contacts, which
// count as they are at the moment that they are needed.
func (o Organization) people() []Person {
	people := slices.Clone(o.Roster)
	for i := range people {
		people[i].Keys, people[i].Contact = nil, ""
	}
	return people
}

// reachable lists the people who have a contact.
func (o Organization) reachable() []string {
	var ids []string
	for _, p := range o.Roster {
		if p.Contact != "" {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// named tells whether anybody is, or is in a group or role, of a name.
func (o Organization) named(name string) bool {
	return slices.ContainsFunc(o.Roster, func(p Person) bool { return p.Seat().Is(name) })
}

// checkPeople notes what is wrong with the roster and the delegations.
func (o Organization) checkPeople(problems *Problems) {
	unique(problems, "roster", o.Roster, func(p Person) string { return p.ID })
	holders := map[string]string{}
	for i, p := range o.Roster {
		for j, k := range p.Keys {
			k.check(fmt.Sprintf("roster[%d].keys[%d]", i, j), p.ID, holders, problems)
		}
		for _, other := range o.Roster {
			if slices.Contains(other.Groups, p.ID) || slices.Contains(other.Roles, p.ID) {
				problems.add(fmt.Sprintf("roster[%d].id", i), "%q is also a group or role of %s: a policy could not tell them apart", p.ID, other.ID)
				break
			}
		}
	}
	unique(problems, "workers", o.Workers, func(s Signer) string { return s.Name })
	for i, s := range o.Workers {
		s.check(fmt.Sprintf("workers[%d].key", i), "worker "+s.Name, holders, problems)
	}
	for i, d := range o.Delegations {
		o.checkDelegation(i, d, problems)
	}
}

func (o Organization) checkDelegation(i int, d Delegation, problems *Problems) {
	at := fmt.Sprintf("delegations[%d]", i)
	for _, id := range []string{d.From, d.To} {
		if _, known := o.Person(id); !known {
			problems.add(at, "%q is not on the roster", id)
		}
	}
	if d.From == d.To {
		problems.add(at, "%s cannot stand in for themself", d.From)
	}
	if !d.Start.Before(d.End) {
		problems.add(at, "it ends (%s) before it begins (%s)", d.End, d.Start)
	}
	for j, other := range o.Delegations[:i] {
		if other.From == d.From && other.Start.Before(d.End) && d.Start.Before(other.End) {
			problems.add(at, "%s has delegated to %s at the same time (delegations[%d])", d.From, other.To, j)
		}
	}
}

package release

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ReadinessItem is something that has to be there before a deployment begins:
// named people confirm it, or a script finds out.
type ReadinessItem struct {
	Name string `json:"name"`
	Text string `json:"text"`
	// Kind is "other" when it is left out.
	Kind ReadinessKind `json:"kind,omitempty"`
	// ConfirmedBy are people, groups and roles, of whom any one confirms the item.
	ConfirmedBy []string `json:"confirmedBy,omitempty"`
	// In names the environments, or purposes of environments, for which it has to be
	// there; none means all.
	In []string `json:"in,omitempty"`
	// Run is a POSIX shell script on the worker instead, which ends with 0 when the
	// item is there. It only looks, and may run more than once.
	Run     string            `json:"run,omitempty"`
	Env     map[string]string `json:"env,omitempty"`
	Secrets map[string]string `json:"secrets,omitempty"`
	Timeout Duration          `json:"timeout,omitempty"`
}

// ReadinessKind says what an item of readiness is about.
type ReadinessKind string

// The kinds of readiness.
const (
	ReadyTraining     ReadinessKind = "training"
	ReadySupportStaff ReadinessKind = "support-staff"
	ReadyDocument     ReadinessKind = "document"
	ReadyOther        ReadinessKind = "other"
)

// ReadinessKinds lists them.
var ReadinessKinds = []ReadinessKind{ReadyTraining, ReadySupportStaff, ReadyDocument, ReadyOther}

// Is gives the kind of the item.
func (i ReadinessItem) Is() ReadinessKind { return cmp.Or(i.Kind, ReadyOther) }

// Automatic tells that a script finds out.
func (i ReadinessItem) Automatic() bool { return i.Run != "" }

// String says what has to be there: "training desk: the service desk is trained".
func (i ReadinessItem) String() string { return fmt.Sprintf("%s %s: %s", i.Is(), i.Name, i.Text) }

// applies tells whether the item has to be there for an environment.
func (i ReadinessItem) applies(environment, purpose string) bool {
	return len(i.In) == 0 || slices.Contains(i.In, environment) || (purpose != "" && slices.Contains(i.In, purpose))
}

// ReadinessIn lists what has to be there for an environment of a purpose.
func (d Definition) ReadinessIn(environment, purpose string) []ReadinessItem {
	var items []ReadinessItem
	for _, i := range d.Readiness {
		if i.applies(environment, purpose) {
			items = append(items, i)
		}
	}
	return items
}

// Confirmation says that an item of readiness is there, as a person or its script
// found.
type Confirmation struct {
	Item string        `json:"item"`
	Kind ReadinessKind `json:"kind"`
	// Text is what the item said when it was confirmed.
	Text string    `json:"text"`
	At   time.Time `json:"at"`
	// By is empty when a script found so.
	By      string `json:"by,omitempty"`
	Comment string `json:"comment,omitempty"`
	// Execution is how the script went.
	Execution *Execution `json:"execution,omitempty"`
	// Failure says why the script did not find the item there; then By, if anybody,
	// accepted that for the reason in Comment.
	Failure string `json:"failure,omitempty"`
}

// who says who found the item there.
func (c Confirmation) who() string {
	switch {
	case c.By == "" && c.Failure == "":
		return "its script"
	case c.By == "":
		return "nobody yet"
	}
	return c.By + ", " + clock(c.At)
}

// remark says what else there is to say.
func (c Confirmation) remark() string {
	if c.Failure == "" || c.By == "" {
		return c.Failure + c.Comment
	}
	return c.Failure + ", accepted: " + c.Comment
}

// Confirmation gives that of the item, at a time, by somebody; "" is its script.
func (i ReadinessItem) Confirmation(at time.Time, by, comment string) Confirmation {
	return Confirmation{Item: i.Name, Kind: i.Is(), Text: i.Text, At: at.UTC(), By: by, Comment: comment}
}

// Readiness is what has to be there for a deployment, and what is.
type Readiness struct {
	Items     []ReadinessItem `json:"items,omitempty"`
	Confirmed []Confirmation  `json:"confirmed,omitempty"`
}

// Missing lists the items that people have still to confirm.
func (r Readiness) Missing() []ReadinessItem {
	var missing []ReadinessItem
	for _, i := range r.Items {
		if _, confirmed := r.confirmed(i.Name); !i.Automatic() && !confirmed {
			missing = append(missing, i)
		}
	}
	return missing
}

// Automatic lists the items that scripts find out about.
func (r Readiness) Automatic() []ReadinessItem {
	return slices.DeleteFunc(slices.Clone(r.Items), func(i ReadinessItem) bool { return !i.Automatic() })
}

// Note gives the confirmations with another one, in the place of an earlier one of
// the same item.
func (r Readiness) Note(c Confirmation) []Confirmation {
	list := slices.DeleteFunc(slices.Clone(r.Confirmed), func(other Confirmation) bool { return other.Item == c.Item })
	return append(list, c)
}

// Confirm gives the confirmation that a message asks for, or refuses it: when there
// is no such item, when it is not for its sender to confirm, or when it was
// confirmed already.
func (r Readiness) Confirm(m Confirm, a Authority, at time.Time) (Confirmation, error) {
	n := slices.IndexFunc(r.Items, func(i ReadinessItem) bool { return i.Name == m.Item })
	if n < 0 {
		return Confirmation{}, Refusef("there is no item %q of readiness for %s: there is %s", m.Item, m.Environment,
			names(r.Items, func(i ReadinessItem) string { return i.Name }))
	}
	item := r.Items[n]
	if item.Automatic() {
		return Confirmation{}, Refusef("item %s is found out by its script, just before the deployment: nobody can confirm it", item.Name)
	}
	if before, confirmed := r.confirmed(item.Name); confirmed {
		return Confirmation{}, Refusef("item %s was confirmed by %s already, at %s", item.Name, before.By, before.At.Format(time.RFC3339))
	}
	if !a.is(m.By, item.ConfirmedBy) {
		return Confirmation{}, Refusef("%s may not confirm item %s: that is for %s", m.By, item.Name, a.Named(item.ConfirmedBy))
	}
	return item.Confirmation(at, m.By, m.Comment), nil
}

func (r Readiness) confirmed(item string) (Confirmation, bool) {
	i := slices.IndexFunc(r.Confirmed, func(c Confirmation) bool { return c.Item == item })
	if i < 0 {
		return Confirmation{}, false
	}
	return r.Confirmed[i], true
}

// StillConfirmed gives those of the confirmations by people whose items another
// definition has too, unchanged.
func StillConfirmed(confirmed []Confirmation, was, is Definition) []Confirmation {
	find := func(d Definition, name string) *ReadinessItem {
		i := slices.IndexFunc(d.Readiness, func(i ReadinessItem) bool { return i.Name == name })
		if i < 0 {
			return nil
		}
		return &d.Readiness[i]
	}
	var still []Confirmation
	for _, c := range confirmed {
		before, now := find(was, c.Item), find(is, c.Item)
		if before != nil && now != nil && !now.Automatic() && Same(before, now) {
			still = append(still, c)
		}
	}
	return still
}

// is tells whether somebody is one of, or in one of, these people, groups and roles.
func (a Authority) is(id string, names []string) bool {
	person, known := a.Person(id)
	return known && person.Seat().Is(names...)
}

// Named says in words who people, groups and roles are: "group service-desk (sam)
// or tina".
func (a Authority) Named(names []string) string {
	who := make([]string, len(names))
	for i, name := range names {
		who[i] = name
		if _, person := a.Person(name); person {
			continue
		}
		var members []string
		for _, p := range a.Roster {
			if p.Seat().Is(name) {
				members = append(members, p.ID)
			}
		}
		who[i] = fmt.Sprintf("group %s (%s)", name, strings.Join(members, ", "))
	}
	return strings.Join(who, " or ")
}

// FirstNamed names somebody of people, groups and roles who may do an action, for
// examples; empty when nobody may.
func (a Authority) FirstNamed(action Action, names []string) string {
	for _, p := range a.Roster {
		if p.Seat().Is(names...) && a.Check(action, p.ID) == nil {
			return p.ID
		}
	}
	return ""
}

package starter

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"slipway/release"
)

// AgendaFilter says which of the gates that wait are wanted; what is left empty
// does not matter.
type AgendaFilter struct {
	// Gates, Service and Model leave out other gates, and those of other releases.
	Gates          []string
	Service, Model string
	// Group leaves out gates that do not need votes of this group or role.
	Group string
	// Person leaves out gates that do not ask this person, or not any more. Nobody
	// is asked who only votes in another's place.
	Person string
	// Before leaves out gates that stay open until then, or for ever.
	Before time.Time
}

// AgendaItem is a gate that waits for votes: a point of the agenda of a meeting.
type AgendaItem struct {
	Release string `json:"release"`
	Gate    string `json:"gate"`
	Title   string `json:"title,omitempty"`
	Model   string `json:"model,omitempty"`
	// Risk is the score, and Level its word.
	Risk  int    `json:"risk"`
	Level string `json:"level"`
	// About says in one line what would change.
	About string `json:"about,omitempty"`
	// Needs says in words who is still needed.
	Needs string `json:"needs,omitempty"`
	// Signed says that votes have to be signed.
	Signed bool      `json:"signed,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	// Deadline is when the gate closes; zero when it does not.
	Deadline time.Time      `json:"deadline,omitzero"`
	Digest   release.Digest `json:"digest,omitempty"`
	// Unknown says why the release could not be asked; of such a one only what the
	// server knows is here.
	Unknown string `json:"unknown,omitempty"`

	gate      release.Gate
	taskQueue string
}

// Shown is the gate as it was when the agenda was read.
func (i AgendaItem) Shown() release.Gate { return i.gate }

// besides is how many releases are asked, or voted on, at the same time.
const besides = 32

// Agenda gives every gate that waits, the most urgent first: by deadline, then
// those without one, each from the oldest. Releases that cannot be asked come last;
// they are there whatever is wanted, since nobody knows what they wait for.
func (c *Client) Agenda(ctx context.Context, wanted AgendaFilter) ([]AgendaItem, error) {
	open, err := c.List(ctx, Filter{Open: true, Service: wanted.Service, Model: wanted.Model})
	if err != nil {
		return nil, err
	}
	open = slices.DeleteFunc(open, func(l Listed) bool { return !IsGate(l.Awaiting) || !wanted.at(l.Awaiting) })
	items, err := besideEachOther(open, func(l Listed) ([]AgendaItem, error) { return c.waitsOf(ctx, l, wanted) })
	slices.SortFunc(items, byUrgency)
	return items, err
}

// besideEachOther asks several releases at the same time, and gives all answers in
// the order of the releases, or one of the errors.
func besideEachOther[T any](open []Listed, ask func(l Listed) ([]T, error)) ([]T, error) {
	found := make([][]T, len(open))
	failed := make([]error, len(open))
	free := make(chan struct{}, besides)
	var asked sync.WaitGroup
	for i, l := range open {
		asked.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			found[i], failed[i] = ask(l)
		})
	}
	asked.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return append([]T{}, slices.Concat(found...)...), nil // an empty list, not none
}

// IsGate tells a gate from the other waits in the search attribute.
func IsGate(awaiting string) bool {
	gates := []string{release.GatePlan, release.GateBuild, release.GateReview}
	return slices.Contains(gates, awaiting) || strings.HasPrefix(awaiting, release.DeployGate(""))
}

// waitsOf gives the gates that a release waits for. The error is of the server; a
// release that is not answered for is an item, too.
func (c *Client) waitsOf(ctx context.Context, l Listed, wanted AgendaFilter) ([]AgendaItem, error) {
	record, open, err := c.state(ctx, l.ID)
	var authority release.Authority
	if err == nil && open && wanted.Person != "" {
		var plan release.Plan
		plan, err = c.PlanOf(ctx, l.ID)
		authority = plan.Authority()
	}
	switch code := CodeOf(err); {
	case code == NotFound || err == nil && !open:
		return nil, nil // it has ended since it was listed
	case ctx.Err() == nil && (code == NoWorker || code == Unavailable):
		risk := release.Risk{Score: l.Risk}
		return []AgendaItem{{Release: l.ID, Gate: l.Awaiting, Model: l.Model, Risk: l.Risk, Level: risk.Level(), Unknown: err.Error(), taskQueue: l.taskQueue}}, nil
	case err != nil:
		return nil, err
	}
	var items []AgendaItem
	for _, wait := range record.Awaiting {
		var gate release.Gate
		if shown := record.Gate(wait.Gate); shown != nil {
			gate = *shown
		}
		if wait.Gate != "" && wanted.at(wait.Gate) && wanted.includes(gate, wait, authority) {
			items = append(items, AgendaItem{
				Release: record.ID, Gate: wait.Gate, Title: record.Title, Model: record.Model, Risk: record.Risk.Score, Level: record.Risk.Level(),
				About: wait.About, Needs: wait.Needs, Signed: gate.Policy.Signed, Since: wait.Since, Deadline: wait.Deadline, Digest: wait.Digest,
				gate: gate, taskQueue: l.taskQueue,
			})
		}
	}
	return items, nil
}

// at tells whether a gate is wanted.
func (f AgendaFilter) at(gate string) bool {
	return len(f.Gates) == 0 || slices.Contains(f.Gates, gate)
}

func (f AgendaFilter) includes(gate release.Gate, wait release.Awaiting, authority release.Authority) bool {
	switch {
	case f.Group != "" && !needs(gate, f.Group):
		return false
	case f.Person != "" && !slices.Contains(gate.Asked(authority), f.Person):
		return false
	}
	return f.Before.IsZero() || !wait.Deadline.IsZero() && wait.Deadline.Before(f.Before)
}

// needs tells whether a gate needs votes of a group or role.
func needs(gate release.Gate, group string) bool {
	p := gate.Policy
	standsIn := !gate.Escalated.IsZero() && p.Escalate != nil && p.Escalate.To == group
	return p.Votes[group] > 0 || slices.Contains(p.Mandatory, group) || standsIn
}

// byUrgency orders gates by deadline, then by age; the ones nobody knows more of
// come last.
func byUrgency(a, b AgendaItem) int {
	return cmp.Or(
		rank(a)-rank(b),
		a.Deadline.Compare(b.Deadline),
		a.Since.Compare(b.Since),
		cmp.Compare(a.Release, b.Release),
		cmp.Compare(a.Gate, b.Gate),
	)
}

func rank(i AgendaItem) int {
	switch {
	case i.Unknown != "":
		return 2
	case i.Deadline.IsZero():
		return 1
	}
	return 0
}

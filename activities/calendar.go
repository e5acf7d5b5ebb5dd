package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slipway/release"
)

// CalendarInput asks about the calendar as it is from a time on.
type CalendarInput struct {
	Now time.Time `json:"now"`
}

// CalendarResult is what people added to the calendar and still matters, and how
// many entries were ever added.
type CalendarResult struct {
	Entries []release.CalendarEntry `json:"entries"`
	Count   int                     `json:"count"`
}

// CheckCalendarInput asks whether somebody may change the calendar in this way.
type CheckCalendarInput struct {
	By   string               `json:"by"`
	Kind release.CalendarKind `json:"kind"`
	// Add is what is to be added; nil when something is to be removed.
	Add *release.CalendarEntry `json:"add,omitempty"`
	Now time.Time              `json:"now"`
}

// CheckCalendarResult says why not; empty when it may be so.
type CheckCalendarResult struct {
	Refusal string `json:"refusal,omitempty"`
}

// ViewCalendarInput asks for the calendar as people see it.
type ViewCalendarInput struct {
	release.CalendarRequest
	Now time.Time `json:"now"`
}

// TellResult is how many workflows were told.
type TellResult struct {
	Told int `json:"told"`
}

// Waiters reaches the deployments that may wait for the calendar.
type Waiters interface {
	// CalendarChanged tells every deployment that runs, and gives how many there are.
	CalendarChanged(ctx context.Context) (int, error)
}

// LoadCalendar gives what people added, as the CMS has it.
func (a *Activities) LoadCalendar(ctx context.Context, in CalendarInput) (CalendarResult, error) {
	entries, count, err := a.Store.Calendar(ctx, in.Now)
	return CalendarResult{Entries: entries, Count: count}, err
}

// CheckCalendar says whether the organization lets somebody change the calendar in
// this way, by its policy of this moment.
func (a *Activities) CheckCalendar(_ context.Context, in CheckCalendarInput) (CheckCalendarResult, error) {
	o := a.Organization()
	err := o.MayChangeCalendar(in.Kind, in.By)
	if err == nil && in.Add != nil {
		err = o.CheckEntry(*in.Add, in.Now)
	}
	var refusal release.Refusal
	if errors.As(err, &refusal) {
		return CheckCalendarResult{Refusal: refusal.Error()}, nil
	}
	return CheckCalendarResult{}, err
}

// ViewCalendar gives the whole calendar: what is configured and what people added.
func (a *Activities) ViewCalendar(ctx context.Context, in ViewCalendarInput) (release.CalendarView, error) {
	added, _, err := a.Store.Calendar(ctx, in.Now)
	if err != nil {
		return release.CalendarView{}, err
	}
	return answered(a.Organization().View(added, in.Now, in.CalendarRequest))
}

// TellDeployments tells every deployment that runs that the calendar changed.
func (a *Activities) TellDeployments(ctx context.Context, _ CalendarInput) (TellResult, error) {
	told, err := a.Waiters.CalendarChanged(ctx)
	return TellResult{Told: told}, err
}

// organization gives the organization with the windows and freezes that people
// added.
func (a *Activities) organization(ctx context.Context, now time.Time) (release.Organization, error) {
	added, _, err := a.Store.Calendar(ctx, now)
	if err != nil {
		return release.Organization{}, fmt.Errorf("windows and freezes that were added: %w", err)
	}
	return a.Organization().With(added), nil
}

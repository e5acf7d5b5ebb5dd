package starter

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"slipway/release"
)

// Calendar is the calendar with the releases that are on their way.
type Calendar struct {
	release.CalendarView
	Releases []PlannedRelease `json:"releases"`
}

// PlannedRelease is an environment that an open release still goes to.
type PlannedRelease struct {
	Release     string                   `json:"release"`
	Title       string                   `json:"title,omitempty"`
	Environment string                   `json:"environment"`
	State       release.EnvironmentState `json:"state"`
	// Awaits is what the release waits for, there or before, as in "deploy:production".
	Awaits []string `json:"awaits,omitempty"`
	// Opens is when the environment opens next for this release, and Until when that
	// ends; zero when nothing in sight does.
	Opens time.Time `json:"opens,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// Unknown says why the release could not be asked.
	Unknown string `json:"unknown,omitempty"`
}

// AddFreeze forbids changes for a while.
func (c *Client) AddFreeze(ctx context.Context, m release.AddFreeze) (release.Receipt, error) {
	return c.changeCalendar(ctx, release.ActAddFreeze, m)
}

// AddWindow lets an environment be changed in a window more.
func (c *Client) AddWindow(ctx context.Context, m release.AddWindow) (release.Receipt, error) {
	return c.changeCalendar(ctx, release.ActAddWindow, m)
}

// RemoveCalendarEntry takes out what somebody added.
func (c *Client) RemoveCalendarEntry(ctx context.Context, m release.RemoveCalendarEntry) (release.Receipt, error) {
	return c.changeCalendar(ctx, release.ActRemoveEntry, m)
}

// changeCalendar sends an action to the calendar, which is started when nobody
// needed it before, and waits until it counted or was refused.
func (c *Client) changeCalendar(ctx context.Context, action release.Action, message release.Message) (release.Receipt, error) {
	var receipt release.Receipt
	taskQueue := c.queueOf(ctx, release.CalendarID)
	if err := c.needWorker(ctx, taskQueue); err != nil {
		return receipt, err
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	start := c.temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: release.CalendarID, TaskQueue: c.taskQueue, StaticSummary: "Windows and freezes that people added",
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}, release.WorkflowCalendar, release.CalendarStatus{})
	update, err := c.temporal.UpdateWithStartWorkflow(waiting, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName: string(action), Args: []any{message}, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err == nil {
		err = update.Get(waiting, &receipt)
	}
	var late *client.WorkflowUpdateServiceTimeoutOrCanceledError
	if errors.As(err, &late) && ctx.Err() == nil {
		return receipt, failure(NoWorker, err, "no worker on task queue %s answered within %v: see in `starter calendar` whether it counted", taskQueue, patience)
	}
	return receipt, c.notDone(ctx, release.CalendarID, release.CalendarID, taskQueue, err)
}

// Calendar gives windows and freezes of the next days, and the releases that are on
// their way.
func (c *Client) Calendar(ctx context.Context, r release.CalendarRequest) (Calendar, error) {
	found := Calendar{Releases: []PlannedRelease{}}
	if err := r.Check(); err != nil {
		return found, failure(Refused, err, "refused: %v", err)
	}
	if err := c.view(ctx, question{"the calendar", release.WorkflowCalendarView, "calendar-view"}, r, &found.CalendarView); err != nil {
		return found, err
	}
	var err error
	found.Releases, err = c.onTheirWay(ctx, r.Environment, found.CalendarView)
	return found, err
}

// onTheirWay gives where open releases still go to, those first that get there first.
func (c *Client) onTheirWay(ctx context.Context, environment string, view release.CalendarView) ([]PlannedRelease, error) {
	open, err := c.List(ctx, Filter{Open: true})
	if err != nil {
		return nil, err
	}
	planned, err := besideEachOther(open, func(l Listed) ([]PlannedRelease, error) { return c.plannedOf(ctx, l, view) })
	planned = slices.DeleteFunc(planned, func(p PlannedRelease) bool {
		return environment != "" && p.Environment != environment && p.Unknown == ""
	})
	slices.SortStableFunc(planned, func(a, b PlannedRelease) int {
		never := func(p PlannedRelease) int {
			if p.Opens.IsZero() {
				return 1
			}
			return 0
		}
		return cmp.Or(never(a)-never(b), a.Opens.Compare(b.Opens), strings.Compare(a.Release, b.Release))
	})
	return planned, err
}

// ahead are the states of an environment that a release has not changed for good.
var ahead = []release.EnvironmentState{release.EnvPlanned, release.EnvWaiting, release.EnvDeploying, release.EnvVerifying}

// plannedOf gives where a release still goes to. One that cannot be asked is there,
// with the reason.
func (c *Client) plannedOf(ctx context.Context, l Listed, view release.CalendarView) ([]PlannedRelease, error) {
	record, open, err := c.state(ctx, l.ID)
	switch code := CodeOf(err); {
	case code == NotFound || err == nil && !open:
		return nil, nil // it has ended since it was listed
	case ctx.Err() == nil && (code == NoWorker || code == Unavailable):
		return []PlannedRelease{{Release: l.ID, Unknown: err.Error()}}, nil
	case err != nil:
		return nil, err
	}
	var planned []PlannedRelease
	for _, e := range record.Environments {
		if !slices.Contains(ahead, e.State) {
			continue
		}
		p := PlannedRelease{Release: record.ID, Title: record.Title, Environment: e.Name, State: e.State}
		if i := slices.IndexFunc(view.Environments, func(v release.CalendarEnvironment) bool { return v.Name == e.Name }); i >= 0 {
			p.Opens, p.Until = view.Environments[i].Opening.At, view.Environments[i].Opening.Until
		}
		for _, wait := range record.Awaiting {
			p.Awaits = append(p.Awaits, wait.Key())
			if wait.Kind == release.WaitWindow && wait.Environment == e.Name && !wait.Deadline.Equal(p.Opens) {
				p.Opens, p.Until = wait.Deadline, time.Time{} // it may override a freeze
			}
		}
		planned = append(planned, p)
	}
	return planned, nil
}

package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// visibilityLag is how long a deployment that has just started may be missing where
// deployments are looked for. Those are told a second time.
const visibilityLag = 15 * time.Second

// Calendar holds the windows and freezes that people add while releases run, and
// tells the deployments that wait. It never ends; what it holds is in the CMS, too,
// from where it begins again should it ever be terminated.
func Calendar(ctx workflow.Context, state release.CalendarStatus) error {
	c, err := openCalendar(ctx, state)
	if err != nil {
		return err
	}
	if err := c.load(ctx); err != nil {
		return err
	}
	c.show(ctx)
	var again time.Time
	for {
		drained := func() bool { return again.IsZero() && c.idle(ctx) && workflow.GetInfo(ctx).GetContinueAsNewSuggested() }
		woken, err := awaitUntil(ctx, again, "Tell the deployments that were just starting", func() bool { return c.changed || drained() })
		switch {
		case err != nil:
			return err
		case c.changed:
			c.changed = false
			again = workflow.Now(ctx).Add(visibilityLag)
		case !woken:
			again = time.Time{}
			if _, err := c.tell(ctx); err != nil {
				return err
			}
		default:
			return workflow.NewContinueAsNewError(ctx, release.WorkflowCalendar, c.CalendarStatus)
		}
	}
}

type calendar struct {
	release.CalendarStatus
	journal *journal
	// changed tells that something was added or removed.
	changed bool
	// busy counts the changes that are being made.
	busy int
}

func openCalendar(ctx workflow.Context, state release.CalendarStatus) (*calendar, error) {
	c := &calendar{CalendarStatus: state, journal: newJournal(ctx, release.CalendarID)}
	c.journal.acts = state.Acted
	desk := &desk{journal: c.journal, ears: &ears{}, record: func(ctx workflow.Context, a release.Act) {
		a.Summary = brief(a.Summary)
		c.Note(a)
		c.show(ctx)
	}}
	err := workflow.SetQueryHandlerWithOptions(ctx, release.QueryStatus,
		func() (release.CalendarStatus, error) { return c.CalendarStatus, nil },
		workflow.QueryHandlerOptions{Description: "The windows and freezes that people added"})
	return c, errors.Join(err,
		serve(ctx, desk, release.ActAddFreeze, "Forbid changes for a while", c.addFreeze),
		serve(ctx, desk, release.ActAddWindow, "Let an environment be changed in a window more", c.addWindow),
		serve(ctx, desk, release.ActRemoveEntry, "Take out what somebody added", c.remove),
	)
}

// load gets what was added before from the CMS, once.
func (c *calendar) load(ctx workflow.Context) error {
	if c.Loaded {
		return nil
	}
	var a *activities.Activities
	var found activities.CalendarResult
	if err := quick(ctx, "What was added before?", a.LoadCalendar, activities.CalendarInput{Now: workflow.Now(ctx)}, &found); err != nil {
		return err
	}
	c.Entries, c.Count, c.Loaded = found.Entries, found.Count, true
	return nil
}

// idle tells that nothing is under way that a new run would not know of.
func (c *calendar) idle(ctx workflow.Context) bool {
	for _, action := range release.CalendarActions {
		if workflow.GetSignalChannel(ctx, string(action)).Len() > 0 {
			return false
		}
	}
	return c.busy == 0 && c.journal.idle() && workflow.AllHandlersFinished(ctx)
}

func (c *calendar) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, release.CalendarDetails(c.CalendarStatus, workflow.Now(ctx)))
}

func (c *calendar) addFreeze(ctx workflow.Context, m *release.AddFreeze) (string, error) {
	return c.add(ctx, m.By, "", m.Entry()) // the freeze has its reason itself
}

func (c *calendar) addWindow(ctx workflow.Context, m *release.AddWindow) (string, error) {
	return c.add(ctx, m.By, m.Reason, m.Entry())
}

func (c *calendar) add(ctx workflow.Context, by, reason string, e release.CalendarEntry) (string, error) {
	defer c.working()()
	if err := c.check(ctx, by, e.Kind(), &e); err != nil {
		return "", err
	}
	added, err := c.Add(e, release.CalendarMark{By: by, At: workflow.Now(ctx).UTC(), Reason: reason})
	if err != nil {
		return "", err
	}
	told, err := c.publish(ctx, added)
	return summary("%s added: %s; %s", added.ID, added, told), err
}

func (c *calendar) remove(ctx workflow.Context, m *release.RemoveCalendarEntry) (string, error) {
	defer c.working()()
	if err := workflow.Await(ctx, func() bool { return c.Loaded }); err != nil {
		return "", err
	}
	e, err := c.Find(m.ID, workflow.Now(ctx))
	if err != nil {
		return "", err
	}
	if err := c.check(ctx, m.By, e.Kind(), nil); err != nil {
		return "", err
	}
	removed, err := c.Remove(m.ID, release.CalendarMark{By: m.By, At: workflow.Now(ctx).UTC(), Reason: m.Reason})
	if err != nil {
		return "", err // somebody else was faster
	}
	told, err := c.publish(ctx, removed)
	return summary("%s removed: %s; %s", removed.ID, removed, told), err
}

// working notes that a change is being made, until it is done.
func (c *calendar) working() (done func()) {
	c.busy++
	return func() { c.busy-- }
}

// check refuses what the organization does not let somebody do.
func (c *calendar) check(ctx workflow.Context, by string, kind release.CalendarKind, e *release.CalendarEntry) error {
	if err := workflow.Await(ctx, func() bool { return c.Loaded }); err != nil {
		return err
	}
	var a *activities.Activities
	var found activities.CheckCalendarResult
	in := activities.CheckCalendarInput{By: by, Kind: kind, Add: e, Now: workflow.Now(ctx)}
	if err := quick(ctx, "May "+by+" change a "+string(kind)+" of the calendar?", a.CheckCalendar, in, &found); err != nil {
		return err
	}
	if found.Refusal != "" {
		return release.Refusal(found.Refusal)
	}
	return nil
}

// publish writes a changed entry into the CMS, where it counts from then on, and
// tells who waits. It says how many that are.
func (c *calendar) publish(ctx workflow.Context, e release.CalendarEntry) (string, error) {
	c.journal.add(ctx, "entry/"+e.ID, func(entry *release.Entry) { entry.Calendar = &e })
	c.show(ctx)
	if err := c.journal.drain(ctx); err != nil {
		return "", err
	}
	told, err := c.tell(ctx)
	c.changed = true
	switch told {
	case 0:
		return "no deployment runs just now", err
	case 1:
		return "the deployment that runs was told", err
	}
	return summary("the %d deployments that run were told", told), err
}

func (c *calendar) tell(ctx workflow.Context) (int, error) {
	var a *activities.Activities
	var found activities.TellResult
	err := quick(ctx, "Tell the deployments that run", a.TellDeployments, activities.CalendarInput{Now: workflow.Now(ctx)}, &found)
	return found.Told, err
}

// CalendarView gives the whole calendar as people see it, and does nothing else.
func CalendarView(ctx workflow.Context, request release.CalendarRequest) (release.CalendarView, error) {
	var a *activities.Activities
	var view release.CalendarView
	err := quick(ctx, "Lay the calendar out", a.ViewCalendar,
		activities.ViewCalendarInput{CalendarRequest: request, Now: workflow.Now(ctx).UTC().Truncate(time.Second)}, &view)
	return view, err
}

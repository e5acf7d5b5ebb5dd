package workflows

import (
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// reminding reminds those who look after something open, as often as the model says,
// until early life support has ended. There is one timer at most: what is assigned
// meanwhile is due later than what it waits for.
func (s *support) reminding(ctx workflow.Context) {
	if !s.order.Since(1) || s.order.Policy.RemindEvery <= 0 || len(s.order.Reachable) == 0 {
		return
	}
	next := func() time.Time { return s.status.NextReminder(s.order) }
	workflow.GoNamed(ctx, "reminding", func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return !next().IsZero() }) == nil {
			_, err := awaitUntil(ctx, next(), "Until those are reminded who look after something open", func() bool { return false })
			if err != nil || !s.status.Ended.IsZero() {
				return
			}
			for _, r := range s.status.Remind(s.order, workflow.Now(ctx).UTC()) {
				s.tell(ctx, release.NoticeReminder, r)
			}
			s.show(ctx)
		}
	})
}

// assigned tells somebody of what is to be looked after from now on, unless it was
// their own wish, and says in words what came of it.
func (s *support) assigned(ctx workflow.Context, by string, a release.Assignment, id string) string {
	now := workflow.Now(ctx).UTC()
	if a.Assignee == "" || !a.Assigned.Equal(now) {
		return ""
	}
	said := "; " + a.Assignee + " looks after it"
	switch {
	case a.Assignee == by || !s.order.Since(1):
	case !s.order.MayTell(a.Assignee):
		said += ", and has to be told by you: the roster has no contact"
	default:
		for _, m := range s.status.Matters() {
			if m.ID == id {
				s.tell(ctx, release.NoticeAssigned, release.Reminder{To: a.Assignee, Of: []release.Matter{m}})
			}
		}
	}
	return said
}

// tell tells somebody something, beside the process, and records it. Nothing waits
// for it but the end of early life support.
func (s *support) tell(ctx workflow.Context, kind release.NoticeKind, r release.Reminder) {
	if !s.order.MayTell(r.To) {
		return
	}
	s.telling++
	notice := release.Notice{At: workflow.Now(ctx).UTC(), Kind: kind, To: []string{r.To}, Text: r.Text(s.order)}
	var ids []string
	for _, m := range r.Of {
		ids = append(ids, m.ID)
	}
	about := string(kind) + " " + strings.Join(ids, ", ")
	step := summary("notice/%s/%s/%s", notice.At.Format(time.RFC3339Nano), r.To, about)
	detached, _ := workflow.NewDisconnectedContext(ctx)
	workflow.GoNamed(detached, "notice", func(ctx workflow.Context) {
		defer func() { s.telling-- }()
		found := notify(ctx, about, activities.NotifyInput{
			To: notice.To, Subject: summary("%s in %s: %s", s.order.Release, s.order.Environment, about), Text: notice.Text,
		})
		notice.To, notice.Unreached = found.To, found.Unreached
		s.journal.add(ctx, step, func(e *release.Entry) { e.Notice = &notice })
	})
}

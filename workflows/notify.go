package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// notifyTimeout is how long telling people may take; each has 15 seconds.
const notifyTimeout = 10 * time.Minute

// tell tells people something, beside the process, and records it. Nothing waits
// for it but the end of the release.
func (r *run) tell(ctx workflow.Context, kind release.NoticeKind, gate string, to []string, text string) {
	if len(r.plan.Reachable) == 0 || len(to) == 0 {
		return // nobody of this organization can be told anything
	}
	n := len(r.record.Notices)
	r.record.Notices = append(r.record.Notices, release.Notice{At: workflow.Now(ctx).UTC(), Kind: kind, Gate: gate, To: to, Text: text})
	r.noteNotice(ctx, n)
	r.telling++
	detached, _ := workflow.NewDisconnectedContext(ctx)
	workflow.GoNamed(detached, "notice", func(ctx workflow.Context) {
		defer func() { r.telling-- }()
		r.deliver(ctx, n)
	})
}

func (r *run) deliver(ctx workflow.Context, n int) {
	notice := &r.record.Notices[n]
	found := notify(ctx, about(*notice), activities.NotifyInput{
		To: notice.To, Subject: summary("%s: %s", r.record.ID, about(*notice)), Text: notice.Text,
	})
	notice = &r.record.Notices[n]
	if len(found.Unreached) > 0 || len(found.To) > len(notice.To) {
		notice.To, notice.Unreached = found.To, found.Unreached
		r.noteNotice(ctx, n)
	}
}

// notify tells people something, and gives who was to be told and who could not be.
func notify(ctx workflow.Context, about string, in activities.NotifyInput) activities.NotifyResult {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: notifyTimeout, HeartbeatTimeout: beatTimeout,
		// Told twice is better than not at all, but not for ever.
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumAttempts: 3},
		Summary:     brief(summary("Tell %s: %s", strings.Join(in.To, ", "), about)),
	})
	var a *activities.Activities
	var found activities.NotifyResult
	if err := workflow.ExecuteActivity(ctx, a.Notify, in).Get(ctx, &found); err != nil {
		found = activities.NotifyResult{To: in.To, Unreached: map[string]string{}}
		for _, id := range in.To {
			found.Unreached[id] = err.Error()
		}
	}
	return found
}

// about says in a few words what a notice is about.
func about(n release.Notice) string {
	if n.Gate == "" {
		return string(n.Kind)
	}
	return summary("gate %s, %s", n.Gate, n.Kind)
}

func (r *run) noteNotice(ctx workflow.Context, n int) {
	notice := r.record.Notices[n]
	r.journal.add(ctx, summary("notice/%d", n+1), func(e *release.Entry) { e.Notice = &notice })
	r.show(ctx)
}

// tellVoters tells those whose votes are needed at an open gate.
func (r *run) tellVoters(ctx workflow.Context, kind release.NoticeKind, g *release.Gate) {
	authority := r.plan.Authority()
	text := fmt.Sprintf("%s (%s) waits at gate %s for %s, %s. It would bring %s. Risk %d of 100 (%s). What it shows has digest %s. Read it with: starter show %s --gate %s",
		r.record.ID, r.definition.Headline(), g.Name, g.Needs(authority), untilText(g.Deadline), r.about(g.Name),
		r.record.Risk.Score, r.record.Risk.Level(), g.Digest.Short(), r.record.ID, g.Name)
	r.tell(ctx, kind, g.Name, g.Asked(authority), text)
}

func untilText(deadline time.Time) string {
	if deadline.IsZero() {
		return "with no deadline"
	}
	return "until " + deadline.Format(time.RFC3339)
}

// tellVoided tells those who had voted that their votes are void, and why.
func (r *run) tellVoided(ctx workflow.Context, g *release.Gate, err error) {
	g.Reason = r.voided(err)
	r.voiding = ""
	next := "It is asked for again."
	if !errors.Is(err, errAgain) {
		next = "The release ends."
	}
	r.tell(ctx, release.NoticeVoided, g.Name, whoVoted(g), "Your vote at gate "+g.Name+" is void: "+g.Reason+". "+next)
}

func whoVoted(g *release.Gate) []string {
	var who []string
	for _, v := range g.Votes {
		who = append(who, v.By)
	}
	return who
}

// steerers lists the people who steer the release.
func (r *run) steerers() []string {
	return slices.Compact([]string{r.definition.Requester, r.definition.Manager})
}

package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) watchVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "watch ID",
		Short: "Follow a release until it is closed",
		Long: `Follow a release until it is closed: what happens, what is worked on, and what is
waited for with the command that ends the wait. On a terminal, what is worked on
stands at its end with the last lines that it printed, refreshed every second. With -o jsonl, the status of the
release is written on a line of its own whenever it changed.

Exit status 0 means that the release was completed, 4 that it ended otherwise.`,
		Example: `  starter watch httpbin@2.26.0
  starter watch httpbin@2.26.0 -o jsonl`,
		Args:              oneRelease,
		ValidArgsFunction: a.completeReleases(true),
		RunE:              func(verb *cobra.Command, args []string) error { return a.watch(verb.Context(), args[0]) },
	}
}

// watch follows a release to its end; the error says when that was not a good one.
func (a *app) watch(ctx context.Context, id string) error {
	client, err := a.connect(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w := watcher{app: a, stop: cancel, shown: map[string]shown{}, live: newLive(ctx, a)}
	defer w.live.clear()
	last, err := client.Watch(ctx, id, starter.Observer{Changed: w.changed, Working: w.working, Trouble: w.trouble})
	if err != nil {
		return err
	}
	if last.Outcome != release.Completed {
		return outcomeError{id: id, outcome: last.Outcome}
	}
	return nil
}

// watcher writes what a watch is told.
type watcher struct {
	app   *app
	stop  context.CancelCauseFunc
	last  release.Record
	shown map[string]shown // work, by workflow and activity
	live  *live            // nil where there is no terminal
}

// shown is what was written last about a piece of work.
type shown struct {
	what string
	at   time.Time
}

func (w *watcher) changed(r release.Record) {
	a := w.app
	w.live.clear()
	lines := a.story(w.last, r)
	w.last = r
	err := a.print(r, func(out io.Writer) {
		for _, line := range lines {
			fmt.Fprintf(out, "%s  %s\n", a.clock(line.at), line.text)
			for _, instruction := range line.instructions {
				fmt.Fprintf(out, "          | %s\n", instruction)
			}
			if line.command != "" {
				fmt.Fprintf(out, "          %s\n", line.command)
			}
		}
	})
	if err != nil {
		w.stop(err)
	}
}

// workEvery is how often work that goes on is told again.
const workEvery = 5 * time.Second

func (w *watcher) working(all []starter.Work) {
	now := w.app.now()
	if w.live != nil {
		w.live.show(w.allLines(all, now))
		return
	}
	for _, work := range all {
		if work.Wave != nil {
			w.wave(work, now)
			continue
		}
		what := with(work.Progress.What, work.Failure)
		if !work.Unclaimed.IsZero() {
			what += " unclaimed"
		}
		key := work.Workflow + " " + work.Activity + " " + work.Progress.What
		lasting := work.Activity == "Watch" // early life support goes on for weeks
		if lasting {
			key = work.Workflow
		}
		before := w.shown[key]
		if what == "" || before.what == what && (lasting || now.Sub(before.at) < workEvery) {
			continue
		}
		w.shown[key] = shown{what: what, at: now}
		w.app.tell("%s  … %s", w.app.clock(now), w.workText(work, now))
	}
}

// wave tells how far a step is on the many targets of a wave, when that changed.
func (w *watcher) wave(work starter.Work, now time.Time) {
	what, before := work.Wave.String(), w.shown[work.Workflow]
	if what == before.what || now.Sub(before.at) < workEvery {
		return
	}
	w.shown[work.Workflow] = shown{what: what, at: now}
	w.app.tell("%s  … %s", w.app.clock(now), what)
}

// workText says what an activity does, for how long, and what it printed last; or that
// no worker has taken it up.
func (w *watcher) workText(work starter.Work, now time.Time) string {
	text := work.Progress.What
	if text == "" {
		text = work.Activity
	}
	if work.Failure != "" {
		text += fmt.Sprintf(" · attempt %d, the one before failed: %s", work.Attempt, oneLine(work.Failure))
	}
	if !work.Unclaimed.IsZero() {
		return text + fmt.Sprintf(" · waits for a worker of task queue %s since %s", work.TaskQueue, w.app.clock(work.Unclaimed))
	}
	if !work.Progress.Since.IsZero() {
		text += " · " + now.Sub(work.Progress.Since).Round(time.Second).String()
	}
	if last := work.Progress.Last(); last != "" {
		text += " · " + oneLine(last)
	}
	for _, part := range work.Progress.Parts {
		text += " · " + partText(part, now)
		if last := part.Last(); last != "" {
			text += " · " + oneLine(last)
		}
	}
	return text
}

func (w *watcher) trouble(err error) {
	w.live.clear()
	if err == nil {
		w.app.tell("%s  … it answers again", w.app.clock(w.app.now()))
		return
	}
	w.app.tell("%s  … %v; trying again", w.app.clock(w.app.now()), err)
}

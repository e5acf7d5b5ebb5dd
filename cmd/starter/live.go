package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"slipway/release"
	"slipway/starter"
)

// live shows work that goes on at the end of a terminal, and refreshes it in place.
type live struct {
	out io.Writer
	// rows and columns are the size of the terminal.
	rows, columns int
	// height is how many lines it has there now.
	height int
}

// newLive gives nil when nobody sits in front of a terminal that can be steered.
func newLive(ctx context.Context, a *app) *live {
	terminal, isFile := a.errs.(*os.File)
	if !isFile || a.env.get("TERM") == "" || a.env.get("TERM") == "dumb" {
		return nil
	}
	size, err := stty(ctx, terminal, "size")
	if err != nil {
		return nil
	}
	l := &live{out: terminal}
	if _, err := fmt.Sscan(size, &l.rows, &l.columns); err != nil || l.most() < 1 {
		return nil
	}
	return l
}

// most is how many lines it may have: what has left the top of a terminal cannot be
// taken back, and what happened should be seen too.
func (l *live) most() int {
	const enough = 16
	if l == nil {
		return enough
	}
	return min(enough, l.rows-4)
}

// margin stands before what belongs to the line above.
const margin = "            "

// What steers a terminal: whether long lines go on in the next, and how to get up some
// lines and erase from there.
const (
	cutLines  = "\x1b[?7l"
	wrapLines = "\x1b[?7h"
	upAndOut  = "\x1b[%dA\x1b[J"
)

// show puts these lines in the place of those before.
func (l *live) show(lines []string) {
	if l == nil {
		return
	}
	var text strings.Builder
	if l.height > 0 {
		fmt.Fprintf(&text, upAndOut, l.height)
	}
	if most := l.most(); len(lines) > most {
		lines = append(lines[:most-1:most-1], fmt.Sprintf("%sand %d lines more", margin, len(lines)-most+1))
	}
	if l.height = len(lines); l.height > 0 {
		text.WriteString(cutLines)
		for _, line := range lines {
			shown := []rune(harmless(line))
			text.WriteString(string(shown[:min(len(shown), l.columns)]) + "\n")
		}
		text.WriteString(wrapLines)
	}
	_, _ = io.WriteString(l.out, text.String()) // a terminal that is gone is no reason to stop
}

// clear takes away what is shown.
func (l *live) clear() { l.show(nil) }

// allLines says of all work what there is to say.
func (w *watcher) allLines(all []starter.Work, now time.Time) []string {
	var lines []string
	for _, work := range all {
		switch {
		case work.Wave != nil:
			lines = append(lines, w.app.clock(now)+"  … "+work.Wave.String())
		case work.Progress.What != "" || work.Failure != "" || !work.Unclaimed.IsZero():
			lines = append(lines, w.workLines(work, now)...)
		}
	}
	return lines
}

// workLines says what an activity does and printed last, one line each; of several
// pieces each as its own.
func (w *watcher) workLines(work starter.Work, now time.Time) []string {
	parts, last := work.Progress.Parts, work.Progress.Lines
	work.Progress.Parts, work.Progress.Lines = nil, nil // they have lines of their own
	lines := append([]string{w.app.clock(now) + "  … " + w.workText(work, now)}, printed(last)...)
	for _, part := range parts {
		lines = append(lines, margin+partText(part, now))
		most := max(1, (w.live.most()-1)/len(parts)-1) // they share the room that there is
		lines = append(lines, printed(part.Lines[max(0, len(part.Lines)-most):])...)
	}
	return lines
}

// partText says of a piece of work what it is and since when it goes on.
func partText(part release.Progress, now time.Time) string {
	return part.What + " · " + now.Sub(part.Since).Round(time.Second).String()
}

func printed(lines []string) []string {
	shown := make([]string, len(lines))
	for i, line := range lines {
		shown[i] = margin + "| " + oneLine(line)
	}
	return shown
}

package main

import (
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
	// height is how many lines it has there now.
	height int
}

// maxHeight is how many lines it may have: what has left the top of a terminal cannot
// be taken back.
const maxHeight = 16

// newLive gives nil when nobody sits in front of a terminal that can be steered.
func newLive(a *app) *live {
	terminal, isFile := a.errs.(*os.File)
	if !isFile || a.env.get("TERM") == "" || a.env.get("TERM") == "dumb" {
		return nil
	}
	if info, err := terminal.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return &live{out: terminal}
}

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
	if more := len(lines) - maxHeight; more > 0 {
		lines = append(lines[:maxHeight-1:maxHeight-1], fmt.Sprintf("            and %d lines more", more+1))
	}
	if l.height = len(lines); l.height > 0 {
		text.WriteString(cutLines + harmless(strings.Join(lines, "\n")) + "\n" + wrapLines)
	}
	_, _ = io.WriteString(l.out, text.String()) // a terminal that is gone is no reason to stop
}

// clear takes away what is shown.
func (l *live) clear() { l.show(nil) }

// workLines says what an activity does and printed last, one line each; of several
// pieces each as its own.
func (w *watcher) workLines(work starter.Work, now time.Time) []string {
	parts := work.Progress.Parts
	if len(work.Progress.Lines) > 0 || len(parts) > 0 {
		work.Progress.Line = ""
	}
	lines := append([]string{w.app.clock(now) + "  … " + w.workText(work, now)}, printed(work.Progress.Lines)...)
	for _, part := range parts {
		lines = append(lines, "            "+partText(part, now))
		// The pieces share what room there is.
		most := max(1, (maxHeight-1-len(parts))/len(parts))
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
		shown[i] = "            | " + oneLine(line)
	}
	return shown
}

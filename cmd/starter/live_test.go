package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

// screen is what a terminal shows that understands what steers it here.
func screen(written string) []string {
	var lines []string
	written = strings.NewReplacer(cutLines, "", wrapLines, "").Replace(written)
	for written != "" {
		if strings.HasPrefix(written, "\x1b[") {
			var up int
			_, err := fmt.Sscanf(written, upAndOut, &up)
			if err != nil {
				panic(written)
			}
			lines = lines[:len(lines)-up]
			written = written[len(fmt.Sprintf(upAndOut, up)):]
			continue
		}
		var line string
		line, written, _ = strings.Cut(written, "\n")
		lines = append(lines, line)
	}
	return lines
}

// building is a build with these steps at work, for some seconds.
func building(seconds int, steps ...string) []starter.Work {
	since := today.Add(-time.Duration(seconds) * time.Second)
	p := release.Progress{What: "build 2: step " + steps[0], Since: since, Lines: []string{"line 2", "line 3\x1b[2J"}}
	if len(steps) > 1 {
		p = release.Progress{What: "build 2: steps " + strings.Join(steps, ", "), Since: since}
		for _, step := range steps {
			p.Parts = append(p.Parts, release.Progress{What: step, Since: since, Lines: []string{"of " + step}})
		}
	}
	return []starter.Work{{Workflow: "w", Activity: "Build", Attempt: 1, Progress: p}, {Workflow: "w", Activity: "Quiet"}}
}

func TestWorkIsRefreshedAtTheEndOfATerminal(t *testing.T) {
	var text bytes.Buffer
	a := viewer(&text)
	w := watcher{app: a, shown: map[string]shown{}, live: &live{out: &text, rows: 24, columns: 60}}
	w.changed(waiting())
	before := screen(text.String())
	clock := a.clock(today)

	w.working(building(12, "compile"))
	require.Equal(t, append(before[:len(before):len(before)],
		clock+"  … build 2: step compile · 12s", "            | line 2", "            | line 3[2J"), screen(text.String()))

	w.working(building(13, "compile", "docs"))
	require.Equal(t, append(before[:len(before):len(before)],
		clock+"  … build 2: steps compile, docs · 13s",
		"            compile · 13s", "            | of compile", "            docs · 13s", "            | of docs"), screen(text.String()))

	w.working(nil)
	require.Equal(t, before, screen(text.String()), "it is over")
	w.working(building(14, "compile"))
	w.trouble(fmt.Errorf("no server"))
	require.Contains(t, screen(text.String())[len(before)], "no server", "what is told stands in its place")
}

func TestWorkOfManyPiecesKeepsToTheHeightOfATerminal(t *testing.T) {
	var text bytes.Buffer
	w := watcher{app: viewer(&text), live: &live{out: &text, rows: 24, columns: 60}}
	var all []starter.Work
	for range 10 {
		all = append(all, building(1, "compile")...)
	}
	w.working(all)
	lines := screen(text.String())
	require.Len(t, lines, 16)
	require.Equal(t, "            and 15 lines more", lines[15])
}

func TestALineThatIsTooLongForTheTerminalIsCut(t *testing.T) {
	var text bytes.Buffer
	w := watcher{app: viewer(&text), live: &live{out: &text, rows: 8, columns: 30}}
	w.working([]starter.Work{{Progress: release.Progress{What: "build 1", Since: today, Lines: []string{strings.Repeat("é", 200)}}}})
	require.Equal(t, "            | "+strings.Repeat("é", 16), screen(text.String())[1])
}

func TestWithoutATerminalEachPieceIsToldInTheLine(t *testing.T) {
	var text bytes.Buffer
	w := watcher{app: viewer(&text), shown: map[string]shown{}}
	w.working(building(13, "compile", "docs"))
	require.Contains(t, text.String(), "… build 2: steps compile, docs · 13s · compile · 13s · of compile · docs · 13s · of docs\n")
	w.working(nil)
	require.NotContains(t, text.String(), "\x1b")
}

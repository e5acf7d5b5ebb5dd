package activities

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"slipway/release"
)

const (
	// partsShown is of how many pieces of work heartbeats tell all: the Web UI shows
	// their details to people.
	partsShown = 4
	// lineShown is how long a line may be there, in bytes as JSON has it.
	lineShown = 160
)

// together tells what several pieces of work do at the same time.
type together struct {
	beater *beater[release.Progress]
	// about says what they are pieces of: "build 2".
	about string

	mu    sync.Mutex
	since time.Time
	parts []release.Progress
}

// begin adds a piece of work. It gives what takes its newest lines, and what takes it
// away again when it is over.
func (t *together) begin(name string) (newest func(lines []string), over func()) {
	at := func() int { return slices.IndexFunc(t.parts, func(p release.Progress) bool { return p.What == name }) }
	t.change(func() {
		t.parts = append(t.parts, release.Progress{What: name, Since: time.Now().UTC()})
		if len(t.parts) == 1 {
			t.since = t.parts[0].Since
		}
	})
	newest = func(lines []string) {
		t.change(func() {
			t.parts[at()].Lines = shown(lines)
		})
	}
	return newest, func() { t.change(func() { t.parts = slices.Delete(t.parts, at(), at()+1) }) }
}

func (t *together) change(with func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	with()
	now := t.progress()
	t.beater.set(func(p *release.Progress) { *p = now })
}

// progress is what is told: of one piece all as its own, of several each as a part.
func (t *together) progress() release.Progress {
	if len(t.parts) == 1 {
		only := t.parts[0]
		only.What = t.about + ": step " + only.What
		return only
	}
	var names []string
	for _, p := range t.parts {
		names = append(names, p.What)
	}
	p := release.Progress{What: t.about, Since: t.since, Parts: slices.Clone(t.parts[:min(len(t.parts), partsShown)])}
	if more := len(names) - partsShown; more > 0 {
		names = append(names[:partsShown], fmt.Sprintf("%d more", more))
	}
	if len(names) > 0 {
		p.What += ": steps " + strings.Join(names, ", ")
	}
	return p
}

// shown cuts lines to what heartbeats take.
func shown(lines []string) []string {
	short := slices.Clone(lines)
	for i, line := range short {
		for cut := line; ; {
			quoted, err := json.Marshal(short[i])
			if err != nil || len(quoted) <= lineShown+2 {
				break
			}
			cut = strings.ToValidUTF8(cut[:len(cut)*3/4], "")
			short[i] = cut + "…"
		}
	}
	return short
}

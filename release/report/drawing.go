package report

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// drawnWidth is how many characters the axis has in a terminal.
const drawnWidth = 48

// runes says how a kind is drawn with characters.
var runes = map[kind]rune{
	work: '█', waiting: '░', undoing: '◄', up: '─', down: '▼', unseen: '?', incident: '▒',
	authorize: 'A', reject: 'X', revise: 'R', callMarked: 'C', extended: '»', foundError: 'K', raisedRFC: 'F', noted: 'N', failure: 'X',
	stepKind(1): '1', stepKind(2): '2', stepKind(3): '3', stepKind(4): '4', stepKind(5): '5', stepKind(6): '6',
}

// drawn writes the timeline with characters.
func drawn(t timeline) string {
	titles := 0
	for _, g := range t.Groups {
		for _, l := range g.Lanes {
			titles = max(titles, utf8.RuneCountInString(l.Title))
		}
	}
	var w strings.Builder
	fmt.Fprintf(&w, "%*s  %s\n", titles+2, "", drawnAxis(t.Ticks))
	for _, g := range t.Groups {
		w.WriteString(oneLine(g.Title) + "\n")
		for _, l := range g.Lanes {
			fmt.Fprintf(&w, "  %-*s |%s| %s\n", titles, oneLine(l.Title), drawnLane(l), oneLine(l.Note))
		}
	}
	var legend []string
	for _, s := range t.Legend {
		legend = append(legend, string(runes[s.Kind])+" "+oneLine(s.Text))
	}
	w.WriteString("\n" + strings.Join(legend, ", "))
	return w.String()
}

func drawnLane(l lane) string {
	row := []rune(strings.Repeat(" ", drawnWidth))
	for _, b := range l.Bars {
		from := column(b.From)
		for i := from; i <= max(from, column(b.To)-1); i++ {
			row[i] = runes[b.Kind]
		}
	}
	for _, m := range l.Marks {
		row[column(m.At)] = runes[m.Kind]
	}
	return string(row)
}

func column(percent float64) int { return min(int(percent*drawnWidth/100), drawnWidth-1) }

// drawnAxis puts each label where its time is, if there is room for it.
func drawnAxis(ticks []tick) string {
	row := []rune(strings.Repeat(" ", drawnWidth))
	free := 0
	for _, t := range ticks {
		at := column(t.At)
		label := []rune("|" + t.Label)
		if at < free || at+len(label) > len(row) {
			continue
		}
		copy(row[at:], label)
		free = at + len(label) + 1
	}
	return strings.TrimRight(string(row), " ")
}

package report

import (
	"math"
	"strings"
)

// markdownTiles lays figures below each other, with their courses.
func markdownTiles(tiles []tile) string {
	return markdownTable(*columns(each(tiles, func(t tile) []cell {
		course := ""
		if t.Spark != nil {
			course = drawnCourse(t.Spark.Values)
		}
		return []cell{text(t.Name), text(strings.TrimSpace(t.Number + " " + t.Unit)), text(course), t.Before}
	}), "Figure", "Value", "Course by month", "Against the period before").Table)
}

// markdownPanel writes a figure with a small bar beside each of its numbers.
func markdownPanel(p panel) string {
	head := "**" + inline(p.Value) + "**"
	for _, more := range []string{escape(p.Meaning), escape(p.Better), inline(p.Before)} {
		if more != "" {
			head += " · " + more
		}
	}
	parts := []string{"### " + escape(p.Title), head, escape(p.Definition) + " Source: " + escape(p.Source) + "."}
	if len(p.Behind) > 0 {
		parts = append(parts, "Releases: "+inline(p.Behind))
	}
	for _, b := range p.Breakdowns {
		parts = append(parts, escape(b.Title)+":", markdownTable(withBars(b)))
		if b.Left != "" {
			parts = append(parts, escape(b.Left))
		}
	}
	return strings.Join(parts, "\n\n")
}

// withBars is the table of a breakdown with a bar in place of the releases, which
// would push it off the terminal.
func withBars(b breakdown) table {
	last := len(b.Table.Columns) - 1
	t := table{Columns: append(append([]string{}, b.Table.Columns[:last]...), "")}
	most := 0.0
	for _, size := range b.Sizes {
		most = max(most, size)
	}
	for i, row := range b.Table.Rows {
		t.Rows = append(t.Rows, append(append([]cell{}, row[:last]...), text(drawnBar(b.Sizes[i], most))))
	}
	return t
}

// barWidth is how many characters the longest bar has.
const barWidth = 20

// drawnBar writes a bar in steps of an eighth of a character.
func drawnBar(size, most float64) string {
	if size <= 0 {
		return ""
	}
	eighths := max(1, int(math.Round(8*barWidth*size/most)))
	bar := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return bar
}

// drawnCourse writes a character for each month: higher for more, a gap for nothing.
func drawnCourse(values []*float64) string {
	most := 0.0
	for _, v := range values {
		if v != nil {
			most = max(most, *v)
		}
	}
	var w strings.Builder
	for _, v := range values {
		switch {
		case v == nil:
			w.WriteRune('·')
		case most == 0:
			w.WriteRune('▁')
		default:
			w.WriteRune([]rune("▁▂▃▄▅▆▇█")[int(math.Round(7*max(*v, 0)/most))])
		}
	}
	return w.String()
}

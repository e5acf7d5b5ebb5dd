package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// markdown renders a document as GitHub-flavoured Markdown.
func markdown(d document) string {
	var w strings.Builder
	title := escape(d.Title)
	if d.Subtitle != "" {
		title += ": " + escape(d.Subtitle)
	}
	fmt.Fprintf(&w, "# %s\n\n**%s**", title, escape(d.State.Text))
	if d.Lead != "" {
		w.WriteString(" · " + escape(d.Lead))
	}
	fmt.Fprintf(&w, "\n\n%s\n\n", escape(d.Zone))
	for _, s := range d.Sections {
		if s.Title != "" {
			fmt.Fprintf(&w, "## %s\n\n", escape(s.Title))
		}
		for _, b := range s.Blocks {
			w.WriteString(markdownBlock(b) + "\n\n")
		}
	}
	return strings.TrimRight(w.String(), "\n") + "\n"
}

func markdownBlock(b block) string {
	switch {
	case b.Heading != "":
		return "### " + escape(b.Heading)
	case b.List != nil:
		return list(each(b.List, func(c cell) cell { return c }))
	case b.Figures != nil:
		return markdownTable(figureTable(b.Figures))
	case b.Tiles != nil:
		return markdownTiles(b.Tiles)
	case b.Facts != nil:
		return list(each(b.Facts, func(f fact) cell { return text(f.Name + ":").with(f.Value) }))
	case b.Table != nil:
		return markdownTable(*b.Table)
	case b.Verbatim != nil:
		return escape(b.Verbatim.Caption) + ":\n\n" + fenced(b.Verbatim.Text)
	case b.Timeline != nil:
		return fenced(drawn(*b.Timeline))
	case b.Chart != nil:
		return escape(b.Chart.Title+": "+b.Chart.Drawn) + "\n\n" + escape(b.Chart.Description)
	case b.Panel != nil:
		return markdownPanel(*b.Panel)
	case b.Calendar != nil:
		return fenced(drawnCalendar(*b.Calendar))
	}
	return inline(b.Text)
}

func list(items []cell) string {
	written := make([]string, len(items))
	for i, item := range items {
		written[i] = "- " + inline(item)
	}
	return strings.Join(written, "\n")
}

// figureTable lays the figures beside each other, under their names.
func figureTable(figures []fact) table {
	t := table{Rows: [][]cell{nil}}
	for _, f := range figures {
		t.Columns = append(t.Columns, f.Name)
		t.Rows[0] = append(t.Rows[0], f.Value)
	}
	return t
}

// inline writes a cell on one line.
func inline(c cell) string {
	var w strings.Builder
	for _, s := range c {
		switch {
		case s.Break:
			w.WriteString("; ")
		case s.Code:
			w.WriteString(codeSpan(s.Text))
		case s.Link != "":
			w.WriteString("<" + strings.NewReplacer("<", "%3C", ">", "%3E", " ", "%20", "\n", "").Replace(s.Link) + ">")
		default:
			w.WriteString(escape(s.Text))
		}
	}
	return w.String()
}

// codeSpan delimits with more backticks than the text has behind each other.
func codeSpan(s string) string {
	s = oneLine(s)
	if !strings.Contains(s, "`") {
		return "`" + s + "`"
	}
	ticks := strings.Repeat("`", longestRun(s, '`')+1)
	return ticks + " " + s + " " + ticks
}

func fenced(s string) string {
	fence := strings.Repeat("`", max(3, longestRun(s, '`')+1))
	return fence + "text\n" + s + "\n" + fence
}

func longestRun(s string, c rune) int {
	longest, run := 0, 0
	for _, other := range s {
		if other != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// escape keeps text from being read as markup, with as few backslashes as will
// do: names like "go_test" stay as they are.
func escape(s string) string {
	runes := []rune(strings.Join(strings.FieldsFunc(s, isBreak), " "))
	var w strings.Builder
	for i, c := range runes {
		special := strings.ContainsRune("\\`*<[|~", c)
		switch c {
		case '_':
			special = i == 0 || i == len(runes)-1 || !wordy(runes[i-1]) || !wordy(runes[i+1])
		case '#', '>', '+', '-', '=':
			special = i == 0 && len(runes) > 1 && !wordy(runes[1]) && !unicode.IsDigit(runes[1])
		case '&':
			special = i+1 < len(runes) && (wordy(runes[i+1]) || runes[i+1] == '#')
		}
		if special {
			w.WriteByte('\\')
		}
		w.WriteRune(c)
	}
	return w.String()
}

func isBreak(c rune) bool { return c == '\n' || c == '\t' }

func wordy(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// widestPadding keeps one long cell from pushing its whole column off the
// terminal.
const widestPadding = 34

// markdownTable pads the cells, so that the table can be read unrendered.
func markdownTable(t table) string {
	rows := make([][]string, 0, len(t.Rows)+1)
	titles := make([]string, len(t.Columns))
	for i, title := range t.Columns {
		titles[i] = escape(title)
	}
	rows = append(rows, titles)
	for _, row := range t.Rows {
		written := make([]string, len(row))
		for i, c := range row {
			written[i] = strings.ReplaceAll(inline(c), "`|", "`\\|")
		}
		rows = append(rows, written)
	}
	return laidOut(rows)
}

func laidOut(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(3, widths[i], min(utf8.RuneCountInString(c), widestPadding))
		}
	}
	var w strings.Builder
	for n, row := range rows {
		for i, c := range row {
			w.WriteString("| " + c + strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(c))) + " ")
		}
		w.WriteString("|\n")
		if n == 0 {
			for _, width := range widths {
				w.WriteString("| " + strings.Repeat("-", width) + " ")
			}
			w.WriteString("|\n")
		}
	}
	return strings.TrimRight(w.String(), "\n")
}

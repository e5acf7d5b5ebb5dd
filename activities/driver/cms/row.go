package cms

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"slipway/release"
)

// column is a value and the name of the column that it goes to.
type column struct {
	name  string
	value any
}

// row is a row to write. Every table of rows has the column "at", the time of the
// entry that it came from.
type row struct {
	table string
	entry *release.Entry
	// is tells which row it is: written again, it replaces that row.
	is []column
	// has is everything else.
	has []column
	// fixed says that the row never changes once it is there.
	fixed bool
	// parts are rows of other tables that belong to this one and are replaced
	// together with it.
	parts []part
}

// event is something that happened, or a run of something: it is told by its key
// alone.
func event(table string, e *release.Entry, has []column, parts ...part) row {
	return row{
		table: table, entry: e, parts: parts,
		is:  []column{{"key", e.Key}},
		has: append([]column{{"release", e.Release}}, has...),
	}
}

// state is how something of a release is now: it is told by what it is about,
// whatever the keys under which it was written.
func state(table string, e *release.Entry, about, has []column, parts ...part) row {
	return row{
		table: table, entry: e, parts: parts,
		is:  append([]column{{"release", e.Release}}, about...),
		has: append([]column{{"key", e.Key}}, has...),
	}
}

// part is the rows of a table that belong to a row. They get the columns that the
// row is told by, and a position.
type part struct {
	table string
	rows  [][]column
}

// parts makes a part of a list.
func parts[T any](table string, items []T, columns func(T) []column) part {
	p := part{table: table}
	for _, item := range items {
		p.rows = append(p.rows, columns(item))
	}
	return p
}

// statement is SQL with its arguments.
type statement struct {
	text string
	args []any
}

// put inserts the row, or replaces the one that is there unless that is newer; then
// it changes nothing. A fixed row is only ever replaced by its like, whatever the
// key.
func (r row) put() statement {
	columns := make([]column, 0, len(r.is)+1+len(r.has))
	columns = append(append(append(columns, r.is...), column{"at", stamp(r.entry.At)}), r.has...)
	return statement{
		text: sentence(r.form(), columns, func() string { return r.upsert(columns) }),
		args: columnValues(columns),
	}
}

// form tells sentences about the same columns apart.
func (r row) form() string {
	if r.fixed {
		return "fix " + r.table
	}
	return "put " + r.table
}

func (r row) upsert(columns []column) string {
	has := slices.Clone(columns[len(r.is):])
	condition := fmt.Sprintf("excluded.at >= %s.at", r.table)
	if r.fixed {
		has = slices.DeleteFunc(has, func(c column) bool { return c.name == "at" || c.name == "key" })
		condition = each(has, fmt.Sprintf("excluded.%%[1]s IS NOT DISTINCT FROM %s.%%[1]s", r.table), " AND ")
	}
	return insertion(r.table, columns) + fmt.Sprintf(" ON CONFLICT (%s) DO UPDATE SET %s WHERE %s",
		strings.Join(columnNames(r.is), ", "), each(has, "%[1]s = excluded.%[1]s", ", "), condition)
}

// each puts the name of every column into a text.
func each(columns []column, text, between string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = fmt.Sprintf(text, c.name)
	}
	return strings.Join(list, between)
}

// replaceParts puts the parts in the place of those that were there.
func (r row) replaceParts() []statement {
	var statements []statement
	for _, p := range r.parts {
		statements = append(statements, remove(p.table, r.is))
		for i, columns := range p.rows {
			statements = append(statements, insert(p.table, slices.Concat(r.is, []column{{"position", i + 1}}, columns)))
		}
	}
	return statements
}

func insert(table string, columns []column) statement {
	return statement{
		text: sentence("insert "+table, columns, func() string { return insertion(table, columns) }),
		args: columnValues(columns),
	}
}

func insertion(table string, columns []column) string {
	places := make([]string, len(columns))
	for i := range columns {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columnNames(columns), ", "), strings.Join(places, ", "))
}

func remove(table string, where []column) statement {
	return statement{
		text: sentence("remove "+table, where, func() string {
			conditions := make([]string, len(where))
			for i, c := range where {
				conditions[i] = fmt.Sprintf("%s = $%d", c.name, i+1)
			}
			return fmt.Sprintf("DELETE FROM %s WHERE %s", table, strings.Join(conditions, " AND "))
		}),
		args: columnValues(where),
	}
}

// sentences has the few sentences that are written again and again, by what they do and
// the columns that they name: to put them together takes longer than the database needs
// for the row.
var sentences sync.Map

// sentence gives the one that does something with these columns.
func sentence(what string, columns []column, write func() string) string {
	var key strings.Builder
	key.Grow(256)
	key.WriteString(what)
	for _, c := range columns {
		key.WriteByte(' ')
		key.WriteString(c.name)
	}
	if text, known := sentences.Load(key.String()); known {
		return text.(string)
	}
	text := write()
	sentences.Store(key.String(), text)
	return text
}

func columnNames(columns []column) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.name
	}
	return list
}

func columnValues(columns []column) []any {
	list := make([]any, len(columns))
	for i, c := range columns {
		list[i] = c.value
		if text, is := c.value.(string); is {
			list[i] = storable(text)
		}
	}
	return list
}

// storable is a text as every database can keep it: PostgreSQL takes neither what is no
// UTF-8 nor the character zero.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// timeForm has a fixed width, so that the order of the texts is that of the
// times. It cuts off what is finer than a microsecond.
const timeForm = "2006-01-02T15:04:05.000000Z"

// moment is a time as the database and cursors have it.
func moment(t time.Time) string { return t.UTC().Format(timeForm) }

// stamp is a time as it is stored: NULL when it is zero.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return moment(t)
}

// optional is a text as it is stored: NULL when it is empty.
func optional[S ~string](text S) any {
	if text == "" {
		return nil
	}
	return string(text)
}

// milliseconds is a length of time as it is stored.
func milliseconds(d release.Duration) int64 { return d.Std().Milliseconds() }

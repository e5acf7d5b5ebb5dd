package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"slipway/release"
)

// The forms in which a result is written; table, for people, is the default.
const (
	table     = "table"
	indented  = "json"
	jsonLines = "jsonl"
	yamlText  = "yaml"
	// markdown is the form of reports only.
	markdown = "markdown"
	// csvText is the form of figures and records for a spreadsheet.
	csvText = "csv"
)

var formats = []string{table, indented, jsonLines, yamlText}

// ownForms is the annotation of a verb with the forms that it writes beside these.
const ownForms = "forms"

// writesToo lets a verb write its result in forms of its own too.
func writesToo(verb *cobra.Command, forms ...string) {
	verb.Annotations = map[string]string{ownForms: strings.Join(forms, " ")}
}

// print writes a result: the value for programs, or what human writes for people.
func (a *app) print(value any, human func(w io.Writer)) error {
	var text bytes.Buffer
	var err error
	switch a.format {
	case indented:
		err = writeJSON(&text, value, "  ")
	case jsonLines:
		err = writeLines(&text, value)
	case yamlText:
		err = writeYAML(&text, value)
	default:
		var page bytes.Buffer
		human(&page)
		text.WriteString(harmless(page.String()))
	}
	if err != nil {
		return fmt.Errorf("the result cannot be written as %s: %w", a.format, err)
	}
	_, err = a.out.Write(text.Bytes())
	return err
}

func writeJSON(w io.Writer, value any, indent string) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	return encoder.Encode(value)
}

// writeLines writes the elements of a list on a line each, and else one line.
func writeLines(w io.Writer, value any) error {
	list := reflect.ValueOf(value)
	if list.Kind() != reflect.Slice {
		return writeJSON(w, value, "")
	}
	for i := range list.Len() {
		if err := writeJSON(w, list.Index(i).Interface(), ""); err != nil {
			return err
		}
	}
	return nil
}

// writeYAML writes a document with the names and the order of the JSON.
func writeYAML(w io.Writer, value any) error {
	var text bytes.Buffer
	if err := writeJSON(&text, value, ""); err != nil {
		return err
	}
	document, err := yaml.JSONToYAML(text.Bytes())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "---\n%s", document)
	return err
}

// columns writes rows with their cells below each other.
func columns(w io.Writer, rows ...[]string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	must(t.Flush())
}

// clock writes a time of today without the date.
func (a *app) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(a.zone)
	if t.Format(time.DateOnly) == a.now().In(a.zone).Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}

// harmless takes out what would steer a terminal: what people, builds and targets
// wrote is shown, never obeyed.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, text)
}

// took rounds how long something took to what people can use.
func took(d release.Duration) string {
	unit := time.Millisecond
	if d.Std() >= time.Second {
		unit = time.Second / 10
	}
	return release.Duration(d.Std().Round(unit)).String()
}

package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// commaSeparated is the form for spreadsheets, of lists only.
const commaSeparated = "csv"

// writeCSV writes a list of structures with a row each, under the names of their JSON:
// "authorized.by" is in a structure of its own. Lists stand in one cell, separated by
// "; ".
func writeCSV(w io.Writer, list any) error {
	rows := reflect.ValueOf(list)
	var names []string
	eachField("", reflect.Zero(rows.Type().Elem()), func(name string, _ reflect.Value) { names = append(names, name) })
	out := csv.NewWriter(w)
	if err := out.Write(names); err != nil {
		return err
	}
	for i := range rows.Len() {
		var cells []string
		eachField("", rows.Index(i), func(_ string, value reflect.Value) {
			cells = append(cells, inert(harmless(csvText(value))))
		})
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// eachField goes through the fields of a structure as JSON has them: those of embedded
// structures are its own.
func eachField(prefix string, of reflect.Value, take func(name string, value reflect.Value)) {
	for i := range of.NumField() {
		field, value := of.Type().Field(i), of.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		_, isTime := value.Interface().(time.Time)
		switch {
		case field.Anonymous && name == "":
			eachField(prefix, value, take)
		case value.Kind() == reflect.Struct && !isTime:
			eachField(prefix+name+".", value, take)
		default:
			take(prefix+name, value)
		}
	}
}

// csvText is a value in one cell; times are in UTC, and empty when there is none.
func csvText(value reflect.Value) string {
	if at, isTime := value.Interface().(time.Time); isTime {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339)
	}
	if value.Kind() != reflect.Slice {
		return fmt.Sprint(value.Interface())
	}
	texts := make([]string, value.Len())
	for i := range texts {
		texts[i] = fmt.Sprint(value.Index(i).Interface())
	}
	return strings.Join(texts, "; ")
}

// inert keeps a spreadsheet from taking for a formula what somebody wrote.
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			return "'" + text
		}
	}
	return text
}

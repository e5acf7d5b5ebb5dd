package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

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
			cells = append(cells, cellText(value))
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

// cellText is a value in one cell.
func cellText(value reflect.Value) string {
	if at, isTime := value.Interface().(time.Time); isTime {
		return stampText(at)
	}
	switch value.Kind() {
	case reflect.String:
		return inert(value.String())
	case reflect.Float64:
		return decimal(value.Float())
	case reflect.Pointer:
		if value.IsNil() {
			return "" // it is not known
		}
		return cellText(value.Elem())
	case reflect.Slice:
		texts := make([]string, value.Len())
		for i := range texts {
			texts[i] = fmt.Sprint(value.Index(i).Interface())
		}
		return inert(strings.Join(texts, "; "))
	}
	return fmt.Sprint(value.Interface())
}

package release

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// fieldNames lists the fields of a struct as they are written in JSON and YAML,
// in their order.
func fieldNames(of reflect.Type) []string {
	var list []string
	for _, f := range reflect.VisibleFields(of) {
		if name := fieldName(f); name != "" {
			list = append(list, name)
		}
	}
	return list
}

// fieldName gives a field's name in JSON; empty when it has none of its own.
func fieldName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if f.Anonymous || !f.IsExported() || name == "-" {
		return ""
	}
	return name
}

// fieldNamed finds a field by its name in JSON.
func fieldNamed(of reflect.Type, name string) (reflect.StructField, bool) {
	for _, f := range reflect.VisibleFields(of) {
		if name != "" && fieldName(f) == name {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// fieldsByName gives all fields by their names in JSON.
func fieldsByName(of reflect.Type) map[string]reflect.StructField {
	all := map[string]reflect.StructField{}
	for _, name := range fieldNames(of) {
		all[name], _ = fieldNamed(of, name)
	}
	return all
}

// unknownField says that a struct has no such field, which one may be meant, and
// which there are.
func unknownField(name string, in reflect.Type) string {
	known := fieldNames(in)
	all := strings.Join(known, ", ")
	if meant := nearest(name, known); meant != "" {
		return fmt.Sprintf("unknown field %q: did you mean %q? Expected one of %s", name, meant, all)
	}
	return fmt.Sprintf("unknown field %q: expected one of %s", name, all)
}

// nearest finds the name that differs least from a misspelled one; empty when all
// differ too much.
func nearest(wrong string, known []string) string {
	best, least := "", 0
	for _, k := range known {
		d := distance([]rune(strings.ToLower(wrong)), []rune(strings.ToLower(k)))
		if limit := max((len(k)+1)/3, 1); d <= limit && (best == "" || d < least) {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to insert, remove, change or swap with the next one
// that make one text the other.
func distance(a, b []rune) int {
	if len(a) > 2*len(b)+1 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	var before, earlier []int
	for i, x := range a {
		before, earlier = slices.Clone(row), before
		row[0] = i + 1
		for j, y := range b {
			change := before[j]
			if x != y {
				change++
			}
			row[j+1] = min(change, before[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x == b[j-1] && a[i-1] == y {
				row[j+1] = min(row[j+1], earlier[j-1]+1)
			}
		}
	}
	return row[len(b)]
}

// unmarshalText reads a text that stands for something else, with errors in the words of
// whoever wrote it.
func unmarshalText(written string, into encoding.TextUnmarshaler) error {
	err := into.UnmarshalText([]byte(written))
	if _, isTime := into.(*time.Time); isTime && err != nil {
		return fmt.Errorf("%q is not a time: write it as 2026-12-18T18:00:00Z", written)
	}
	return err
}

// typeKind names a Go type as people do.
func typeKind(of reflect.Type) string {
	switch of {
	case reflect.TypeFor[Duration]():
		return "a duration, as in 20s, 5m, 72h or 14d"
	case reflect.TypeFor[Share]():
		return "a number of targets or a part of them, as in 5 or 10%"
	case reflect.TypeFor[time.Time]():
		return "a time, as in 2026-12-18T18:00:00Z"
	}
	switch of.Kind() {
	case reflect.Pointer:
		return typeKind(of.Elem())
	case reflect.Slice:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a mapping of fields"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	}
	return "a text"
}

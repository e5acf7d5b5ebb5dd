package release

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// compareFields lists the fields in which two values differ, as they are called in
// JSON; of scripts only how many lines. A field that comes later is compared too.
func compareFields(kind ChangeKind, noun string, was, is any) []Change {
	before, now := fieldsOf(was), fieldsOf(is)
	names := append(sortedKeys(before), sortedKeys(now)...)
	slices.Sort(names)
	var changes []Change
	for _, name := range slices.Compact(names) {
		a, b := before[name], now[name]
		what := fieldTitle(name)
		if noun != "" {
			what += " of " + noun
		}
		switch {
		case a == b:
		case isScript(name):
			changes = append(changes, compareScripts(kind, what, a, b))
		default:
			changes = append(changes, changed(kind, what, a, b))
		}
	}
	return changes
}

// isScript tells whether a field is a script, also that of a probe: "probes 2 run".
func isScript(name string) bool {
	return name == "run" || strings.HasPrefix(name, "probe") && strings.HasSuffix(name, " run")
}

// fieldTitle names a field for people: a variable by its name alone.
func fieldTitle(name string) string {
	if isScript(name) {
		return strings.TrimSuffix(name, "run") + "script"
	}
	if secret, found := strings.CutPrefix(name, "secrets "); found {
		return "secret " + secret
	}
	return strings.TrimPrefix(name, "env ")
}

// fieldsOf gives the fields of a value by their names, those within others by both:
// "exit maxDowntime", "probes 2 path".
func fieldsOf(value any) map[string]string {
	fields := map[string]string{}
	data, err := json.Marshal(value)
	if err == nil {
		var tree any
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		if err = decoder.Decode(&tree); err == nil {
			flatten(fields, "", tree)
		}
	}
	if err != nil { // of values that come from JSON, none
		fields["content"] = err.Error()
	}
	return fields
}

func flatten(fields map[string]string, at string, value any) {
	under := func(name string) string { return strings.TrimSpace(at + " " + name) }
	switch v := value.(type) {
	case map[string]any:
		for _, name := range sortedKeys(v) {
			flatten(fields, under(name), v[name])
		}
	case []any:
		if texts, all := textsOf(v); all {
			fields[at] = list(texts)
			return
		}
		for i, item := range v {
			flatten(fields, under(strconv.Itoa(i+1)), item)
		}
	case nil:
	case string:
		if v == "" {
			v = `""` // it is there, though empty
		}
		fields[at] = v
	default:
		fields[at] = fmt.Sprint(v)
	}
}

// textsOf gives a list of nothing but texts.
func textsOf(items []any) (texts []string, all bool) {
	for _, item := range items {
		text, is := item.(string)
		if !is {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, len(texts) > 0
}

// compareScripts says how much of a script changes, never what stands in it.
func compareScripts(kind ChangeKind, what, was, is string) Change {
	c := Change{Kind: kind, What: what, Was: describeScript(was), Is: describeScript(is)}
	if was == "" || is == "" {
		return c
	}
	old, now := scriptLines(was), scriptLines(is)
	came, gone := linesBeside(now, old), linesBeside(old, now)
	if came+gone == 0 {
		c.Is += " in another order or spacing"
	} else {
		c.Is += fmt.Sprintf(", %d new, %d gone", came, gone)
	}
	return c
}

// linesBeside counts the lines that are not among others.
func linesBeside(lines, others []string) int {
	left := map[string]int{}
	for _, line := range others {
		left[line]++
	}
	count := 0
	for _, line := range lines {
		if left[line]--; left[line] < 0 {
			count++
		}
	}
	return count
}

func describeScript(script string) string {
	if script == "" {
		return ""
	}
	return ManyOf(len(scriptLines(script)), "line")
}

func scriptLines(script string) []string {
	return strings.Split(strings.TrimRight(script, "\n"), "\n")
}

// changed shows two values that differ, shortened so that they still do.
func changed(kind ChangeKind, what, was, is string) Change {
	c := Change{Kind: kind, What: what, Was: shown(was), Is: shown(is)}
	if c.Was != c.Is {
		return c
	}
	a, b := []rune(was), []rune(is)
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	from := max(same-valueShown/4, 0)
	c.Was, c.Is = "…"+cut(strconv.Quote(string(a[from:]))), "…"+cut(strconv.Quote(string(b[from:])))
	return c
}

// valueShown is how long a value may be.
const valueShown = 80

// shown makes a value fit into a list.
func shown(value string) string {
	return cut(strings.Join(strings.Fields(value), " "))
}

func cut(value string) string {
	if runes := []rune(value); len(runes) >= valueShown {
		return string(runes[:valueShown-2]) + "…"
	}
	return value
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

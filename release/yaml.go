package release

import (
	"bytes"
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// DecodeYAML reads one YAML document strictly into a struct with JSON tags: known
// fields, each once and of the right type, and texts exactly as they are written
// (a version 2.30 stays 2.30). It says all that is wrong, with file, line and
// path. Aliases are followed as far as the text stays of a bearable size; merge
// keys and tags are not read.
func DecodeYAML(file string, data []byte, into any) Problems {
	body, wrong := parseYAML(data)
	if wrong != nil {
		wrong.File = file
		return Problems{*wrong}
	}
	r := yamlReader{anchors: map[string]ast.Node{}, fields: map[reflect.Type]map[string]reflect.StructField{}, room: 2*len(data) + aliasRoom}
	target := reflect.ValueOf(into).Elem()
	if _, empty := body.(*ast.NullNode); empty || body == nil {
		all := strings.Join(fieldNames(target.Type()), ", ")
		return Problems{{File: file, Line: 1, Message: "found nothing, expected a mapping with fields of " + all}}
	}
	r.read(body, "", target)
	for i := range r.problems {
		r.problems[i].File = file
	}
	return r.problems
}

const (
	// aliasRoom is how much text aliases may stand for, in bytes.
	aliasRoom = definitionLimit
	// nestingLimit is how deep YAML may be nested in brackets, or on one line.
	nestingLimit = 100
)

// parseYAML gives the only document of a file; nil when there is none.
func parseYAML(data []byte) (ast.Node, *Problem) {
	text := string(bytes.TrimPrefix(data, []byte("\uFEFF")))
	for i, line := range strings.Split(text, "\n") {
		if !utf8.ValidString(line) || strings.ContainsRune(line, 0) {
			return nil, &Problem{Line: i + 1, Message: "it is not a text in UTF-8"}
		}
	}
	tokens := lexer.Tokenize(text)
	if line := tooDeep(tokens); line > 0 {
		return nil, &Problem{Line: line, Message: fmt.Sprintf("it is nested deeper than %d levels", nestingLimit)}
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		wrong := &Problem{Message: "it is not YAML: " + err.Error()}
		if known, ok := err.(yaml.Error); ok { //nolint:errorlint // The parser wraps nothing.
			wrong.Message = "it is not YAML: " + known.GetMessage()
			if at := known.GetToken(); at != nil {
				wrong.Line = at.Position.Line
			}
		}
		return nil, wrong
	}
	var body ast.Node
	for _, document := range file.Docs {
		switch _, directive := document.Body.(*ast.DirectiveNode); {
		case document.Body == nil, directive:
		case body != nil:
			return nil, &Problem{Line: lineOf(document.Body), Message: "a second document begins here, expected one only"}
		default:
			body = document.Body
		}
	}
	return body, nil
}

// tooDeep gives the line in which something is nested too deep, or 0.
func tooDeep(tokens token.Tokens) int {
	depth, line, onLine := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, onLine = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType:
			onLine++
		}
		if max(depth, onLine) > nestingLimit {
			return line
		}
	}
	return 0
}

// yamlReader reads nodes into Go values, collecting what is wrong.
type yamlReader struct {
	problems Problems
	// anchors are those that are complete, so that no alias can hold itself.
	anchors map[string]ast.Node
	// fields are those of the structs that were read so far, by their names.
	fields map[reflect.Type]map[string]reflect.StructField
	// room is how much may still be read; only aliases can use it up.
	room int
}

func (r *yamlReader) add(at ast.Node, path, format string, args ...any) {
	r.problems.Add(Problem{Path: path, Line: lineOf(at), Message: fmt.Sprintf(format, args...)})
}

func (r *yamlReader) read(node ast.Node, path string, into reflect.Value) {
	if node == nil || r.room < 0 {
		return
	}
	if r.room -= 1 + len(node.GetToken().Value); r.room < 0 {
		r.add(node, path, "the aliases stand for more than %d bytes: write out what they stand for, or leave it out", aliasRoom)
		return
	}
	switch n := node.(type) {
	case *ast.NullNode:
		return
	case *ast.AnchorNode:
		r.read(n.Value, path, into)
		r.anchors[n.Name.GetToken().Value] = n.Value
		return
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		if meant, known := r.anchors[name]; known {
			r.read(meant, path, into)
		} else {
			r.add(n, path, "there is no anchor %q before it", name)
		}
		return
	case *ast.TagNode:
		r.add(n, path, "the tag %s is not read: leave it out", n.Start.Value)
		return
	}
	if text, is := into.Addr().Interface().(encoding.TextUnmarshaler); is {
		if written, ok := r.scalar(node, path, into.Type()); ok {
			r.text(node, path, written, text)
		}
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		r.read(node, path, into.Elem())
	case reflect.String:
		if written, ok := r.scalar(node, path, into.Type()); ok {
			into.SetString(written)
		}
	case reflect.Bool:
		if b, is := node.(*ast.BoolNode); is {
			into.SetBool(b.Value)
		} else {
			r.wrongType(node, path, into.Type())
		}
	case reflect.Int:
		r.whole(node, path, into)
	case reflect.Float64:
		r.number(node, path, into)
	case reflect.Slice:
		r.list(node, path, into)
	case reflect.Map, reflect.Struct:
		r.mapping(node, path, into)
	default:
		r.add(node, path, "a %s cannot be read from YAML", into.Type())
	}
}

// scalar gives a single value as it is written.
func (r *yamlReader) scalar(node ast.Node, path string, wanted reflect.Type) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	r.wrongType(node, path, wanted)
	return "", false
}

func (r *yamlReader) text(node ast.Node, path, written string, into encoding.TextUnmarshaler) {
	err := into.UnmarshalText([]byte(written))
	if _, isTime := into.(*time.Time); isTime && err != nil {
		err = fmt.Errorf("%q is not a time: write it as 2026-12-18T18:00:00Z", written)
	}
	if err != nil {
		r.add(node, path, "%v", err)
	}
}

func (r *yamlReader) whole(node ast.Node, path string, into reflect.Value) {
	written := node.GetToken()
	if written.Type != token.StringType && node.Type() != ast.IntegerType && node.Type() != ast.FloatType {
		r.wrongType(node, path, into.Type())
		return
	}
	n, err := strconv.Atoi(written.Value)
	if err != nil {
		r.add(node, path, "found %s, expected a whole number in decimal digits", written.Value)
		return
	}
	into.SetInt(int64(n))
}

func (r *yamlReader) list(node ast.Node, path string, into reflect.Value) {
	list, is := node.(*ast.SequenceNode)
	if !is {
		r.wrongType(node, path, into.Type())
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(list.Values), len(list.Values)))
	for i, item := range list.Values {
		r.read(item, fmt.Sprintf("%s[%d]", path, i), into.Index(i))
	}
}

// mapping reads into a struct, or into a map with keys of text.
func (r *yamlReader) mapping(node ast.Node, path string, into reflect.Value) {
	entries, is := node.(ast.MapNode)
	if !is {
		r.wrongType(node, path, into.Type())
		return
	}
	if into.Kind() == reflect.Map {
		into.Set(reflect.MakeMap(into.Type()))
	}
	seen := map[string]int{}
	for entry := entries.MapRange(); entry.Next(); {
		at := entry.Key()
		key, ok := r.key(at, path)
		if !ok {
			continue
		}
		below := strings.TrimPrefix(path+"."+key, ".")
		if first, twice := seen[key]; twice {
			r.add(at, below, "it is set a second time: the first is in line %d", first)
			continue
		}
		seen[key] = lineOf(at)
		if into.Kind() == reflect.Map {
			value := reflect.New(into.Type().Elem()).Elem()
			r.read(entry.Value(), below, value)
			into.SetMapIndex(reflect.ValueOf(key).Convert(into.Type().Key()), value)
			continue
		}
		field, known := r.field(into.Type(), key)
		if !known {
			r.add(at, below, "%s", unknownField(key, into.Type()))
			r.learn(entry.Value())
			continue
		}
		r.read(entry.Value(), below, into.FieldByIndex(field.Index))
	}
}

// field finds a field by its name in YAML; long lists ask again and again.
func (r *yamlReader) field(of reflect.Type, name string) (reflect.StructField, bool) {
	known, seen := r.fields[of]
	if !seen {
		known = fieldsByName(of)
		r.fields[of] = known
	}
	field, found := known[name]
	return field, found
}

// key gives a key as it is written.
func (r *yamlReader) key(at ast.Node, path string) (string, bool) {
	switch n := at.(type) {
	case *ast.MappingKeyNode:
		return r.key(n.Value, path)
	case *ast.MergeKeyNode:
		r.add(at, path, "merge keys (<<) are not read: write the fields out")
		return "", false
	}
	return r.scalar(at, path, reflect.TypeFor[string]())
}

// learn takes note of the anchors in what is not read, so that their aliases are
// not called wrong too.
func (r *yamlReader) learn(node ast.Node) {
	walk(node, func(n ast.Node) bool {
		if anchor, is := n.(*ast.AnchorNode); is {
			r.anchors[anchor.Name.GetToken().Value] = &ast.NullNode{BaseNode: &ast.BaseNode{}, Token: anchor.GetToken()}
		}
		return false
	})
}

func (r *yamlReader) wrongType(node ast.Node, path string, wanted reflect.Type) {
	r.add(node, path, "found %s, expected %s", nodeKind(node), typeKind(wanted))
}

// nodeKind names what a node is, as people do.
func nodeKind(node ast.Node) string {
	switch node.(type) {
	case *ast.SequenceNode:
		return "a list"
	case ast.MapNode:
		return "a mapping of fields"
	case *ast.IntegerNode:
		return "a whole number"
	case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.NullNode:
		return "nothing"
	}
	return "a text"
}

// lineOf gives the line of a node.
func lineOf(node ast.Node) int { return node.GetToken().Position.Line }

// walk visits a node and all below it, until the visit says that it is enough.
func walk(node ast.Node, visit func(ast.Node) bool) {
	if node != nil {
		ast.Walk(&walker{visit: visit}, node)
	}
}

type walker struct {
	visit func(ast.Node) bool
	done  bool
}

// Visit implements ast.Visitor.
func (w *walker) Visit(n ast.Node) ast.Visitor {
	if w.done = w.done || w.visit(n); w.done {
		return nil
	}
	return w
}

// yamlLine finds the line of a path such as "steps[1].env.HOME"; of something that
// is missing, the line of what ought to hold it.
func yamlLine(body ast.Node, path string, anchors map[string]ast.Node) int {
	line := 1
	for path != "" {
		body = dereference(body, anchors)
		var next ast.Node
		switch n := body.(type) {
		case ast.MapNode:
			for entry := n.MapRange(); entry.Next(); {
				rest, found := strings.CutPrefix(path, entry.Key().GetToken().Value)
				if found && (rest == "" || rest[0] == '.' || rest[0] == '[') {
					next, line, path = entry.Value(), lineOf(entry.Key()), strings.TrimPrefix(rest, ".")
					break
				}
			}
		case *ast.SequenceNode:
			index, rest, _ := strings.Cut(strings.TrimPrefix(path, "["), "]")
			if i, err := strconv.Atoi(index); err == nil && i >= 0 && i < len(n.Values) {
				next, line, path = n.Values[i], lineOf(n.Values[i]), strings.TrimPrefix(rest, ".")
			}
		}
		if next == nil {
			break
		}
		body = next
	}
	return line
}

// dereference gives what an anchor or alias stands for.
func dereference(node ast.Node, anchors map[string]ast.Node) ast.Node {
	for range nestingLimit {
		switch n := node.(type) {
		case *ast.AnchorNode:
			node = n.Value
		case *ast.AliasNode:
			node = anchors[n.Value.GetToken().Value]
		default:
			return node
		}
	}
	return nil
}

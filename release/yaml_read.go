package release

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

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
	if err := unmarshalText(written, into); err != nil {
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

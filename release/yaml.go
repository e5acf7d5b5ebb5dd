package release

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"strings"
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

package release

import (
	"errors"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// definitionLimit keeps a definition to what a person would write, in bytes.
const definitionLimit = 256 << 10

// ParseDefinition reads a definition's YAML strictly: known fields of the right
// type, each once. What is wrong comes back with file and line; problems of
// meaning (Definition.Check) are included.
func ParseDefinition(file string, data []byte) (Definition, Problems) {
	var d Definition
	if len(data) > definitionLimit {
		return d, Problems{{File: file, Message: "it is larger than 256 KiB: refer to big things instead of writing them out"}}
	}
	if err := yaml.UnmarshalWithOptions(data, &d, yaml.Strict()); err != nil {
		return d, Problems{YAMLProblem(file, data, err)}
	}
	return d, LocateProblems(file, data, d.Check())
}

// LocateProblems adds to problems of a definition where they stand in its file.
func LocateProblems(file string, data []byte, problems Problems) Problems {
	root, err := parser.ParseBytes(data, 0)
	for i := range problems {
		problems[i].File = file
		if err == nil {
			problems[i].Line = lineOf(root, problems[i].Path)
		}
	}
	return problems
}

// lineOf finds the line of a path; of a field that is missing, the line of what
// ought to hold it.
func lineOf(root *ast.File, path string) int {
	for path != "" {
		if p, err := yaml.PathString("$." + path); err == nil {
			if node, err := p.FilterFile(root); err == nil && node != nil {
				return node.GetToken().Position.Line
			}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 1
}

var (
	wrongValue = regexp.MustCompile(`^cannot unmarshal (\S+).* into Go (?:struct field \S+|value) of type (\S+)`)
	wrongShape = regexp.MustCompile(`^(\w+) was used where (\w+) is expected`)
	quoted     = regexp.MustCompile(`^"([^"]*)" is not a duration`)
)

// YAMLProblem puts an error of the YAML library into a reader's words, and finds
// where it stands.
func YAMLProblem(file string, data []byte, err error) Problem {
	problem := Problem{File: file, Message: err.Error()}
	here := func(ast.Node) bool { return false }
	var known yaml.Error
	if errors.As(err, &known) {
		problem.Message = known.GetMessage()
		if token := known.GetToken(); token != nil {
			problem.Line = token.Position.Line
			here = func(n ast.Node) bool { return n.GetToken().Position.Offset == token.Position.Offset }
		}
	} else if m := quoted.FindStringSubmatch(problem.Message); m != nil {
		here = func(n ast.Node) bool { return n.GetToken().Value == m[1] }
	}
	if node := find(data, here); node != nil {
		problem.Line = node.GetToken().Position.Line
		problem.Path = strings.TrimPrefix(node.GetPath(), "$.")
	}
	if m := wrongValue.FindStringSubmatch(problem.Message); m != nil {
		problem.Message = "found " + kindName(m[1]) + ", expected " + kindName(m[2])
	}
	if m := wrongShape.FindStringSubmatch(problem.Message); m != nil {
		problem.Message = "found " + kindName(m[1]) + ", expected " + kindName(m[2])
	}
	return problem
}

// find gives the outermost node that a condition holds for.
func find(data []byte, here func(ast.Node) bool) ast.Node {
	root, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil
	}
	f := &finder{here: here}
	for _, doc := range root.Docs {
		if doc.Body != nil {
			ast.Walk(f, doc.Body)
		}
	}
	return f.found
}

type finder struct {
	here  func(ast.Node) bool
	found ast.Node
}

// Visit implements ast.Visitor.
func (f *finder) Visit(n ast.Node) ast.Visitor {
	if f.found != nil {
		return nil
	}
	if f.here(n) {
		f.found = n
	}
	return f
}

// kindName names a Go or YAML type as people do.
func kindName(of string) string {
	switch {
	case strings.HasPrefix(of, "[]"), of == "sequence":
		return "a list"
	case strings.HasPrefix(of, "map"), strings.HasPrefix(of, "release."):
		return "a mapping of fields"
	case strings.HasPrefix(of, "int"), strings.HasPrefix(of, "uint"):
		return "a whole number"
	case strings.HasPrefix(of, "float"):
		return "a number"
	case of == "bool":
		return "true or false"
	case of == "null":
		return "nothing"
	}
	return "a text"
}

package release

import "github.com/goccy/go-yaml/ast"

// definitionLimit keeps a definition to what a person would write, in bytes.
const definitionLimit = 256 << 10

// ParseDefinition reads a definition's YAML strictly: known fields of the right
// type, each once. What is wrong comes back with file and line; problems of
// meaning (Definition.Check) are included.
func ParseDefinition(file string, data []byte) (Definition, Problems) {
	if len(data) > definitionLimit {
		return Definition{}, Problems{{File: file, Message: "it is larger than 256 KiB: refer to big things instead of writing them out"}}
	}
	var d Definition
	if problems := DecodeYAML(file, data, &d); len(problems) > 0 {
		return Definition{}, problems
	}
	return d, LocateProblems(file, data, d.Check())
}

// LocateProblems adds to problems of what a file holds where they stand in it.
func LocateProblems(file string, data []byte, problems Problems) Problems {
	body, wrong := parseYAML(data)
	anchors := map[string]ast.Node{}
	walk(body, func(n ast.Node) bool {
		if anchor, is := n.(*ast.AnchorNode); is {
			anchors[anchor.Name.GetToken().Value] = anchor.Value
		}
		return false
	})
	for i := range problems {
		problems[i].File = file
		if wrong == nil {
			problems[i].Line = yamlLine(body, problems[i].Path, anchors)
		}
	}
	return problems
}

package release

import (
	"math"
	"reflect"
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

var numberForm = regexp.MustCompile(`^[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?$`)

// number reads a number, with or without digits behind the point.
func (r *yamlReader) number(node ast.Node, path string, into reflect.Value) {
	written := node.GetToken()
	if written.Type != token.StringType && node.Type() != ast.IntegerType && node.Type() != ast.FloatType {
		r.wrongType(node, path, into.Type())
		return
	}
	n, err := strconv.ParseFloat(written.Value, 64)
	if err != nil || math.IsInf(n, 0) || !numberForm.MatchString(written.Value) {
		r.add(node, path, "found %s, expected a number in decimal digits, as in 0.01", written.Value)
		return
	}
	into.SetFloat(n)
}

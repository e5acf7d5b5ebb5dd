package rule

import (
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/env"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/overloads"
)

const (
	// costEstimated is what an expression may cost at most by its form, in CEL's
	// units; a comparison costs one or two.
	costEstimated = 10_000
	// costLimit ends an evaluation. It only takes effect when a text is longer than
	// maxText.
	costLimit = 10 * costEstimated
	// maxText is how long a text is taken to be when costs are estimated.
	maxText = 100
	// maxDepth is how deep an expression may be nested.
	maxDepth = 50
)

// variables are the names that a rule may use.
var variables = []struct {
	name string
	kind *cel.Type
	of   func(Circumstances) any
}{
	{"risk", cel.IntType, func(c Circumstances) any { return c.Risk }},
	{"level", cel.StringType, func(c Circumstances) any { return c.Level }},
	{"service", cel.StringType, func(c Circumstances) any { return c.Service }},
	{"environment", cel.StringType, func(c Circumstances) any { return c.Environment }},
	{"purpose", cel.StringType, func(c Circumstances) any { return c.Purpose }},
	{"model", cel.StringType, func(c Circumstances) any { return c.Model }},
	{"emergency", cel.BoolType, func(c Circumstances) any { return c.Emergency }},
	{"targets", cel.IntType, func(c Circumstances) any { return c.Targets }},
	{"conflicts", cel.IntType, func(c Circumstances) any { return c.Conflicts }},
}

// functions are those of CEL's standard library that a rule may use. The others
// are for times, whose zones would be read from the machine's files, and for types
// that no variable has.
var functions = []string{
	overloads.StartsWith, overloads.EndsWith, overloads.Contains, overloads.Matches, overloads.Size,
	overloads.TypeConvertInt, overloads.TypeConvertDouble, overloads.TypeConvertString,
}

var operations = []string{
	operators.Conditional, operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot,
	operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater,
	operators.GreaterEquals, operators.In, operators.Index,
	operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo, operators.Negate,
}

// environment is built once. It has no macros, and so no loops: what an
// expression costs grows with its length only.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	library := env.NewLibrarySubset().SetDisableMacros(true)
	for _, list := range [][]string{operations, functions} {
		for _, name := range list {
			library.AddIncludedFunctions(env.NewFunction(name))
		}
	}
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(library)),
		cel.ParserRecursionLimit(maxDepth),
		cel.ParserErrorRecoveryLimit(0),
		cel.ASTValidators(patterns{}, cel.ValidateHomogeneousAggregateLiterals()),
	}
	for _, v := range variables {
		options = append(options, cel.Variable(v.name, v.kind))
	}
	return cel.NewCustomEnv(options...)
})

// sizes estimates how large the values are that an expression does not spell out.
type sizes struct{}

// EstimateSize gives the size of the longest text that is reckoned with.
func (sizes) EstimateSize(checker.AstNode) *checker.SizeEstimate {
	return &checker.SizeEstimate{Max: maxText}
}

// EstimateCallCost leaves the cost of calls to CEL.
func (sizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}

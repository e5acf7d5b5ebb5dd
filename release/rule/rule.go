// Package rule evaluates the conditions in an organization's gate policies: CEL
// expressions (https://cel.dev) over the circumstances of a release, such as
//
//	risk >= 60 && purpose == "production"
//
// The answer depends on the expression and the circumstances only: a rule cannot
// ask for the time, cannot loop, and costs little.
package rule

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
)

// maxLength is the size of the longest expression, in bytes.
const maxLength = 2 << 10

// Circumstances is what a rule may depend on.
type Circumstances struct {
	// Risk is the score from 0 to 100, `risk` in a rule.
	Risk int
	// Level is "low", "medium" or "high", `level` in a rule.
	Level string
	// Service, Environment, Purpose and Model are names, `service`, `environment`,
	// `purpose` and `model` in a rule.
	Service, Environment, Purpose, Model string
	// Emergency tells whether the release is one, `emergency` in a rule.
	Emergency bool
	// Targets and Conflicts are how many there are, `targets` and `conflicts` in a
	// rule.
	Targets, Conflicts int
}

// Check says on one line what is wrong with an expression: its length, its syntax,
// a name that does not exist, a result that is neither true nor false, or its cost.
// It gives nil when the expression can be used.
func Check(expression string) error {
	_, _, err := compile(expression)
	return err
}

// Holds tells whether the expression is true in the circumstances. It gives an
// error, on one line, for what Check refuses, and for what only the evaluation
// shows, such as an index out of range.
func Holds(expression string, c Circumstances) (bool, error) {
	env, ast, err := compile(expression)
	if err != nil {
		return false, err
	}
	program, err := env.Program(ast, cel.CostLimit(costLimit))
	if err != nil {
		return false, plainly(err)
	}
	values := make(map[string]any, len(variables))
	for _, v := range variables {
		values[v.name] = v.of(c)
	}
	result, _, err := program.Eval(values)
	if err != nil {
		return false, plainly(err)
	}
	holds, ok := result.Value().(bool)
	if !ok {
		return false, fmt.Errorf("it gives %v, which is neither true nor false", result.Type())
	}
	return holds, nil
}

// compile makes of an expression what can be evaluated, or says why it cannot.
func compile(expression string) (*cel.Env, *cel.Ast, error) {
	switch {
	case strings.TrimSpace(expression) == "":
		return nil, nil, errors.New("it is empty")
	case len(expression) > maxLength:
		return nil, nil, fmt.Errorf("it is %d bytes long, %d more than allowed", len(expression), len(expression)-maxLength)
	case !utf8.ValidString(expression):
		return nil, nil, errors.New("it is not text in UTF-8")
	}
	env, err := environment()
	if err != nil {
		return nil, nil, plainly(err)
	}
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		return nil, nil, explain(issues.Errors())
	}
	if ast.OutputType() != cel.BoolType {
		return nil, nil, fmt.Errorf("it is not a condition: it gives %s, not true or false", ast.OutputType())
	}
	cost, err := env.EstimateCost(ast, sizes{})
	if err != nil {
		return nil, nil, plainly(err)
	}
	if cost.Max > costEstimated {
		return nil, nil, fmt.Errorf("it is too costly: up to %d operations, and %d are allowed", cost.Max, costEstimated)
	}
	return env, ast, nil
}

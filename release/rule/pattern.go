package rule

import (
	"regexp/syntax"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/overloads"
)

// maxPattern is the size of the largest regular expression, in instructions:
// repetitions such as (a{100}){10} are large without being long.
const maxPattern = 2000

// patterns refuses regular expressions that cannot be read, are too large, or are
// only known when the rule is evaluated. (CEL's own limit panics on repetitions.)
type patterns struct{}

// Name identifies the validator.
func (patterns) Name() string { return "slipway.patterns" }

// Validate reports the expressions that are refused.
func (patterns) Validate(_ *cel.Env, _ cel.ValidatorConfig, tree *ast.AST, issues *cel.Issues) {
	for _, call := range ast.MatchDescendants(ast.NavigateAST(tree), ast.FunctionMatcher(overloads.Matches)) {
		args := call.AsCall().Args()
		pattern := args[len(args)-1]
		if pattern.Kind() != ast.LiteralKind {
			issues.ReportErrorAtID(pattern.ID(), "matches needs a pattern that is written out")
			continue
		}
		text, _ := pattern.AsLiteral().Value().(string)
		if fault := checkPattern(text); fault != "" {
			issues.ReportErrorAtID(pattern.ID(), "%s", fault)
		}
	}
}

func checkPattern(pattern string) (fault string) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return err.Error()
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return err.Error()
	}
	if len(program.Inst) > maxPattern {
		return "the pattern is too large"
	}
	return ""
}

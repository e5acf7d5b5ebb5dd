package rule

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/common"
)

// maxMessage is how much is kept of CEL's own messages, in bytes.
const maxMessage = 300

// CEL's messages that need other words for somebody who edits YAML.
var (
	unknownName = regexp.MustCompile(`^undeclared reference to '(.*?)'`)
	wrongTypes  = regexp.MustCompile(`^found no matching overload for '(.*?)' applied to '(.*)'$`)
	endsEarly   = regexp.MustCompile(`^Syntax error: .*'<EOF>'( expecting |$)`)
	unexpected  = regexp.MustCompile(`^Syntax error: (?:.*? input|token recognition error at:) '(.*?)'( expecting .*)?$`)
	tooDeep     = regexp.MustCompile(`recursion (depth|limit) exceeded`)
)

// explain gives the first problem of an expression on one line, with its place.
// The problems after it are often its consequences.
func explain(problems []*common.Error) error {
	first := slices.MinFunc(problems, func(a, b *common.Error) int {
		return cmp.Or(cmp.Compare(row(a), row(b)), cmp.Compare(a.Location.Column(), b.Location.Column()))
	})
	message := reword(line(first.Message))
	column := first.Location.Column() + 1
	switch row(first) {
	case nowhere:
		return errors.New(message)
	case 1:
		return fmt.Errorf("character %d: %s", column, message)
	}
	return fmt.Errorf("line %d, character %d: %s", row(first), column, message)
}

// nowhere stands for the line of a problem that the expression has as a whole;
// one that has a place says more.
const nowhere = math.MaxInt

func row(problem *common.Error) int {
	if line := problem.Location.Line(); line > 0 {
		return line
	}
	return nowhere
}

func reword(message string) string {
	if m := unknownName.FindStringSubmatch(message); m != nil {
		var names []string
		for _, v := range variables {
			names = append(names, v.name)
		}
		return fmt.Sprintf("there is no %q: a rule may use %s, and the functions %s",
			m[1], strings.Join(names, ", "), strings.Join(functions, ", "))
	}
	if m := wrongTypes.FindStringSubmatch(message); m != nil {
		operation := strings.Trim(strings.ReplaceAll(m[1], "_", ""), "@") // "_>_", "@in"
		return fmt.Sprintf("%s cannot be applied to %s", operation, m[2])
	}
	if endsEarly.MatchString(message) {
		return "something is missing at the end"
	}
	if m := unexpected.FindStringSubmatch(message); m != nil {
		sign := strings.TrimSpace(m[1])
		if sign == "=" {
			return `"=" cannot stand here: to compare, write "=="`
		}
		return fmt.Sprintf("%q cannot stand here", sign)
	}
	if tooDeep.MatchString(message) {
		return "it is nested too deeply"
	}
	return message
}

// plainly gives an error of CEL without its layers, which are for programs.
func plainly(err error) error { return errors.New(line(err.Error())) }

// line makes one bounded line of a text.
func line(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxMessage {
		text = text[:maxMessage] + " …"
	}
	return strings.ToValidUTF8(text, "")
}

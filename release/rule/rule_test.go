package rule_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release/rule"
)

var circumstances = rule.Circumstances{
	Risk: 70, Level: "high", Service: "payments", Environment: "prod-eu", Purpose: "production",
	Model: "normal", Emergency: true, Targets: 12, Conflicts: 2,
}

func TestARuleHoldsByItsCircumstances(t *testing.T) {
	for expression, want := range map[string]bool{
		`risk >= 60 && purpose == "production"`:              true,
		`risk >= 60 && purpose == "test"`:                    false,
		`service in ["payments", "ledger"]`:                  true,
		`service in ["billing"]`:                             false,
		`environment.startsWith("prod")`:                     true,
		`environment.endsWith("us")`:                         false,
		`environment.contains("od-")`:                        true,
		`service.matches("^pay(ment|roll)s?$")`:              true,
		`level == "high" ? targets > 10 : targets > 100`:     true,
		`!emergency || conflicts > 2`:                        false,
		`model != "standard" && size(model) == 6`:            true,
		`(targets + conflicts) * 2 - 1 == 27`:                true,
		`risk >= {"prod-eu": 60, "test": 90}[environment]`:   true,
		"risk >= 60 &&\n  // the busy ones\n  targets > 5\n": true,
		`double(risk) / 100.0 > 0.5`:                         true,
		`string(risk) == "70" && int("70") == risk`:          true,
	} {
		require.NoError(t, rule.Check(expression), expression)
		holds, err := rule.Holds(expression, circumstances)
		require.NoError(t, err, expression)
		assert.Equal(t, want, holds, expression)
	}
}

const known = "a rule may use risk, level, service, environment, purpose, model, emergency, targets, conflicts," +
	" and the functions startsWith, endsWith, contains, matches, size, int, double, string"

// refused are expressions that cannot be used, and why.
var refused = map[string]string{
	"":                         "it is empty",
	" \n ":                     "it is empty",
	"risk":                     "it is not a condition: it gives int, not true or false",
	`"true"`:                   "it is not a condition: it gives string, not true or false",
	"rsk > 5":                  `character 1: there is no "rsk": ` + known,
	"risk > 5 ||\n  emergncy":  `line 2, character 3: there is no "emergncy": ` + known,
	`risk > "high"`:            "character 6: > cannot be applied to (int, string)",
	`level in "high"`:          "character 7: in cannot be applied to (string, string)",
	"service.startsWith(risk)": "character 19: startsWith cannot be applied to string.(int)",
	"service.name == 'x'":      "character 8: type 'string' does not support field selection",
	"risk = 5":                 `character 6: "=" cannot stand here: to compare, write "=="`,
	"risk >":                   "character 7: something is missing at the end",
	"risk > 5 and emergency":   `character 10: "and" cannot stand here`,
	"risk > 5)":                `character 9: ")" cannot stand here`,
	`["a", 1] == ["a"]`:        "character 7: expected type 'string' but found 'int'",
	"\xff":                     "it is not text in UTF-8",

	strings.Repeat("(", 500) + "true" + strings.Repeat(")", 500): "it is nested too deeply",
	"emergency" + strings.Repeat(" ", 2040):                      "it is 2049 bytes long, 1 more than allowed",
	"risk == 5 x" + strings.Repeat(" && risk == 5", 100):         `character 11: "x" cannot stand here`,

	// Nothing loops, reads the clock or the zones of the machine.
	"[1, 2].exists(x, x > risk)":                                      `character 14: there is no "exists": ` + known,
	`timestamp("2026-01-01T00:00:00Z").getHours("Europe/Zurich") > 1`: `character 10: there is no "timestamp": ` + known,

	// Regular expressions are of a bounded size, which is known beforehand.
	`service.matches("a(")`:                       "character 17: error parsing regexp: missing closing ): `a(`",
	`service.matches("(a{100}){100}")`:            "character 17: error parsing regexp: invalid repeat count: `{100}`",
	`service.matches("(a{50}|b{1000})(c{1000})")`: "character 17: the pattern is too large",
	`service.matches("a" + model)`:                "character 21: matches needs a pattern that is written out",
	`service.matches(model)`:                      "character 17: matches needs a pattern that is written out",

	`"` + strings.Repeat("a", 900) + `".matches("` + strings.Repeat("a", 900) + `")`: "it is too costly: up to 20475 operations, and 10000 are allowed",
}

func TestAnExpressionThatCannotBeUsedIsRefusedOnOneLine(t *testing.T) {
	for expression, want := range refused {
		require.EqualError(t, rule.Check(expression), want, "%.80q", expression)
		_, err := rule.Holds(expression, circumstances)
		require.EqualError(t, err, want, "%.80q", expression)
	}
}

func TestWhatOnlyTheEvaluationShowsIsAnError(t *testing.T) {
	for expression, want := range map[string]string{
		"[true, false][risk]":              "index out of bounds: 70",
		"100 / (risk - 70) > 1":            "division by zero",
		"risk + 9223372036854775807 > 0":   "integer overflow",
		`{"test": 90}[environment] > risk`: "no such key: prod-eu",
	} {
		require.NoError(t, rule.Check(expression), expression)
		_, err := rule.Holds(expression, circumstances)
		require.EqualError(t, err, want, expression)
	}
}

func TestAnEvaluationIsCutOffWhenItsTextsAreHuge(t *testing.T) {
	const expression = "service.contains(model)"
	require.NoError(t, rule.Check(expression))
	_, err := rule.Holds(expression, rule.Circumstances{Service: strings.Repeat("a", 1<<20), Model: strings.Repeat("a", 1<<19) + "b"})
	require.ErrorContains(t, err, "cost limit exceeded")
}

func TestManyMayAskAtOnce(t *testing.T) {
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			holds, err := rule.Holds(`risk > 50 && service.matches("^pay")`, circumstances)
			assert.NoError(t, err)
			assert.True(t, holds)
		})
	}
	all.Wait()
}

// FuzzAnyTextIsJudgedAtOnce holds that no text panics or takes long, that both
// functions agree, that the answer is always the same, and that errors are one line.
func FuzzAnyTextIsJudgedAtOnce(f *testing.F) {
	for expression := range refused {
		f.Add(expression, 50, "payments")
	}
	for _, part := range []string{"!", "-", "[", "{", "f(", "a.", "a{b:", "true?", "risk+", "'", "a ", "$", "risk in [", "true||", "'a'+", "{1:"} {
		f.Add(strings.Repeat(part, 2000/len(part))+"true", 0, "")
	}
	for _, expression := range []string{
		`risk >= 60 && purpose == "production"`, `{"a": [1, 2.5]}[service][0] > risk ? true : !emergency`,
		`google.protobuf.Timestamp{seconds: 1} == google.protobuf.Any{}`, `b"\xff" == b'' || r"\d" != "\u00e9"`,
		`matches(service, "(?i)^[a-z]{1,63}\\pL*$")`, `-9223372036854775808 / -1 == risk % 0`, `1u + 2u == 3u && null == null`,
	} {
		f.Add(expression, 1, "ledger")
	}
	f.Fuzz(func(t *testing.T, expression string, risk int, service string) {
		begun := time.Now()
		refusal := rule.Check(expression)
		c := rule.Circumstances{Risk: risk, Service: service}
		holds, err := rule.Holds(expression, c)
		again, errAgain := rule.Holds(expression, c)
		require.Less(t, time.Since(begun), 5*time.Second)
		require.Equal(t, holds, again)
		require.Equal(t, err, errAgain)
		if refusal != nil {
			require.Equal(t, refusal, err)
		}
		if err != nil {
			require.NotEmpty(t, err.Error())
			require.NotContains(t, err.Error(), "\n")
			require.LessOrEqual(t, len(err.Error()), 1000)
		}
	})
}

func BenchmarkHolds(b *testing.B) {
	for b.Loop() {
		if _, err := rule.Holds(`risk >= 60 && purpose == "production"`, circumstances); err != nil {
			b.Fatal(err)
		}
	}
}

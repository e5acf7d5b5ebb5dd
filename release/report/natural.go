package report

import (
	"cmp"
	"strings"
	"unicode"
)

// naturally compares as people sort: 2.9 before 2.10.
func naturally(a, b string) int {
	inFull := cmp.Compare(a, b)
	for a != "" && b != "" {
		left, leftRest := chunk(a)
		right, rightRest := chunk(b)
		if c := chunks(left, right); c != 0 {
			return c
		}
		a, b = leftRest, rightRest
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), inFull)
}

func chunks(a, b string) int {
	if digit(a) && digit(b) {
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		if c := cmp.Compare(len(a), len(b)); c != 0 {
			return c
		}
	}
	return cmp.Compare(a, b)
}

// chunk cuts off the digits, or what is none, at the beginning.
func chunk(s string) (first, rest string) {
	number := digit(s)
	for i, c := range s {
		if unicode.IsDigit(c) != number {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

func digit(s string) bool { return strings.IndexFunc(s, unicode.IsDigit) == 0 }

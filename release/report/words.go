package report

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"

	"slipway/release"
)

// human writes a duration in at most two units: "350 ms", "1 m 23 s", "2 d 4 h".
func human(d release.Duration) string {
	std := d.Std()
	switch {
	case std < 0:
		return "−" + human(-d)
	case std == 0:
		return "0 s"
	case std < time.Millisecond:
		return "under 1 ms"
	case std.Round(time.Millisecond) < time.Second:
		return fmt.Sprintf("%d ms", std.Round(time.Millisecond)/time.Millisecond)
	case std.Round(100*time.Millisecond) < 10*time.Second:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", std.Seconds()), ".0") + " s"
	case std.Round(time.Second) < time.Hour:
		return pair(std.Round(time.Second), time.Minute, "m", time.Second, "s")
	case std.Round(time.Minute) < day:
		return pair(std.Round(time.Minute), time.Hour, "h", time.Minute, "m")
	}
	return pair(std.Round(time.Hour), day, "d", time.Hour, "h")
}

func pair(d, big time.Duration, bigName string, small time.Duration, smallName string) string {
	whole, rest := d/big, d%big/small
	switch {
	case whole == 0:
		return fmt.Sprintf("%d %s", rest, smallName)
	case rest == 0:
		return fmt.Sprintf("%d %s", whole, bigName)
	}
	return fmt.Sprintf("%d %s %d %s", whole, bigName, rest, smallName)
}

// signed writes a difference with its sign.
func signed(d release.Duration) string {
	if d > 0 {
		return "+" + human(d)
	}
	return human(d)
}

// took is a duration that may not have been measured.
func took(d release.Duration) cell {
	if d == 0 {
		return nil
	}
	return text(human(d))
}

// ordinal writes which time it is: "2nd".
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

// words reads an identifier: "completed-with-issues" as "completed with issues".
func words[T ~string](identifier T) string { return strings.ReplaceAll(string(identifier), "-", " ") }

// capital writes the first letter large.
func capital(s string) string {
	for i, first := range s {
		return string(unicode.ToUpper(first)) + s[i+len(string(first)):]
	}
	return s
}

var stageTitles = map[release.StageName]string{
	release.StageDeployGate: "Deployment gate",
	release.StageReview:     "Review and close",
	release.StageHandOver:   "Hand-over",
	release.StageBackOut:    "Back-out",
}

// stageTitle writes a stage without its environment.
func stageTitle(name release.StageName) string {
	stem, _ := name.Split()
	if title, found := stageTitles[stem]; found {
		return title
	}
	return capital(words(stem))
}

// fullTitle writes a stage with its environment: "Deploy, production".
func fullTitle(name release.StageName) string {
	if _, environment := name.Split(); environment != "" {
		return stageTitle(name) + ", " + environment
	}
	return stageTitle(name)
}

// scrub takes out of every text what could deceive a reader or a terminal:
// control characters, and marks that turn the direction of writing.
func scrub(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			scrub(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			scrub(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			scrub(v.Index(i))
		}
	case reflect.String:
		v.SetString(harmless(v.String()))
	}
}

func harmless(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t':
			return c
		case unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c):
			return unicode.ReplacementChar
		}
		return c
	}, strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"))
}

package release

import (
	"regexp"
	"strings"
	"time"
)

// clock gives a time as exactly as people plan, second as exactly as they send.
func clock(t time.Time) string  { return t.UTC().Format("2006-01-02 15:04 UTC") }
func second(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// cell makes a text safe inside a Markdown table, list or bold run: one line, no
// markup of its own, of a bearable length.
func cell(text string) string {
	text = markup.Replace(oneLine(text))
	// Most texts hold none of these, which is found out faster without the patterns.
	if strings.Contains(text, `\_`) {
		text = wordUnderscore.ReplaceAllString(text, "${1}_")
	}
	for strings.Contains(text, "/") && fraction.MatchString(text) {
		text = fraction.ReplaceAllString(text, "$1∕$2")
	}
	if strings.Contains(text, "--") {
		text = flag.ReplaceAllString(text, "$1`$2`")
	}
	return unfilled(text)
}

// wordUnderscore is one that is no markup, as in CACHE_MB.
var wordUnderscore = regexp.MustCompile(`([A-Za-z0-9])\\_`)

// fraction is what the Web UI would draw as one, as in 1/2.
var fraction = regexp.MustCompile(`(\d)/(\d)`)

// flag is one of a command: outside of code, the Web UI makes its -- one dash.
var flag = regexp.MustCompile(`(^| )(--[a-z][a-z-]*)`)

var markup = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "`", "'", "*", `\*`, "_", `\_`, "[", `\[`, "~", `\~`, "$", `\$`, "<", "‹", ">", "›",
)

// code makes a text safe between backticks.
func code(text string) string { return unfilled(verbatim(oneLine(text))) }

// verbatim is for what people copy from between backticks: nothing is cut.
func verbatim(text string) string { return strings.ReplaceAll(text, "`", "'") }

// blank is what the Web UI fills in wherever it stands, with what it shows a page of.
var blank = regexp.MustCompile(`\{(namespace|workflowId|runId)\}`)

// unfilled keeps it from that by a space of no width.
func unfilled(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	return blank.ReplaceAllString(text, "{\u200b$1}")
}

func oneLine(text string) string {
	const limit = 300
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= limit { // in bytes, which are never fewer
		return text
	}
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + " …"
	}
	return text
}

package results

import (
	"regexp"
	"strings"
)

// places are the ways in which tools write where a failure is, each with the file
// and the line.
var places = []*regexp.Regexp{
	regexp.MustCompile(`File "([^"\n]+)", line (\d+)`),                                          // Python
	regexp.MustCompile(`\bat (\S+) line (\d+)`),                                                 // Perl
	regexp.MustCompile(`in (?:test )?file (\S+), line (\d+)`),                                   // bats
	regexp.MustCompile(`(?m)^\s*file:\s*['"]?([^'"\n]+?)['"]?\s*\n\s*line(?:Number)?:\s*(\d+)`), // YAML of TAP
	regexp.MustCompile(`(?:^|[\s('"\[])((?:[A-Za-z]:)?[\w@./\\+-]+\.(?:` + sources + `)):(\d+)`),
}

// sources are the endings of files that hold tests; others, such as those of hosts,
// are no places.
const sources = `go|py|rb|php|java|kt|kts|scala|groovy|clj|cljs|js|jsx|mjs|cjs|ts|tsx|mts|cts|vue|c|cc|cpp|cxx|h|hpp|m|mm|rs|cs|fs|vb|swift|dart|lua|ex|exs|erl|hs|ml|pl|pm|t|sh|bash|bats|feature`

// placeIn finds in a text where a failure is, as in "web_test.py:12"; empty when it
// does not say.
func placeIn(text string) string {
	text = text[:min(len(text), maxMessage)]
	for _, form := range places {
		if found := form.FindStringSubmatch(text); found != nil {
			return placeOf(found[1], found[2])
		}
	}
	return ""
}

// placeOf puts a file and a line together, either of which may be missing.
func placeOf(file, line string) string {
	file = strings.TrimPrefix(strings.TrimSpace(file), "./")
	if line = strings.TrimSpace(line); file == "" || line == "" {
		return file
	}
	return file + ":" + line
}

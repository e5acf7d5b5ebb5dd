package results

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// maxNested bounds how deep subtests lie in each other, and maxPlan the tests of a plan.
const (
	maxNested = 100
	maxPlan   = 100_000_000
)

var (
	tapVersion = regexp.MustCompile(`^TAP version \d+\s*$`)
	tapPlan    = regexp.MustCompile(`^1\.\.(\d{1,9})(?:\s.*)?$`)
	tapTest    = regexp.MustCompile(`^(not )?ok(?:$|\s+)(\d{1,9}(?:\s+|$))?(?:- )?(.*)$`)
	// tapDirective is at the end of a test; an escaped # is none.
	tapDirective = regexp.MustCompile(`(?i)(?:^|[^\\])#\s*(skip|todo)\S*`)
	tapSubtest   = regexp.MustCompile(`^# Subtest(?:: (.*))?$`)
	tapBail      = regexp.MustCompile(`^Bail out!\s*(.*)$`)
)

// tap follows a run in the Test Anything Protocol, of version 12, 13 or 14.
type tap struct {
	// groups are the run itself and the subtests that have begun, each in the one
	// before it.
	groups []*tapGroup
	seen   bool
	bailed bool
	// failed is the test that failed last, while what is said is about it; yaml is the
	// indentation of the block that is read, or -1.
	failed *tapFailure
	yaml   int
}

// tapGroup is a list of tests with its plan.
type tapGroup struct {
	Counts
	name    string
	ran     int
	planned bool
	plan    int
}

// tapFailure is a test that failed, with what is said about it.
type tapFailure struct {
	group *tapGroup
	name  string
	said  string
}

// readTAP reads the output line by line. What is not of the protocol is ignored:
// suites print other things too.
func readTAP(output io.Reader, c *Counts) error {
	run := &tap{groups: []*tapGroup{{}}, yaml: -1}
	if err := eachLine(output, func(line []byte) { run.take(strings.TrimRight(string(line), " \t\r\n")) }); err != nil {
		return fmt.Errorf("read the output of TAP: %w", err)
	}
	run.end()
	if !run.seen {
		return fmt.Errorf("%w: the output holds no tests of TAP", ErrUnreadable)
	}
	*c = run.groups[0].Counts
	return nil
}

func (r *tap) take(line string) {
	text := strings.TrimLeft(line, " ")
	indent := len(line) - len(text)
	if indent < r.yaml && text != "" {
		r.yaml = -1 // its end is missing
	}
	switch {
	case r.yaml >= 0 && indent == r.yaml && text == "...":
		r.yaml = -1
	case r.yaml >= 0:
		r.say(line)
	case text == "---" && indent%4 == 2:
		r.yaml = indent
	case strings.HasPrefix(text, "Bail out!"):
		r.bailOut(tapBail.FindStringSubmatch(text)[1])
	case indent%4 == 0 && r.takeTest(indent/4, text):
	case strings.HasPrefix(text, "#"):
		r.say(strings.TrimPrefix(text, "#"))
	}
}

// takeTest takes a line of the protocol at a level of subtests; false when it is none.
func (r *tap) takeTest(level int, text string) bool {
	if text == "" || !strings.ContainsRune("#1Ton", rune(text[0])) {
		return false // no line of the protocol begins so
	}
	subtest, plan, test := tapSubtest.FindStringSubmatch(text), tapPlan.FindStringSubmatch(text), tapTest.FindStringSubmatch(text)
	switch {
	case level > len(r.groups) || level > maxNested:
		return false
	case tapVersion.MatchString(text):
		r.seen = r.seen || level == 0
	case subtest != nil && level == len(r.groups):
		r.group(level).name = subtest[1]
	case subtest != nil: // the tests below it come next
	case plan != nil:
		r.seen = true
		g := r.group(level)
		g.plan, _ = strconv.Atoi(plan[1])
		g.planned = true
	case test != nil:
		r.seen = true
		r.test(level, test[1] == "", test[3])
	default:
		return false
	}
	return true
}

// group gives the list at a level, and begins it when it is the first of its tests.
func (r *tap) group(level int) *tapGroup {
	if level == len(r.groups) {
		r.groups = append(r.groups, &tapGroup{})
	}
	return r.groups[level]
}

// test counts a test. One that has subtests stands for them, unless it failed while
// they did not.
func (r *tap) test(level int, ok bool, description string) {
	r.settle()
	r.close(level + 2)
	g := r.group(level)
	g.ran++
	name, directive := directed(description)
	if name == "" {
		name = fmt.Sprintf("test %d", g.ran)
	}
	excused := directive == "skip" || (directive == "todo" && !ok)
	hasBelow, failedBelow := level+1 < len(r.groups), false
	if hasBelow {
		below := r.groups[level+1]
		r.groups = r.groups[:level+1]
		below.check()
		failedBelow = below.Failed > 0
		g.take(*below, name, excused)
	}
	switch {
	case hasBelow && (ok || excused || failedBelow):
	case excused:
		g.Skipped++
	case !ok:
		r.failed = &tapFailure{group: g, name: name}
	default:
		g.Passed++
	}
}

// directed gives the name of a test, and "skip" or "todo" when it is excused.
func directed(description string) (name, directive string) {
	if at := tapDirective.FindStringSubmatchIndex(description); at != nil {
		directive = strings.ToLower(description[at[2]:at[3]])
		description = description[:strings.LastIndexByte(description[:at[2]], '#')]
	}
	return strings.TrimSpace(strings.ReplaceAll(description, `\#`, "#")), directive
}

// take adds what subtests found; those of an excused test are skipped ones.
func (g *tapGroup) take(below tapGroup, name string, excused bool) {
	g.Passed += below.Passed
	g.Skipped += below.Skipped
	if excused {
		g.Skipped += below.Failed
		return
	}
	g.Failed += below.Failed
	for _, f := range below.Failures {
		if len(g.Failures) < maxFailures {
			f.Case = text(name+" / "+f.Case, maxCase)
			g.Failures = append(g.Failures, f)
		}
	}
}

// check compares a list that has ended with its plan.
func (g *tapGroup) check() {
	switch {
	case !g.planned:
		g.fail("plan", "", "the tests have no plan, so some may be missing")
	case g.plan > maxPlan || g.plan != g.ran:
		g.fail("plan", "", fmt.Sprintf("%d tests were planned, but %d ran", g.plan, g.ran))
	}
}

// say takes what is said about the test that failed last.
func (r *tap) say(line string) {
	if f := r.failed; f != nil && len(f.said) < maxMessage {
		f.said += line[:min(len(line), maxMessage)] + "\n"
	}
}

// settle counts the test that failed last, of which all is said.
func (r *tap) settle() {
	switch f := r.failed; {
	case f == nil:
	case len(f.group.Failures) == maxFailures:
		f.group.Failed++ // no more are kept, so nothing is looked for in it
	default:
		f.group.fail(f.name, placeIn(f.said), dedent(f.said))
	}
	r.failed, r.yaml = nil, -1
}

// close ends lists below a level whose own test never came.
func (r *tap) close(level int) {
	for last := len(r.groups) - 1; last >= max(level, 1); last-- {
		g := r.groups[last]
		r.groups = r.groups[:last]
		g.fail("plan", "", "its subtests have no end")
		name := g.name
		if name == "" {
			name = "subtest"
		}
		r.groups[last-1].take(*g, name, false)
	}
}

func (r *tap) bailOut(why string) {
	if r.bailed {
		return
	}
	r.settle()
	r.seen, r.bailed = true, true
	r.groups[0].fail("Bail out!", "", why)
}

// end closes the run. One that bailed out, or that never began, has no plan to keep.
func (r *tap) end() {
	r.settle()
	r.close(1)
	if r.seen && !r.bailed {
		r.groups[0].check()
	}
}

// dedent takes away the indentation that all lines share.
func dedent(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	least := len(text)
	for _, line := range lines {
		if trimmed := strings.TrimLeft(line, " "); trimmed != "" {
			least = min(least, len(line)-len(trimmed))
		}
	}
	for i, line := range lines {
		lines[i] = line[min(least, len(line)):]
	}
	return strings.Join(lines, "\n")
}

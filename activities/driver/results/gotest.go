package results

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// maxKept bounds the tests, packages and builds that are followed at a time.
const maxKept = 10_000

// event is a line of "go test -json" (go doc test2json).
type event struct {
	Action      string
	Package     string
	ImportPath  string // of a build
	Test        string
	Output      string
	FailedBuild string
}

// goTest follows the events of a run.
type goTest struct {
	counts   *Counts
	seen     bool
	running  int
	packages map[string]*goPackage
	builds   map[string]*excerpt // what compilers said, by import path
}

// goPackage is a package under test.
type goPackage struct {
	tests  map[string]*goCase // begun and not ended
	failed bool
	output excerpt
}

// goCase is a test that has begun.
type goCase struct {
	parent    *goCase
	hasCases  bool
	hasFailed bool // one of its cases has
	output    excerpt
}

// readGoTest reads the events line by line. What is not an event is ignored:
// suites print other things too.
func readGoTest(output io.Reader, c *Counts) error {
	run := &goTest{counts: c, packages: map[string]*goPackage{}, builds: map[string]*excerpt{}}
	err := eachLine(output, func(line []byte) {
		var e event
		if line[0] == '{' && json.Unmarshal(line, &e) == nil {
			run.take(e)
		}
	})
	if err != nil {
		return fmt.Errorf("read the output of go test: %w", err)
	}
	run.end()
	if !run.seen {
		return fmt.Errorf("%w: the output holds no events of go test -json", ErrUnreadable)
	}
	return nil
}

func (r *goTest) take(e event) {
	r.seen = r.seen || e.Package != "" && e.Action != ""
	switch {
	case e.Action == "build-output":
		r.buildOf(e.ImportPath).add(e.Output)
	case e.Package == "":
	case e.Test == "":
		r.takePackage(e)
	default:
		r.takeTest(e)
	}
}

// takePackage takes an event of a package as a whole.
func (r *goTest) takePackage(e event) {
	p := r.packageOf(e.Package)
	switch e.Action {
	case "output":
		p.output.add(e.Output)
		return
	case "fail":
		r.failPackage(e, p)
	case "pass", "skip":
	default:
		return
	}
	r.running -= len(p.tests)
	delete(r.packages, e.Package)
}

// failPackage makes a failure of a package that failed otherwise than by a test:
// it did not build, or ended in the middle of one.
func (r *goTest) failPackage(e event, p *goPackage) {
	name := "package " + e.Package
	switch {
	case e.FailedBuild != "":
		r.counts.failAs(name+": build failed", r.buildOf(e.FailedBuild))
	case strings.Contains(p.output.text, "[build failed]"), strings.Contains(p.output.text, "[setup failed]"):
		r.counts.failAs(name+": build failed", &p.output)
	case len(p.tests) > 0:
		r.failUnfinished(e.Package, p)
	case !p.failed:
		r.counts.failAs(name, &p.output)
	}
}

// failUnfinished makes a failure of each test that had no end; its parents have
// none either and are not counted.
func (r *goTest) failUnfinished(name string, p *goPackage) {
	for _, test := range slices.Sorted(maps.Keys(p.tests)) {
		if c := p.tests[test]; !c.hasCases {
			r.counts.fail(name+" "+test+": did not end", cmp.Or(c.output.place(), p.output.place()), c.output.text+p.output.text)
		}
	}
}

func (r *goTest) takeTest(e event) {
	p := r.packageOf(e.Package)
	c := p.tests[e.Test]
	switch e.Action {
	case "run":
		if c == nil && r.running < maxKept {
			p.tests[e.Test] = p.begin(e.Test)
			r.running++
		}
	case "output":
		if c != nil {
			c.output.add(e.Output)
		}
	case "pass", "fail", "skip":
		if c == nil {
			c = &goCase{}
		} else {
			r.running--
			delete(p.tests, e.Test)
		}
		r.count(e, p, c)
	}
}

// count counts a test that ended. One that has cases of its own stands for them,
// unless it failed while they did not, or tells of a panic in one of them.
func (r *goTest) count(e event, p *goPackage, c *goCase) {
	switch {
	case e.Action == "fail":
		p.failed = true
		if c.parent != nil {
			c.parent.hasFailed = true
		}
		if !c.hasFailed || c.output.panicked {
			r.counts.failAs(e.Package+" "+e.Test, &c.output)
		}
	case c.hasCases:
	case e.Action == "pass":
		r.counts.Passed++
	default:
		r.counts.Skipped++
	}
}

// end takes the packages of which the output does not tell the end.
func (r *goTest) end() {
	for _, name := range slices.Sorted(maps.Keys(r.packages)) {
		r.failUnfinished(name, r.packages[name])
	}
}

func (r *goTest) packageOf(name string) *goPackage {
	p := r.packages[name]
	if p == nil {
		p = &goPackage{tests: map[string]*goCase{}}
		if len(r.packages) < maxKept {
			r.packages[name] = p
		}
	}
	return p
}

func (r *goTest) buildOf(path string) *excerpt {
	said := r.builds[path]
	if said == nil {
		said = &excerpt{}
		if len(r.builds) < maxKept {
			r.builds[path] = said
		}
	}
	return said
}

// begin gives a new test, under the one that its name says. Names of cases may
// hold slashes themselves.
func (p *goPackage) begin(name string) *goCase {
	c := &goCase{}
	for parent := name; c.parent == nil; {
		slash := strings.LastIndexByte(parent, '/')
		if slash < 0 {
			return c
		}
		parent = parent[:slash]
		c.parent = p.tests[parent]
	}
	c.parent.hasCases = true
	return c
}

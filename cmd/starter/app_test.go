package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// today is when the tests take place.
var today = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// call is one call of the command in a test, and what came of it.
type call struct {
	env    []string
	in     string
	out    bytes.Buffer
	errs   bytes.Buffer
	status int
}

func (c *call) run(t *testing.T, args ...string) *call {
	t.Helper()
	a := &app{
		in: strings.NewReader(c.in), out: &c.out, errs: &c.errs, zone: time.UTC,
		env: append([]string{"TEMPORAL_CONFIG_FILE=" + filepath.Join(t.TempDir(), "none")}, c.env...),
		now: func() time.Time { return today },
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c.status = a.run(ctx, args)
	return c
}

// transcript shows the call as a terminal would.
func (c *call) transcript(args []string) string {
	words := []string{"$ starter"}
	for _, arg := range args {
		words = append(words, quoted(arg))
	}
	text := strings.Join(words, " ") + "\n" + c.out.String() + c.errs.String()
	return fmt.Sprintf("%sexit %d\n\n", text, c.status)
}

// golden compares a text with what is kept in testdata.
func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s differs (run with -update when that is right); got:\n%s", file, text)
	}
}

// nowhere is an address that no server is at.
const nowhere = "TEMPORAL_ADDRESS=127.0.0.1:1"

func TestWrongUse(t *testing.T) {
	var text strings.Builder
	for _, line := range []string{
		"stat",
		"status",
		"status httpbin",
		"status a@1 b@1",
		"status httpbin@1 --colour",
		"status httpbin@1 -o xml",
		"status httpbin@1 -o markdown",
		"list -o ics",
		"list everything",
		"plan",
		"plan -f testdata/none.yaml",
		"start -f",
		"watch",
		"authorize --by ana",
		"authorize httpbin@1/ --by ana",
		"authorize httpbin@1 httpbin/plan --by ana",
		"authorize httpbin@1 --gate plan",
		"authorize httpbin@1 --gate plan --by ana --decision maybe",
		"authorize httpbin@1 --gate plan --by ana --valid 0s",
		"authorize httpbin@1 --gate plan --by ana --valid soon",
		"authorize httpbin@1 --gate= --by ana",
		"authorize httpbin@1 --gate plan --by ana --sign testdata/none",
		"authorize --all --by ana",
		"authorize httpbin@1 --all --gate plan --by ana",
		"authorize --all --gate plan --by ana --digest 3f9a0c1b7d22",
		"authorize --all --gate plan --by ana --print",
		"authorize httpbin@1 --gate plan --by ana --dry-run",
		"agenda today",
		"agenda -o markdown",
		"agenda --before soon",
		"revise httpbin@1 --by marc --reason why",
		"revise httpbin@1 -f testdata/definitions/good.yaml --by marc --reason why",
		"rebuild httpbin@1 --by marc",
		"rebuild httpbin@1 --by marc --reason why --component httpbin",
		"withdraw httpbin@1 --by rita",
		"back-out --reason why",
		"resolve-step httpbin@1 --step s --target t --action pray --by dora --reason why",
		"accept httpbin@1",
		"hand-over httpbin@1:production --by olaf",
		"incident",
		"incident close",
		"calendar moon",
		"calendar --days 400",
		"calendar -o markdown",
		"calendar add",
		"calendar add freeze --by marc --reason why",
		"calendar add freeze --by marc --reason why --from tomorrow --to 2026-12-20",
		"calendar add freeze --by marc --reason why --from 2026-12-20 --to 2026-12-21 -o ics",
		"calendar add window --by olga --environment production --rule FREQ=DAILY --start 2026-03-01T22:00",
		"calendar remove --by marc --reason why",
		"override-freeze httpbin@1 --by eva",
		"incident report httpbin@1 --by sue --summary broken",
		"incident resolve httpbin@1 --by sue --resolution mended",
		"incident report httpbin@1 --by sue --summary broken --severity 9",
		"incident report httpbin@1 --by sue --summary broken --severity 2 --defect bug",
		"incident update httpbin@1 --by sue --severity 1",
		"incident update httpbin@1 INC-1 --by sue",
		"incident update httpbin@1 INC-1 --by sue --severity 9",
		"incident update httpbin@1 INC-1 --by sue --related --unrelated",
		"call httpbin@1 --by sue",
		"call update httpbin@1 --by sue",
		"call update httpbin@1 CALL-1 --by sue",
		"known-error httpbin@1 --by sue --workaround wait",
		"known-error httpbin@1 KE-1 --by sue",
		"known-error httpbin@1 KE-1 KE-2 --by sue",
		"rfc httpbin@1 --by sue",
		"note httpbin@1 --kind wish --text more --by marc",
		"note httpbin@1 --kind improvement --text more --by marc",
		"note httpbin@1 --kind lesson --by marc",
		"rate httpbin@1 --score 6 --by uwe",
		"rate httpbin@1 --score 4",
		"effort httpbin@1 --by tess",
		"effort httpbin@1 --hours -2 --by tess",
		"review",
		"review close httpbin@1",
		"history httpbin",
		"report httpbin@1 -o markup",
		"cms",
		"cms planets",
		"cms releases httpbin",
		"cms releases --since soon",
		"cms releases --outcome good",
		"cms releases --limit 0",
		"cms releases --limit 501",
		"cms releases -o ics",
		"list -o csv",
		"cms ci a b",
		"cms ci --kind thing",
		"cms ci a --containing b",
		"cms baseline a b",
		"cms baseline --at yesterday",
		"cms baseline --history --at 2026-03-01",
		"cms incidents --severity 9",
		"cms incidents --defect dirt",
		"cms incidents --since 2026-13-01",
		"cms relations ci",
		"cms relations planet x",
		"cms relations ci x --depth 7",
		"audit",
		"cms audit",
		"cms audit a b",
		"cms audit a -o csv",
		"dml",
		"dml lend",
		"dml list --config none.yaml",
		"dml list a b --dml oci-layout:none",
		"dml list --segment attic --dml oci-layout:none",
		"dml list --dml somewhere",
		"dml show --dml oci-layout:none",
		"dml pull httpbin@1 --dml oci-layout:none",
		"dml export httpbin@1 --dml oci-layout:none",
		"dml export httpbin@1 --to localhost:1/a --username robot --password secret --dml oci-layout:none",
		"dml prune --dml oci-layout:none --older soon",
		"dml prune --dml oci-layout:none --older 1h",
	} {
		c := &call{env: []string{nowhere}}
		args := strings.Fields(line)
		text.WriteString(c.run(t, args...).transcript(args))
		if c.status != exitUsage {
			t.Errorf("starter %s: exit %d, want %d", line, c.status, exitUsage)
		}
		if c.out.Len() > 0 || strings.Count(c.errs.String(), "\n") != 1 {
			t.Errorf("starter %s: not one line on stderr and nothing on stdout", line)
		}
	}
	golden(t, "wrong-use", text.String())
}

func TestInvalidDefinition(t *testing.T) {
	var text strings.Builder
	for _, name := range []string{"unknown-field", "wrong-type", "missing-step", "duplicate-environment", "not-yaml"} {
		for _, verb := range []string{"plan", "start"} {
			c := &call{env: []string{nowhere}}
			args := []string{verb, "-f", "testdata/definitions/" + name + ".yaml"}
			text.WriteString(c.run(t, args...).transcript(args))
			if c.status != exitUsage {
				t.Errorf("%s: exit %d, want %d", name, c.status, exitUsage)
			}
		}
	}
	golden(t, "invalid-definition", text.String())
}

func TestNoServer(t *testing.T) {
	for _, line := range []string{
		"plan -f testdata/definitions/good.yaml", "start -f testdata/definitions/good.yaml", "list", "status a@1",
		"watch a@1", "authorize a@1 --gate plan --by ana", "report a@1", "history a@1", "show a@1", "agenda", "authorize a@1 b@1/plan --by ana",
	} {
		c := (&call{env: []string{nowhere}}).run(t, strings.Fields(line)...)
		if c.status != exitFailed || !strings.HasPrefix(c.errs.String(), "starter: no Temporal server answers at 127.0.0.1:1: start one with `make demo` or set TEMPORAL_ADDRESS") ||
			strings.Count(c.errs.String(), "\n") != 1 {
			t.Errorf("starter %s: exit %d, %s", line, c.status, &c.errs)
		}
	}
}

// Every verb has an example, says what it is for, and knows who acts from the
// environment.
func TestVerbsExplainThemselves(t *testing.T) {
	a := &app{env: []string{"SLIPWAY_BY=ana"}}
	verbs := a.command().Commands()
	for i := 0; i < len(verbs); i++ {
		verb := verbs[i]
		verbs = append(verbs, verb.Commands()...)
		if verb.Example == "" || verb.Short == "" || !strings.HasPrefix(example(verb), "starter "+verb.Name()) && verb.Parent().Name() == "starter" {
			t.Errorf("%s: example %q, purpose %q", verb.CommandPath(), verb.Example, verb.Short)
		}
		if by := verb.Flags().Lookup("by"); by != nil && by.DefValue != "ana" {
			t.Errorf("%s: --by is %q", verb.CommandPath(), by.DefValue)
		}
	}
}

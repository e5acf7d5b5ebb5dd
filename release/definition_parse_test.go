package release_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// laughs gives YAML whose aliases stand for 9^9 texts.
func laughs(before, line string) string {
	text, items := before, strings.Repeat("x, ", 9)
	for c := 'a'; c <= 'i'; c++ {
		text += fmt.Sprintf(line, c, strings.TrimSuffix(items, ", "))
		items = strings.Repeat(fmt.Sprintf("*%c, ", c), 9)
	}
	return text
}

// longList gives one long mapping and many aliases of it.
func longList() string {
	var text strings.Builder
	text.WriteString("steps:\n- &s\n  env: {")
	for i := range 2000 {
		fmt.Fprintf(&text, "K%d: v, ", i)
	}
	text.WriteString("}\n" + strings.Repeat("- *s\n", 20_000))
	return text.String()
}

func TestBadDefinitionsAreRefusedWithLineFieldAndWhatWasExpected(t *testing.T) {
	edit := func(old, with string) string { return changed(t, old, with) }
	cases := []struct{ name, text string }{
		{"empty file", ""},
		{"only a comment", "# to do\n"},
		{"null", "null\n"},
		{"a text", "hello world\n"},
		{"a list", "- service: web\n"},
		{"not YAML: a tab", "service:\n\tweb\n"},
		{"not YAML: an open quote", "service: \"web\nversion: 1.0\n"},
		{"not a text", "service: \x00\x01\n"},
		{"not UTF-8", edit("The shop in French", "La boutique fran\xe7aise")},
		{"too large", sample(t) + strings.Repeat("# and so on\n", 25_000)},
		{"two documents", sample(t) + "---\nservice: other\n"},
		{"unknown field, near a known one", edit("title:", "titel:")},
		{"unknown field, near none", edit("title:", "colour:")},
		{"unknown field in a nested mapping", edit("      timeout: 10m", "      timout: 10m")},
		{"field in the wrong case", edit("rfcs:", "RFCs:")},
		{"several unknown fields", edit("title:", "one: 1\ntwo: 2\nthree:")},
		{"text for a list", edit("[RFC-1, RFC-2]", "RFC-1")},
		{"mapping for a list", edit("[RFC-1, RFC-2]", "{RFC-1: yes}")},
		{"list for a text", edit("service: web", "service: [web]")},
		{"mapping for a text", edit("service: web", "service: {name: web}")},
		{"mapping for a number", edit("retries: 2", "retries: {times: 2}")},
		{"text for a number", edit("retries: 2", "retries: '2'")},
		{"fraction for a whole number", edit("retries: 2", "retries: 1.5")},
		{"other digits for a whole number", edit("retries: 2", "retries: 0x10")},
		{"number too large", edit("retries: 2", "retries: 99999999999999999999")},
		{"text in a list of numbers", edit("waves: [1, 2]", "waves: [1, two]")},
		{"list for a mapping", edit("env: {CGO_ENABLED: 0}", "env: [CGO_ENABLED]")},
		{"text for a mapping of fields", edit("source: {module: example.org/web, version: v2.30.0, sum: h1:abc=}", "source: example.org/web")},
		{"list in a mapping of texts", edit("CGO_ENABLED: 0", "CGO_ENABLED: [0]")},
		{"bad duration", edit("timeout: 10m", "timeout: ten minutes")},
		{"duration without a unit", edit("timeout: 10m", "timeout: 10")},
		{"negative duration", edit("timeout: 10m", "timeout: -10m")},
		{"list for a duration", edit("timeout: 10m", "timeout: [10m]")},
		{"duplicate key", edit("model: normal", "model: normal\nmodel: emergency")},
		{"duplicate key in a nested mapping", edit("CGO_ENABLED: 0", "CGO_ENABLED: 0, CGO_ENABLED: 1")},
		{"tag", edit("service: web", "service: !!binary d2Vi")},
		{"merge key", edit("env: {CGO_ENABLED: 0}", "env: {<<: {CGO_ENABLED: 0}}")},
		{"alias of nothing", edit("service: web", "service: *web")},
		{"alias in its own anchor", edit("[RFC-1, RFC-2]", "&all [*all]")},
		{"nested deeper than anybody writes", "rfcs: " + strings.Repeat("[", 60_000) + strings.Repeat("]", 60_000)},
		{"nested deep in one line", "rfcs:\n" + strings.Repeat("- ", 60_000)},
		{"billion laughs", laughs("rfcs:\n", "- &%[1]c [%[2]s]\n")},
		{"billion laughs in unknown fields", laughs("", "%[1]c: &%[1]c [%[2]s]\n")},
		{"one long text by many aliases", longList()},
		{"missing sections", "service: web\nversion: 2.30\n"},
		{"names and versions that cannot be part of an id", edit("service: web\nversion: 2.30", "service: Web Shop\nversion: 2.30@1")},
		{"duplicate environment", edit("- name: production", "- name: staging")},
		{"duplicate step", edit("- name: switch", "- name: transfer")},
		{"unknown component of a build step", edit("component: web\n      run: go build", "component: wbe\n      run: go build")},
		{"unknown component of a suite", edit("component: web\n      run: go test", "component: wbe\n      run: go test")},
		{"secret written out", edit("env:BUILD_TOKEN", "hunter2")},
		{"module without a version", edit("version: v2.30.0, ", "")},
		{"source of two kinds", edit("{module: ", "{dir: ./web, module: ")},
		{"sum of another kind", edit("h1:abc=", "sha256:abc")},
		{"nothing to run", edit("run: go test ./...", "run: ' '")},
		{"way to read results", edit("covers: [REQ-1]", "covers: [REQ-1]\n      results: trx")},
		{"results in a file without a name", edit("covers: [REQ-1]", "covers: [REQ-1]\n      results: 'junit:'")},
		{"kind of a suite", edit("covers: [REQ-1]", "covers: [REQ-1]\n      kind: acceptanc")},
		{"kind of a suite like no other", edit("covers: [REQ-1]", "covers: [REQ-1]\n      kind: smoke")},
		{"too many reruns, no number of suites", edit("  suites:\n    - name: unit", "  parallel: -1\n  suites:\n    - name: unit\n      reruns: 6")},
		{"branches that are followed too often", edit("  suites:\n    - name: unit", "  follow: 1s\n  suites:\n    - name: unit")},
		{"no branch to follow", edit("  suites:\n    - name: unit", "  follow: 1m\n  suites:\n    - name: unit")},
		{"covers an unknown requirement", edit("covers: [REQ-1]", "covers: [REQ-1, REQ-9]")},
		{"requirement twice", edit("    text: The shop speaks French", "    text: a\n  - id: REQ-1\n    text: b")},
		{"kind of step", edit("kind: service-transfer", "kind: transfer")},
		{"action of a step", edit("action: transfer", "action: copy")},
		{"how often a step runs", edit("per: target\n    action: transfer", "per: wave\n    action: transfer")},
		{"activation once for all targets", edit("per: target\n    action: activate", "per: once\n    action: activate")},
		{"script that is missing", edit("per: target\n    action: activate", "per: target")},
		{"too many retries", edit("retries: 2", "retries: 1000")},
		{"empty wave", edit("waves: [1, 2]", "waves: [1, 0]")},
		{"readiness of nothing, of an unknown kind", edit("verification:", "readiness:\n  - name: desk\n    kind: schooling\n    confirmedBy: [sam]\nverification:")},
		{"readiness that nobody and no script confirms", edit("verification:", "readiness:\n  - {name: desk, text: trained}\nverification:")},
		{"readiness that people and a script confirm", edit("verification:", "readiness:\n  - {name: desk, text: trained, confirmedBy: [sam], run: 'true'}\nverification:")},
		{"readiness twice, people with a timeout", edit("verification:", "readiness:\n  - {name: desk, text: trained, run: 'true', secrets: {A: b}}\n  - {name: desk, text: trained, confirmedBy: [sam], timeout: 1m}\nverification:")},
		{"path of a probe", edit("path: /version", "path: version")},
		{"kind of a probe", edit("path: /version", "path: /version\n      kind: ping")},
		{"fields of other kinds of probe", edit("path: /version", "path: /version\n      status: 99\n      address: \":5432\"\n      run: \"true\"\n      query: up\n      below: 1")},
		{"probe that connects nowhere", edit("path: /version", "kind: tcp\n      path: /version\n      address: \"db\"")},
		{"probe without a script", edit("path: /version", "kind: exec\n      run: \" \"")},
		{"query without a server", edit("path: /version", "kind: prometheus\n      server: \"prometheus:9090\"")},
		{"thresholds that nothing meets", edit("path: /version", "kind: prometheus\n      server: http://p:9090\n      query: up\n      above: 5\n      below: 3")},
		{"threshold that is no number", edit("path: /version", "kind: prometheus\n      server: http://p:9090\n      query: up\n      above: .nan")},
		{"latency beyond the timeout", edit("path: /version", "path: /version\n      timeout: 2s\n      latencyBelow: 3s")},
		{"failures that nothing holds", edit("verification:", "verification:\n  failures: 2")},
		{"failures below zero", edit("verification:", "verification:\n  hold: 5m\n  failures: -2")},
		{"severity", edit("openSeverity: 2", "openSeverity: 5")},
		{"error budget, calls, minimum and window of early life support", edit("  period: 14d\n  probe: {path: /health}\n  exit: {openSeverity: 2, maxDowntime: 5s}", "  period: 14d\n  minimum: 15d\n  window: 5s\n  exit: {errorBudget: 100.5, callsPerDay: -1}")},
		{"too many windows", edit("  period: 14d", "  period: 14d\n  interval: 1s\n  window: 1h")},
		{"back-out by early life support", edit("  exit: {openSeverity: 2, maxDowntime: 5s}", "  backOut: {severity: 5, budgetBurnt: true}")},
		{"budget that nobody measures", edit("  period: 14d\n  probe: {path: /health}", "  period: 14d\n  backOut: {budgetBurnt: true}")},
		{"early life support of an environment", edit("waves: [1, 2]", "waves: [1, 2]\n    earlyLifeSupport: {period: 1d, minimum: 2d, probe: {path: health}, exit: {openSeverity: 9}}")},
		{"emergency without a reason", edit("model: normal", "model: normal\nemergency: {overrideFreeze: 'yes'}")},
		{"unknown stage", edit("  build: 1m", "  biuld: 1m")},
	}
	var all strings.Builder
	for _, c := range cases {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		_, problems := release.ParseDefinition("web.yaml", []byte(c.text))
		took := time.Since(began)
		runtime.ReadMemStats(&after)

		assert.NotEmpty(t, problems, c.name)
		for _, p := range problems {
			assert.Equal(t, "web.yaml", p.File, c.name)
			assert.True(t, p.Line > 0 || c.name == "too large", "%s: no line in %q", c.name, p)
		}
		assert.Less(t, took, 30*time.Second, "%s: it is read within a bearable time on any machine", c.name)
		assert.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(400), "%s: MiB", c.name)
		fmt.Fprintf(&all, "# %s\n%s\n\n", c.name, problems.Error())
	}
	golden(t, "bad-definitions.golden", all.String())
}

func TestTextsAreReadAsTheyAreWritten(t *testing.T) {
	d := definition(t)
	assert.Equal(t, "2.30", d.Version, "not the number 2.3")
	assert.Equal(t, map[string]string{"CGO_ENABLED": "0"}, d.Build.Steps[0].Env)
	for written, want := range map[string]string{
		"1.10": "1.10", "007": "007", "1e3": "1e3", "0x1F": "0x1F", "1_000": "1_000", "true": "true", "no": "no", "'2.30'": "2.30", "2026-01-02": "2026-01-02",
	} {
		d, problems := release.ParseDefinition("web.yaml", []byte(changed(t, "title: The shop in French", "title: "+written)))
		require.Empty(t, problems)
		assert.Equal(t, want, d.Title)
	}
}

func TestAliasesStandForWhatTheirAnchorHolds(t *testing.T) {
	text := changed(t, "env: {CGO_ENABLED: 0}", "env: &env {CGO_ENABLED: 0}")
	text = strings.Replace(text, "covers: [REQ-1]", "covers: [REQ-1]\n      env: *env", 1)
	d, problems := release.ParseDefinition("web.yaml", []byte(text))
	require.Empty(t, problems)
	assert.Equal(t, d.Build.Steps[0].Env, d.Test.Suites[0].Env)
}

func TestLineEndsAndAByteOrderMarkMakeNoDifference(t *testing.T) {
	for name, text := range map[string]string{
		"CRLF":      strings.ReplaceAll(sample(t), "\n", "\r\n"),
		"BOM":       "\uFEFF" + sample(t),
		"header":    "---\n" + sample(t),
		"directive": "%YAML 1.2\n---\n" + sample(t) + "...\n",
	} {
		d, problems := release.ParseDefinition("web.yaml", []byte(text))
		assert.Empty(t, problems, name)
		assert.Equal(t, definition(t), d, name)
	}
}

func TestManyOrLongProblemsAreCut(t *testing.T) {
	_, problems := release.ParseDefinition("web.yaml", []byte("environments:\n"+strings.Repeat("- name: X\n", 2000)))
	assert.Len(t, problems, 101)
	assert.Contains(t, problems[100].Message, "there is more")
	_, problems = release.ParseDefinition("web.yaml", []byte("service: "+strings.Repeat("é", 5000)))
	assert.Less(t, len(problems.Error()), 3000)
}

func TestProblemsOfAPlanAreLocatedInTheFile(t *testing.T) {
	text := sample(t)
	lines := strings.Split(text, "\n")
	for path, want := range map[string]string{
		"manager":                        "manager: marc",
		"environments[1].name":           "  - name: production",
		"environments[1].waves[1]":       "    waves: [1, 2]",
		"build.steps[0].secrets.TOKEN":   "      secrets: {TOKEN: env:BUILD_TOKEN}",
		"expected.deploy:production":     "  deploy:production: 10m",
		"steps[1].backOut":               "  - name: switch",
		"earlyLifeSupport.exit.whatever": "  exit: {openSeverity: 2, maxDowntime: 5s}",
		"emergency.overrideFreeze":       "service: web",
		"":                               "service: web",
	} {
		located := release.LocateProblems("web.yaml", []byte(text), release.Problems{{Path: path, Message: "wrong"}})
		assert.Equal(t, want, lines[located[0].Line-1], path)
	}
}

func TestProblemsAreLocatedInAnyFileWithoutLoopingOrPanic(t *testing.T) {
	for _, text := range []string{"", "- a", "[", "service: &a *a", "service: &a *b\nb: &b *a", "\x00"} {
		located := release.LocateProblems("web.yaml", []byte(text), release.Problems{{Path: "service[0].name", Message: "wrong"}})
		assert.Equal(t, "web.yaml", located[0].File)
	}
}

func FuzzParseDefinition(f *testing.F) {
	text, err := os.ReadFile("testdata/definition.yaml")
	require.NoError(f, err)
	for _, seed := range []string{string(text), "", "a: &a [*a]", "? a\n: b", "service: !!set\n", "service: |\n  x", "{", "- - -", "a: b\n---\nc: d", "<<: *x", "k: >-\n\n x"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		began := time.Now()
		d, problems := release.ParseDefinition("web.yaml", data)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
		for _, p := range problems {
			if p.File == "" || p.Message == "" {
				t.Errorf("a problem without a file or a message: %+v", p)
			}
		}
		if len(problems) == 0 && len(d.Check()) > 0 {
			t.Error("problems of meaning are lost")
		}
	})
}

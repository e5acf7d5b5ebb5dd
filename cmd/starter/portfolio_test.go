package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"slipway/activities"
	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/release"
	"slipway/release/figures"
	"slipway/release/figures/figurestest"
	"slipway/workflows"
)

// keepRecords runs a worker with a CMS that holds a made-up year.
func keepRecords(t *testing.T, releases int) *cms.Store {
	t.Helper()
	store, err := cms.Open(t.Context(), cmstest.Place(t, filepath.Join(t.TempDir(), "cms.db")))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	for _, s := range figurestest.Releases(1, releases) {
		require.NoError(t, store.Write(t.Context(), s.Entries))
	}
	o := release.Organization{Rates: figurestest.Rates, ProcedureReviews: figurestest.Reviews}
	for _, name := range []string{"apac", "emea", "production", "staging", "warehouse", "moonbase"} {
		o.Environments = append(o.Environments, release.Environment{Name: name, Purpose: figurestest.Purposes[name]})
	}
	w := worker.New(shared(t).Client(), t.Name(), worker.Options{})
	workflows.Register(w)
	w.RegisterActivity(&activities.Activities{Store: store, Organization: func() release.Organization { return o }})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	return store
}

func TestThePortfolioIsWhatTheRecordsOfThePeriodSay(t *testing.T) {
	store := keepRecords(t, 120)
	year := []string{"report", "portfolio", "--since", "2025-01-01", "--until", "2026-01-01"}
	ask := func(more ...string) *call { return here(t, append(year, more...)...) }

	page := ask()
	page.want(t, exitDone, "Hints for improvement", "")
	for _, line := range strings.Split(page.out.String(), "\n") {
		require.LessOrEqual(t, len([]rune(line)), pageWidth, line)
	}
	golden(t, "portfolio", page.out.String()+ask("--service", "httpbin", "--environment", "moonbase").out.String())

	var p, again figures.Portfolio
	text := ask("-o", "json")
	text.want(t, exitDone, "", "")
	require.NoError(t, json.Unmarshal(text.out.Bytes(), &p))
	facts, err := store.ReleaseFacts(t.Context(), figures.Query{Since: p.Since.AddDate(-1, 0, 0), Until: p.Until})
	require.NoError(t, err)
	in := figurestest.Input()
	again, err = figures.Compute(facts, in)
	require.NoError(t, err)
	before, err := figures.Compute(facts, in.Before())
	require.NoError(t, err)
	again.Compare(before)
	require.Equal(t, asJSON(t, again), asJSON(t, p))

	ask("-o", "yaml").want(t, exitDone, "id: lead-time", "")
	lead, _ := p.Figure("lead-time")
	require.Contains(t, strings.ReplaceAll(ask("-o", "markdown").out.String(), "\\", ""), lead.Definition)
	file := filepath.Join(t.TempDir(), "portfolio.html")
	ask("--html", file).want(t, exitDone, "", "wrote "+file)
	html, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(html), lead.Title)
	checkCSV(t, ask("-o", "csv"), p)
	checkReleases(t, ask("--releases", "-o", "csv"), p)
	ask("--releases").want(t, exitDone, "LEAD TIME", "")
	ask("--releases", "-o", "jsonl", "--service", "httpbin").want(t, exitDone, `"service":"httpbin"`, "")

	ask("--service", "moon").want(t, exitFailed, "", "there is no service moon: use accounts, billing, httpbin, orders, search")
	ask("--environment", "moon").want(t, exitFailed, "", "there is no environment moon: use apac, emea, moonbase, production, staging, warehouse")
	ask("--type", "big").want(t, exitFailed, "", "there is no release type big: use emergency, normal, standard")
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// checkCSV wants a row for every number of the portfolio.
func checkCSV(t *testing.T, c *call, p figures.Portfolio) {
	t.Helper()
	c.want(t, exitDone, "figure,by,name,at,value,unit,count,releases", "")
	rows, err := csv.NewReader(&c.out).ReadAll()
	require.NoError(t, err)
	rows = rows[1:]
	next := func(id string, value *float64, count int) {
		row := rows[0]
		rows = rows[1:]
		require.Equal(t, id, row[0])
		require.Equal(t, strconv.Itoa(count), row[6])
		if value == nil {
			require.Empty(t, row[4])
			return
		}
		is, err := strconv.ParseFloat(row[4], 64)
		require.NoError(t, err)
		require.Equal(t, *value, is)
	}
	for _, f := range p.Figures {
		next(f.ID, f.Value, f.Count)
		for _, s := range f.Series {
			for _, point := range s.Points {
				next(f.ID, &point.Value, point.Count)
			}
		}
	}
	require.Empty(t, rows)
}

// checkReleases wants a row for every start of a release, that add up to the figures.
func checkReleases(t *testing.T, c *call, p figures.Portfolio) {
	t.Helper()
	rows, err := csv.NewReader(&c.out).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, p.Releases+1)
	closed := 0.0
	for _, row := range rows[1:] {
		if strings.HasPrefix(row[6], "2025") {
			closed++
		}
	}
	outcomes, _ := p.Figure("outcomes")
	require.Equal(t, *outcomes.Value, closed)
}

func TestAPortfolioOfATimeThatMakesNoSenseIsWrongUse(t *testing.T) {
	for line, want := range map[string]string{
		"--since 2026-03-01 --until 2026-02-01": "--since 2026-03-01 is not before --until: the period ends (2026-02-01 00:00:00) before it begins (2026-03-01 00:00:00)",
		"--since 2027-01-01":                    "the period ends (2026-03-04 12:00:00) before it begins",
		"--since yesterday":                     `--since: "yesterday" is not a time: write 90d, 2026-01-01 or 2026-01-01T18:00:00Z`,
		"--until 90":                            `--until: "90" is not a time`,
		"httpbin@1":                             `does not know what "httpbin@1" means`,
		"--releases --html x.html":              "--releases gives rows: use it with -o csv, json, jsonl, yaml or table",
		"-o ics":                                "-o ics is not known: use markdown, csv, table, json, jsonl, yaml",
	} {
		args := append([]string{"report", "portfolio"}, strings.Fields(line)...)
		(&call{env: []string{nowhere}}).run(t, args...).want(t, exitUsage, "", want)
	}
}

// A spreadsheet takes what begins with these for a formula.
func TestNoCellOfASpreadsheetIsAFormula(t *testing.T) {
	value := -1.5
	p := figures.Portfolio{Figures: []figures.Figure{{
		ID: "=1+1", Unit: "@x", Value: &value,
		Series: []figures.Series{{By: "+y", Name: "-z", Points: []figures.Point{{At: "=cmd|' /C calc'!A0\r\n=2", Value: value, Links: figures.Links{Releases: []string{"@a"}, Count: 1}}}}},
	}}}
	var text strings.Builder
	require.NoError(t, writePortfolioCSV(&text, p))
	require.Equal(t, `figure,by,name,at,value,unit,count,releases
'=1+1,,,,-1.5,'@x,0,
'=1+1,'+y,'-z,'=cmd|' /C calc'!A0 =2,-1.5,'@x,1,'@a
`, text.String())
}

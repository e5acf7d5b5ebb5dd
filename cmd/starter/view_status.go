package main

import (
	"fmt"
	"io"
	"strings"

	"slipway/release"
)

// writeStatus shows a release to people: what it waits for first.
func (a *app) writeStatus(w io.Writer, r release.Record) {
	fmt.Fprintf(w, "%s  %s\n\n", r.ID, r.Title)
	rows := [][]string{{"phase", string(r.Phase)}}
	if r.Outcome != "" {
		rows = append(rows, []string{"outcome", with(string(r.Outcome), r.Reason)})
	}
	rows = append(rows,
		[]string{"model", fmt.Sprintf("%s, requested by %s, managed by %s", r.Model, r.Requester, r.Manager)},
		[]string{"risk", fmt.Sprintf("%d of 100 (%s)", r.Risk.Score, r.Risk.Level())},
		[]string{"started", a.clock(r.Started)},
	)
	if !r.Closed.IsZero() {
		rows = append(rows, []string{"closed", a.clock(r.Closed)})
	}
	if r.PlanDigest != "" {
		rows = append(rows, []string{"plan", fmt.Sprintf("revision %d, %s", r.Revision, r.PlanDigest.Short())})
	}
	if r.Package != nil {
		rows = append(rows, []string{"package", r.Package.Digest.Short() + ", " + release.ManyOf(r.Package.Files, "file")})
	}
	columns(w, rows...)
	for _, p := range r.Problems {
		fmt.Fprintf(w, "\nwrong in the definition: %s\n", p)
	}
	a.writeWaits(w, r)
	a.writeTests(w, r)
	a.writeEnvironments(w, r)
}

func (a *app) writeWaits(w io.Writer, r release.Record) {
	if r.Outcome != "" {
		return
	}
	if len(r.Awaiting) == 0 {
		fmt.Fprintf(w, "\nIt waits for nobody.\n")
		return
	}
	fmt.Fprintf(w, "\nIt waits for\n")
	for _, wait := range r.Awaiting {
		fmt.Fprintf(w, "  %s, since %s\n", a.waitText(wait), a.clock(wait.Since))
		_, instructions, _ := wait.ByHand()
		for _, line := range instructions {
			fmt.Fprintf(w, "    | %s\n", line)
		}
		if command := commandFor(r.ID, wait); command != "" {
			fmt.Fprintf(w, "    %s\n", command)
		}
	}
}

// waitText says what is waited for, and until when.
func (a *app) waitText(wait release.Awaiting) string {
	name := wait.Key()
	if wait.Gate != "" {
		name = "gate " + name
	}
	needs := wait.Needs
	if who, _, byHand := wait.ByHand(); byHand {
		needs = who
	}
	text := with(name, needs)
	if !wait.Deadline.IsZero() {
		text += ", until " + a.clock(wait.Deadline)
	}
	return text
}

func (a *app) writeTests(w io.Writer, r release.Record) {
	if len(r.Builds) == 0 {
		return
	}
	rows := [][]string{{"BUILD", "RESULT", "TOOK"}}
	for _, b := range r.Builds {
		rows = append(rows, []string{fmt.Sprintf("build %d", b.Number), buildText(b), took(b.Elapsed)})
		for _, e := range r.Evidence {
			if e.Build == b.Number {
				rows = append(rows, []string{"  test " + e.Suite, evidenceText(e), took(e.Execution.Elapsed)})
			}
		}
	}
	fmt.Fprintln(w)
	columns(w, rows...)
	if len(r.Requirements) > 0 {
		fmt.Fprintln(w)
		columns(w, append([][]string{{"REQUIREMENT", "RESULT", "COVERED BY"}}, requirementRows(r.Requirements)...)...)
	}
}

func requirementRows(proofs []release.Proof) [][]string {
	rows := make([][]string, len(proofs))
	for i, p := range proofs {
		var suites []string
		for _, s := range p.Suites {
			suites = append(suites, s.Suite)
		}
		rows[i] = []string{p.ID, string(p.State()), strings.Join(suites, ", ")}
	}
	return rows
}

func buildText(b release.BuildRecord) string {
	switch {
	case b.Failure != "":
		return "failed: " + oneLine(b.Failure)
	case b.Package != nil:
		return "package " + b.Package.Digest.Short()
	}
	return "no package"
}

func evidenceText(e release.Evidence) string {
	counts := fmt.Sprintf("%d passed, %d failed, %d skipped", e.Passed, e.Failed, e.Skipped)
	again := e.Again()
	switch {
	case e.Failure != "":
		return "failed: " + oneLine(e.Failure) + " (" + with(counts, again) + ")"
	case again != "":
		return counts + ", " + oneLine(again)
	}
	return counts
}

// with puts a reason behind what it is about.
func with(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

// oneLine keeps a text from breaking a table.
func oneLine(text string) string {
	const limit = 200
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > limit {
		return string(runes[:limit]) + " …"
	}
	return string(runes)
}

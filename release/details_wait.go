package release

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// headline says in words what a release waits for, or how far it is.
func headline(r Record) string {
	name := cell(r.Service) + " " + cell(r.Version)
	var waits []string
	for _, a := range r.Awaiting {
		if words := a.words(); !slices.Contains(waits, words) {
			waits = append(waits, words)
		}
	}
	switch {
	case r.Outcome != "":
		return name + ": " + strings.ReplaceAll(string(r.Outcome), "-", " ")
	case len(waits) == 0:
		return name + ": " + r.Phase.words()
	}
	return name + " waits for " + strings.Join(waits, " and ")
}

// waitWords is how the gates and the kinds of wait read.
var waitWords = map[string]string{
	GatePlan: "authorization of its plan", GateBuild: "authorization to build", GateReview: "its review",
	WaitRevision: "a revised definition", WaitRebuild: "another build", WaitWindow: "its change window", WaitLease: "its turn",
	WaitReadiness: "its readiness", WaitAcceptance: "acceptance", WaitHandOver: "its hand-over", WaitStep: "a decision about a step", WaitIncidents: "the end of its incidents",
	WaitSupport:  "a decision about its early life support",
	WaitConflict: "other releases", WaitWorker: "a worker", WaitPause: "its next wave", WaitAuthorization: "authorization to go on",
	WaitRating: "ratings", WaitReview: "the end of its review",
}

func (a Awaiting) words() string {
	if _, _, byHand := a.ByHand(); byHand {
		return "a step to be done by hand" + when(a.Environment != "", " in "+a.Environment)
	}
	if env, is := strings.CutPrefix(a.Gate, DeployGate("")); is {
		return "authorization to deploy to " + env
	}
	words, known := waitWords[a.Key()]
	if !known {
		words = waitWords[a.Kind]
	}
	return words + when(a.Environment != "", " in "+a.Environment)
}

// words gives a stage as people say it: "early life support in production".
func (s StageName) words() string {
	stage, env, in := strings.Cut(string(s), ":")
	return strings.ReplaceAll(stage, "-", " ") + when(in, " in "+env)
}

func writeAwaiting(w writer, r Record) {
	if r.Outcome != "" {
		return
	}
	if len(r.Awaiting) == 0 {
		w("Nothing waits for a person here.\n")
	}
	for _, a := range r.Awaiting {
		if a.Gate != "" {
			w("Waiting for **%s** at gate `%s`%s. %s\n", cell(a.Needs), a.Gate, given(r.Gate(a.Gate)), openFor(a.Since, a.Deadline))
		} else {
			writeWait(w, a)
		}
		writeAnswer(w, a)
		if a.Gate != "" {
			writeNo(w, a, a.Gate != GateReview && !r.live())
		}
	}
}

// writeWait says what is waited for that is no gate; of a step that people do, also
// what they have to do, line by line.
func writeWait(w writer, a Awaiting) {
	who, instructions, byHand := a.ByHand()
	if !byHand {
		who = a.Needs
	}
	w("Waiting since %s%s: **%s**.\n", clock(a.Since), until(a.Deadline), cell(who))
	for _, line := range instructions {
		w("- %s", cell(line))
	}
	if byHand {
		w("")
	}
}

// given says how far the votes at a gate are, once there are any.
func given(g *Gate) string {
	if g == nil || len(g.Votes) == 0 {
		return ""
	}
	return "; " + cell(g.Progress())
}

// openFor says how long a gate is open. It names both ends: the page is not made anew
// as time goes by.
func openFor(since, deadline time.Time) string {
	if deadline.IsZero() {
		return "It is open since " + clock(since) + ", with no deadline."
	}
	long := Duration(deadline.Sub(since).Round(time.Minute))
	return fmt.Sprintf("It is open for %s, from %s until %s.", long, clock(since), clock(deadline))
}

func until(deadline time.Time) string {
	if deadline.IsZero() {
		return ""
	}
	return ", until " + clock(deadline)
}

// writeAnswer says how to answer in the Web UI. What is to be copied is a paragraph
// of its own, which three clicks select.
func writeAnswer(w writer, a Awaiting) {
	line := cmp.Or(a.Command, a.Payload)
	if line == "" {
		return
	}
	first, last := "Copy this line, with your id in place of "+YourID+".", "Press R: your vote is under *Gates and votes*, or under *Refused* with the reason."
	switch {
	case a.Command != "":
		first = "Run this command, with your id and your key in it, and copy the line that it writes. Without `--print`, it votes at once."
	case a.Gate == "":
		first, last = "Copy this line, and make it say who you are and what you want.", "Press R to see whether it counted."
	}
	w("`%s`\n", verbatim(line))
	w("1. %s", first)
	w("2. *More Actions*, *Send a Signal*, choose `%s`.", a.Action)
	w("3. Paste the line, press Tab, *Submit*.")
	w("4. %s\n", last)
}

// writeNo says how to vote otherwise than the line to copy does. Once something is
// live, there is nothing to revise any more.
func writeNo(w writer, a Awaiting, revisable bool) {
	revise := func(how string) string { return when(revisable, ", or "+how+" to ask for another definition") }
	switch {
	case a.Command != "":
		w("To say no, add `--decision reject`%s; say why with `--comment \"…\"`.\n", revise("`--decision revise`"))
	case a.Payload != "":
		w("To say no, write `reject` in place of `authorize`%s; say why with `\"comment\":\"…\"`.\n", revise("`revise`"))
	}
}

// live tells whether the release is live anywhere.
func (r *Record) live() bool {
	return slices.ContainsFunc(r.Environments, func(e EnvironmentRecord) bool { return e.State.Live() })
}

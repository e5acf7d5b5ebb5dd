package main

import (
	"regexp"
	"strings"

	"slipway/release"
)

// commandFor gives the command that ends a wait, ready to paste; empty when it
// ends by itself.
func commandFor(id string, w release.Awaiting) string {
	message, _ := release.DecodeMessage(w.Action, []byte(w.Payload))
	by := "NAME"
	if message != nil && message.Who() != "" {
		by = message.Who()
	}
	words := []string{"starter"}
	say := func(more ...string) { words = append(words, more...) }
	switch w.Action {
	case release.ActAuthorize:
		say("authorize", id, "--gate", w.Gate, "--by", by)
		if w.Digest != "" {
			say("--digest", w.Digest.Short())
		}
		if w.Command != "" { // its payload has to be signed
			say("--sign", "KEY")
		}
	case release.ActRevise:
		say("revise", id, "-f", "FILE", "--by", by, "--reason", "WHY")
	case release.ActRebuild:
		say("rebuild", id, "--by", by, "--reason", "WHY")
	case release.ActAccept:
		say("accept", id, "--environment", w.Environment, "--by", by)
	case release.ActHandOver:
		say("hand-over", id, "--environment", w.Environment, "--by", by)
	case release.ActConfirm:
		say("confirm", id, w.Item, "--environment", w.Environment, "--by", by)
	case release.ActResolveStep:
		step, target, action, ofBackOut := "STEP", "TARGET", "retry|skip|done|back-out", false
		if m, ok := message.(*release.ResolveStep); ok {
			step, target, ofBackOut = m.Step, m.Target, m.OfBackOut
		}
		if _, _, byHand := w.ByHand(); byHand {
			action = string(release.ResolveDone)
		}
		say("resolve-step", id, "--environment", w.Environment, "--step", step)
		if target != "" {
			say("--target", target)
		}
		if ofBackOut {
			say("--of-back-out")
		}
		say("--action", action, "--by", by, "--reason", "WHY")
	case release.ActResolveIncident:
		incident := "INC-1"
		if m, ok := message.(*release.ResolveIncident); ok {
			incident = m.Incident
		}
		say("incident", "resolve", id, incident, "--environment", w.Environment, "--by", by, "--resolution", "HOW")
	case release.ActOverrideFreeze:
		say("override-freeze", id, "--environment", w.Environment, "--by", by, "--reason", "WHY")
	case release.ActRate:
		say("rate", id, "--score", "1-5", "--by", by)
	case release.ActCloseReview:
		say("review", "close", id, "--by", by)
	case release.ActExtendSupport:
		say("els", "extend", id, "--environment", w.Environment, "--period", "3d", "--by", by, "--reason", "WHY")
	case release.ActEndSupport:
		say("els", "end", id, "--environment", w.Environment, "--by", by, "--reason", "WHY")
	case release.ActWithdraw, release.ActBackOut:
		say(string(w.Action), id, "--by", by, "--reason", "WHY")
	default:
		return ""
	}
	for i, word := range words {
		words[i] = quoted(word)
	}
	return strings.Join(words, " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9@%+=:,./_-]+$`)

// quoted writes a word as a POSIX shell reads it.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

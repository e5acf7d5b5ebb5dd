package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

// hostile is a title that tries to be more than one.
const hostile = "AVIF; images, \\n \"fast\"\r\nEND:VEVENT\r\nATTACH:http://example.com\u2028\x1b[31m: \xff stricter WebSocket frames"

// waits is an agenda with one of each: by deadline, signed, without a deadline, and
// of unknown state.
func waits() []starter.AgendaItem {
	return []starter.AgendaItem{
		{
			Release: "httpbin@2.26.0", Gate: "deploy:production", Title: "AVIF images and stricter WebSocket frames", Model: "normal", Risk: 25, Level: "low",
			About: "2.25.0 to 2.26.0 on production-1, production-2 and production-3, in 2 waves; every step can be taken back but migrate-schema",
			Needs: "2 more of group cab (ana, ben, eva, fay, gus, ida) and 1 more of group security (sven), signed", Signed: true,
			Since: at(-9), Deadline: at(60 * 24), Digest: digest,
		},
		{
			Release: "shop@1.4.0", Gate: "plan", Title: hostile, Model: "standard", Risk: 70, Level: "high",
			Needs: "1 more of group cab (ana)", Since: at(-60 * 30), Deadline: at(60 * 72), Digest: digest,
		},
		{Release: "mail@7.0.1", Gate: "review", Title: "Hotfix", Model: "emergency", Risk: 45, Level: "medium", Needs: "1 more of group cab (ana)", Since: at(-60 * 48), Digest: digest},
		{Release: "old@1.0.0", Gate: "plan", Model: "normal", Risk: 5, Level: "low", Unknown: "no worker polls task queue old, and only a worker can answer: start one with bin/worker"},
	}
}

func TestAnAgendaFitsATerminal(t *testing.T) {
	var text bytes.Buffer
	a := viewer(&text)
	require.NoError(t, a.print(waits(), func(w io.Writer) { a.writeAgenda(w, waits()) }))
	for line := range strings.Lines(text.String()) {
		if !strings.HasPrefix(line, "   starter ") { // a command is copied, and stays whole
			require.LessOrEqual(t, len([]rune(line)), 101, line)
		}
	}
	require.NotContains(t, text.String(), "\x1b")
	fmt.Fprintln(&text, "---- nothing")
	require.NoError(t, a.print(nil, func(w io.Writer) { a.writeAgenda(w, nil) }))
	for _, a.format = range []string{jsonLines, yamlText} {
		fmt.Fprintf(&text, "---- %s\n", a.format)
		require.NoError(t, a.print(waits()[2:], nil))
	}
	golden(t, "agenda", text.String())
}

func TestTheAgendaOfAServer(t *testing.T) {
	attend(t)
	hold(t, "agenda@1", release.GatePolicy{Deadline: release.Duration(time.Hour), Signed: true}, nil, "plan")
	listed := func() bool {
		c := here(t, "agenda", "--group", "cab")
		return c.status == exitDone && strings.Contains(c.out.String(), "starter authorize agenda@1 --gate plan --by NAME --digest ")
	}
	require.Eventually(t, listed, 20*time.Second, 100*time.Millisecond)
	here(t, "agenda", "-o", "jsonl").want(t, exitDone, `{"release":"agenda@1","gate":"plan","title":"a test","model":"normal","risk":0,"level":"low"`, "")
	c := here(t, "agenda", "-o", "ics")
	c.want(t, exitDone, "UID:agenda@1/plan/", "")
	c = here(t, "agenda", "--group", "ecab", "-o", "ics")
	require.NotContains(t, c.out.String(), "agenda@1/plan")
}

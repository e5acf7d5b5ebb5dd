package release_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// good holds for each action a payload with all of its fields, or all that may stand
// together.
var good = map[release.Action]string{
	release.ActAuthorize:       `{"by":"ana","gate":"plan","decision":"authorize","comment":"fine","digest":"sha256:0123456789ab","signature":"U1NIU0lH"}`,
	release.ActRevise:          `{"by":"rita","definition":{"service":"web"},"reason":"typo"}`,
	release.ActRebuild:         `{"by":"rita","reason":"flaky","components":{"web":{"dir":"/web","sum":"h1:a"}}}`,
	release.ActAccept:          `{"by":"uwe","environment":"production","comment":"works"}`,
	release.ActHandOver:        `{"by":"ben","environment":"production","comment":"ours now"}`,
	release.ActIncident:        `{"by":"uwe","environment":"production","severity":2,"ci":"web","summary":"slow","unrelated":true,"defect":"performance","assignee":"ben"}`,
	release.ActResolveIncident: `{"by":"ben","environment":"production","incident":"INC-1","resolution":"memory","workaround":"restart"}`,
	release.ActServiceDeskCall: `{"by":"sam","environment":"production","ci":"web","summary":"how?"}`,
	release.ActConfirm:         `{"by":"sam","environment":"production","item":"desk","comment":"all five"}`,
	release.ActResolveStep:     `{"by":"marc","step":"switch","target":"p1","action":"retry","reason":"looked"}`,
	release.ActWithdraw:        `{"by":"rita","reason":"not needed"}`,
	release.ActBackOut:         `{"by":"marc","reason":"it is slow"}`,
	release.ActOverrideFreeze:  `{"by":"eva","environment":"production","reason":"orders are lost"}`,
	release.ActUpdateIncident:  `{"by":"ben","environment":"production","incident":"INC-1","severity":1,"defect":"data","assignee":"sam","unrelated":false,"comment":"it spreads"}`,
	release.ActUpdateCall:      `{"by":"sam","environment":"production","call":"CALL-1","assignee":"ben","resolution":"told them"}`,
	release.ActKnownError:      `{"by":"ben","environment":"production","knownError":"KE-1","summary":"images are slow","workaround":"use PNG","incident":"INC-1","assignee":"sam","resolution":"fixed in 2.31"}`,
	release.ActRaiseRFC:        `{"by":"ben","environment":"production","rfc":"RFC-1234","title":"more memory","reason":"it is slow","incident":"INC-1","ci":"web"}`,
	release.ActExtendSupport:   `{"by":"ben","environment":"production","until":"2026-05-01T18:00:00Z","reason":"holidays"}`,
	release.ActEndSupport:      `{"by":"ben","environment":"production","reason":"it is calm"}`,
	release.ActNote:            `{"by":"ana","kind":"improvement","text":"test the migration","owner":"sam"}`,
	release.ActRate:            `{"by":"uwe","score":4,"comment":"quick"}`,
	release.ActLogEffort:       `{"by":"sam","role":"deployment","hours":1.5,"expense":20,"text":"night shift"}`,
	release.ActCloseReview:     `{"by":"marc","comment":"well done"}`,
	release.ActAddFreeze:       `{"by":"ana","from":"2026-12-20T00:00:00Z","to":"2027-01-04T06:00:00Z","reason":"year end","environments":["production"]}`,
	release.ActAddWindow:       `{"by":"ana","environment":"production","name":"nights","rule":"FREQ=DAILY","start":"2026-03-01T22:00","zone":"Europe/Zurich","length":"4h","reason":"migration"}`,
	release.ActRemoveEntry:     `{"by":"ana","id":"freeze-1","reason":"it is over"}`,
}

// others are fields that cannot stand with those of the good payload.
var others = map[release.Action][]string{release.ActExtendSupport: {"period"}}

// fieldsOf gives the fields of an action.
func fieldsOf(t require.TestingT, action release.Action) []string {
	return append(keys(t, []byte(good[action])), others[action]...)
}

// actions are those on releases and those on the calendar.
var actions = slices.Concat(release.Actions, release.CalendarActions)

// keys gives the fields of a JSON object.
func keys(t require.TestingT, text []byte) []string {
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &fields))
	var list []string
	for key := range fields {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

func TestEveryActionReadsAllOfItsFields(t *testing.T) {
	require.Len(t, good, len(actions))
	for _, action := range actions {
		message, err := release.DecodeMessage(action, []byte(good[action]))
		require.NoError(t, err, action)
		again, err := json.Marshal(message)
		require.NoError(t, err)
		assert.Subset(t, keys(t, again), keys(t, []byte(good[action])), action)
		assert.Contains(t, []string{"ana", "rita", "uwe", "ben", "sam", "marc", "eva"}, message.Who())
		assert.NotEmpty(t, message.Summary())
	}
}

func TestSummariesSayWhatIsAskedFor(t *testing.T) {
	for action, want := range map[release.Action]string{
		release.ActAuthorize:       "authorize gate plan: fine",
		release.ActRevise:          "revise: typo",
		release.ActRebuild:         "rebuild: flaky",
		release.ActAccept:          "accept production: works",
		release.ActHandOver:        "hand over production: ours now",
		release.ActIncident:        "incident of severity 2: slow",
		release.ActResolveIncident: "resolve INC-1: memory",
		release.ActServiceDeskCall: "service desk call: how?",
		release.ActConfirm:         "confirm desk: all five",
		release.ActResolveStep:     "retry step switch p1: looked",
		release.ActWithdraw:        "withdraw: not needed",
		release.ActBackOut:         "back out: it is slow",
		release.ActOverrideFreeze:  "override the freeze of production: orders are lost",
		release.ActUpdateIncident:  "update INC-1 (severity 1, defect data, caused by the release, for sam): it spreads",
		release.ActUpdateCall:      "resolve CALL-1: told them",
		release.ActKnownError:      "resolve known error KE-1: fixed in 2.31",
		release.ActRaiseRFC:        "raise RFC 1234: more memory",
		release.ActExtendSupport:   "extend early life support until 2026-05-01T18:00:00Z: holidays",
		release.ActEndSupport:      "end early life support: it is calm",
		release.ActNote:            "improvement: test the migration",
		release.ActRate:            "rated 4 of 5: quick",
		release.ActLogEffort:       "spent 1.5 hours and 20: night shift",
		release.ActCloseReview:     "close the review: well done",
		release.ActAddFreeze:       "add a freeze of production from 2026-12-20T00:00:00Z until 2027-01-04T06:00:00Z: year end",
		release.ActAddWindow:       "add a window in production: nights (FREQ=DAILY from 2026-03-01T22:00 Europe/Zurich for 4h): migration",
		release.ActRemoveEntry:     "remove freeze-1: it is over",
	} {
		message, err := release.DecodeMessage(action, []byte(good[action]))
		require.NoError(t, err)
		assert.Equal(t, want, message.Summary())
	}
}

func TestAPayloadThatCannotBeReadIsRefusedWithTheReason(t *testing.T) {
	definition := func(rest string) string { return `{"by":"rita","reason":"typo","definition":{` + rest + `}}` }
	deep := func(open, end string) string { return strings.Repeat(open, 50_000) + strings.Repeat(end, 50_000) }
	cases := []struct {
		name   string
		action release.Action
		text   string
	}{
		{"empty", release.ActAuthorize, ""},
		{"blank", release.ActAuthorize, " \n"},
		{"null", release.ActAuthorize, "null"},
		{"text null", release.ActAuthorize, `"null"`},
		{"text", release.ActAuthorize, `"authorize"`},
		{"object in a text", release.ActAuthorize, `"{\"by\":\"ana\"}"`},
		{"number", release.ActAuthorize, "1"},
		{"negative number", release.ActAuthorize, "-1.5e3"},
		{"true", release.ActAuthorize, "true"},
		{"list", release.ActAuthorize, "[]"},
		{"object in a list", release.ActAuthorize, "[" + good[release.ActAuthorize] + "]"},
		{"not JSON", release.ActAuthorize, "authorize"},
		{"single quotes", release.ActAuthorize, "{'by':'ana'}"},
		{"YAML", release.ActAuthorize, "by: ana\ngate: plan"},
		{"comma at the end", release.ActAuthorize, `{"by":"ana",}`},
		{"cut off", release.ActAuthorize, `{"by":"ana"`},
		{"cut off in a text", release.ActAuthorize, `{"by":"an`},
		{"two objects", release.ActAuthorize, good[release.ActAuthorize] + good[release.ActAuthorize]},
		{"text behind", release.ActAuthorize, good[release.ActAuthorize] + " please"},
		{"bracket behind", release.ActAuthorize, good[release.ActAuthorize] + "}"},
		{"unknown field", release.ActAuthorize, `{"by":"ana","gate":"plan","decisions":"authorize"}`},
		{"field of another action", release.ActAuthorize, `{"by":"ana","environment":"production"}`},
		{"field in another case", release.ActAuthorize, `{"By":"ana","gate":"plan","decision":"authorize"}`},
		{"empty field name", release.ActAuthorize, `{"":"ana"}`},
		{"name of a Go struct", release.ActAccept, `{"Sender":{"by":"ana"}}`},
		{"field twice", release.ActAuthorize, `{"by":"ana","gate":"plan","decision":"reject","decision":"authorize"}`},
		{"field twice, written otherwise", release.ActAuthorize, `{"by":"ana","\u0062y":"ben"}`},
		{"number for a text", release.ActAuthorize, `{"by":7}`},
		{"list for a text", release.ActAuthorize, `{"by":["ana"]}`},
		{"object for a text", release.ActAuthorize, `{"by":{"id":"ana"}}`},
		{"true for a text", release.ActAuthorize, `{"comment":true}`},
		{"text for a number", release.ActIncident, `{"severity":"2"}`},
		{"fraction for a number", release.ActIncident, `{"severity":1.5}`},
		{"number too large", release.ActIncident, `{"severity":99999999999999999999}`},
		{"text for true or false", release.ActIncident, `{"unrelated":"yes"}`},
		{"text for an object", release.ActRevise, `{"definition":"service: web"}`},
		{"unknown field of a definition", release.ActRevise, definition(`"titel":"x"`)},
		{"unknown field of a step", release.ActRevise, definition(`"steps":[{"name":"a"},{"rnu":"b"}]`)},
		{"field twice in a definition", release.ActRevise, definition(`"service":"a","service":"b"`)},
		{"bad duration", release.ActRevise, definition(`"steps":[{"timeout":"soon"}]`)},
		{"number for a duration", release.ActRevise, definition(`"steps":[{"timeout":5}]`)},
		{"object for a list", release.ActRevise, definition(`"steps":{}`)},
		{"number in a mapping of texts", release.ActRevise, definition(`"steps":[{"env":{"PORT":80}}]`)},
		{"text for a severity", release.ActUpdateIncident, `{"incident":"INC-1","severity":"high"}`},
		{"number for a defect type", release.ActUpdateIncident, `{"defect":3}`},
		{"text for a time", release.ActExtendSupport, `{"until":"tomorrow"}`},
		{"day without its time", release.ActExtendSupport, `{"until":"2026-05-01"}`},
		{"negative period", release.ActExtendSupport, `{"period":"-1h"}`},
		{"number for a period", release.ActExtendSupport, `{"period":48}`},
		{"fraction for a score", release.ActRate, `{"score":4.5}`},
		{"text for hours", release.ActLogEffort, `{"hours":"two"}`},
		{"not a number for hours", release.ActLogEffort, `{"hours":NaN}`},
		{"infinite expense", release.ActLogEffort, `{"expense":1e999}`},
		{"release of another action", release.ActIncident, `{"release":"web@2.29","severity":1,"summary":"slow"}`},
		{"unknown field of a source", release.ActRebuild, `{"components":{"web":{"url":"x"}}}`},
		{"deep lists", release.ActAuthorize, deep("[", "]")},
		{"deep objects", release.ActAuthorize, strings.Repeat(`{"by":`, 50_000) + "1" + strings.Repeat("}", 50_000)},
		{"not UTF-8", release.ActAuthorize, "{\"by\":\"an\xe4\"}"},
		{"zero byte", release.ActAuthorize, "{\"by\":\"a\x00\"}"},
		{"one megabyte", release.ActAuthorize, `{"by":"` + strings.Repeat("a", 1<<20) + `"}`},
	}
	var all strings.Builder
	for _, c := range cases {
		began := time.Now()
		message, err := release.DecodeMessage(c.action, []byte(c.text))
		assert.Less(t, time.Since(began), time.Second, c.name)
		var refusal release.Refusal
		if assert.ErrorAs(t, err, &refusal, c.name) {
			fmt.Fprintf(&all, "# %s\n%s\n\n", c.name, refusal)
		}
		assert.Nil(t, message, c.name)
	}
	golden(t, "bad-payloads.golden", all.String())
}

func TestAMessageThatIsNotCompleteIsReadAndRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                     `field "gate" is missing or empty`,
		`{"gate":"plan"}`:                        `field "decision" is missing or empty`,
		`{"gate":"plan","decision":"authorize"}`: `field "by" is missing or empty`,
		`{"gate":"plan","decision":"authorize","by":" "}`:        `field "by" is missing or empty`,
		`{"gate":"plan","decision":"authorize","by":null}`:       `field "by" is missing or empty`,
		`{"gate":"plan","decision":"AUTHORIZE","by":"ana"}`:      `"AUTHORIZE" is not a decision: send authorize, reject or revise`,
		`{"gate":"plan","decision":"expired","by":"ana"}`:        `"expired" is not a decision: send authorize, reject or revise`,
		`{"gate":"plan","decision":"pre-authorized","by":"ana"}`: `"pre-authorized" is not a decision: send authorize, reject or revise`,
	} {
		incomplete(t, release.ActAuthorize, text, want)
	}
	incomplete(t, release.ActRevise, `{"by":"rita","reason":"typo"}`, `field "definition" is missing: send the whole revised definition`)
	incomplete(t, release.ActRevise, `{"by":"rita","reason":"typo","definition":null}`, `field "definition" is missing: send the whole revised definition`)
	incomplete(t, release.ActRevise, `{"by":"rita","definition":{}}`, `field "reason" is missing or empty`)
	incomplete(t, release.ActRebuild, `{"by":"rita"}`, `field "reason" is missing or empty`)
	incomplete(t, release.ActAccept, `{"environment":"production"}`, `field "by" is missing or empty`)
	incomplete(t, release.ActHandOver, `{}`, `field "by" is missing or empty`)
	incomplete(t, release.ActIncident, `{"by":"uwe","summary":"slow"}`, `severity 0: use 1 (worst) to 4 (mildest)`)
	incomplete(t, release.ActIncident, `{"by":"uwe","summary":"slow","severity":5}`, `severity 5: use 1 (worst) to 4 (mildest)`)
	incomplete(t, release.ActIncident, `{"by":"uwe","severity":1}`, `field "summary" is missing or empty`)
	incomplete(t, release.ActResolveIncident, `{"by":"ben","resolution":"memory"}`, `field "incident" is missing or empty`)
	incomplete(t, release.ActResolveIncident, `{"by":"ben","incident":"INC-1"}`, `field "resolution" is missing or empty`)
	incomplete(t, release.ActServiceDeskCall, `{"by":"sam"}`, `field "summary" is missing or empty`)
	incomplete(t, release.ActResolveStep, `{"by":"marc","step":"a","reason":"b"}`, `"" is not an action: send retry, skip, done or back-out`)
	incomplete(t, release.ActResolveStep, `{"by":"marc","action":"done","reason":"b"}`, `field "step" is missing or empty`)
	incomplete(t, release.ActResolveStep, `{"by":"marc","action":"done","step":"a"}`, `field "reason" is missing or empty`)
	incomplete(t, release.ActWithdraw, `{"by":"rita","reason":"\t"}`, `field "reason" is missing or empty`)
	incomplete(t, release.ActBackOut, `{"by":"marc"}`, `field "reason" is missing or empty`)
}

// What is read, but does not hold, is refused with the reason and what would work.
func TestAMessageThatDoesNotHoldIsReadAndRefused(t *testing.T) {
	const defects = `use function, interface, data, performance, security, configuration, packaging, deployment, environment, documentation, other`
	for _, c := range []struct {
		action     release.Action
		text, want string
	}{
		{release.ActIncident, `{"by":"uwe","summary":"slow","severity":9}`, `severity 9: use 1 (worst) to 4 (mildest)`},
		{release.ActIncident, `{"by":"uwe","summary":"slow","severity":-1}`, `severity -1: use 1 (worst) to 4 (mildest)`},
		{release.ActIncident, `{"by":"uwe","summary":"slow","severity":2,"defect":"bug"}`, `"bug" is not a defect type: ` + defects},
		{release.ActUpdateIncident, `{"by":"ben","incident":"INC-1","severity":9}`, `severity 9: use 1 (worst) to 4 (mildest)`},
		{release.ActUpdateIncident, `{"by":"ben","incident":"INC-1","defect":"Data"}`, `"Data" is not a defect type: ` + defects},
		{release.ActUpdateIncident, `{"by":"ben","incident":"INC-1","comment":"hm"}`, `nothing changes: give severity, defect, unrelated or assignee`},
		{release.ActUpdateIncident, `{"by":"ben","assignee":"sam"}`, `field "incident" is missing or empty`},
		{release.ActUpdateIncident, `{"incident":"INC-1","assignee":"sam"}`, `field "by" is missing or empty`},
		{release.ActUpdateCall, `{"by":"ben","call":"CALL-1"}`, `nothing changes: give assignee or resolution`},
		{release.ActUpdateCall, `{"by":"ben","assignee":"sam"}`, `field "call" is missing or empty`},
		{release.ActKnownError, `{"by":"ben","workaround":"use PNG"}`, `field "summary" is missing or empty: say what the error is, or give the id of a known one`},
		{release.ActKnownError, `{"by":"ben","knownError":"KE-1"}`, `nothing changes: give summary, workaround, incident, assignee or resolution`},
		{release.ActKnownError, `{"summary":"slow"}`, `field "by" is missing or empty`},
		{release.ActRaiseRFC, `{"by":"ben","incident":"INC-1"}`, `field "title" is missing or empty`},
		{release.ActExtendSupport, `{"by":"ben","reason":"x"}`, `give either until, as in 2026-05-01T18:00:00Z, or period, as in 48h`},
		{release.ActExtendSupport, `{"by":"ben","reason":"x","until":"2026-05-01T18:00:00Z","period":"48h"}`, `give either until, as in 2026-05-01T18:00:00Z, or period, as in 48h`},
		{release.ActExtendSupport, `{"by":"ben","period":"48h"}`, `field "reason" is missing or empty`},
		{release.ActEndSupport, `{"by":"ben"}`, `field "reason" is missing or empty`},
		{release.ActNote, `{"by":"ana","kind":"improvement","text":"test it"}`, `field "owner" is missing or empty: an improvement needs somebody who looks after it`},
		{release.ActNote, `{"by":"ana","kind":"remark","text":"well"}`, `"remark" is not a kind of note: send lesson, risk, issue, improvement`},
		{release.ActNote, `{"by":"ana","kind":"lesson"}`, `field "text" is missing or empty`},
		{release.ActRate, `{"by":"uwe","score":6}`, `score 6: use 1 (not at all satisfied) to 5 (very)`},
		{release.ActRate, `{"by":"uwe"}`, `score 0: use 1 (not at all satisfied) to 5 (very)`},
		{release.ActRate, `{"score":5}`, `field "by" is missing or empty`},
		{release.ActLogEffort, `{"by":"sam","hours":-2}`, `hours -2: it cannot be negative`},
		{release.ActLogEffort, `{"by":"sam","hours":2,"expense":-0.5}`, `expense -0.5: it cannot be negative`},
		{release.ActLogEffort, `{"by":"sam","text":"nothing"}`, `nothing was spent: give hours or expense`},
		{release.ActCloseReview, `{"comment":"fine"}`, `field "by" is missing or empty`},
	} {
		incomplete(t, c.action, c.text, c.want)
	}
}

func incomplete(t *testing.T, action release.Action, text, want string) {
	t.Helper()
	message, err := release.DecodeMessage(action, []byte(text))
	var refusal release.Refusal
	require.ErrorAs(t, err, &refusal, text)
	assert.Equal(t, want, refusal.Error(), text)
	assert.NotNil(t, message, "it is read, so it says by whom it was sent")
}

func TestThereIsNoOtherAction(t *testing.T) {
	_, err := release.DecodeMessage("reboot", []byte("{}"))
	var refusal release.Refusal
	assert.NotErrorAs(t, err, &refusal)
	assert.EqualError(t, err, `there is no action "reboot"`)
}

func TestAPayloadIsReadExactlyWhenItsFieldsAreKnownAndEachStandsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		action := rapid.SampledFrom(actions).Draw(t, "action")
		known := fieldsOf(t, action)
		names := rapid.SliceOfN(rapid.SampledFrom(append(slices.Clone(known), "by", "BY", "Sender", "reasons", "signature", "")), 0, 6).Draw(t, "names")
		var values map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(good[action]), &values))
		var fields []string
		readable := true
		for i, name := range names {
			value := string(values[name])
			if value == "" {
				value = `"48h"`
			}
			fields = append(fields, fmt.Sprintf("%q:%s", name, value))
			readable = readable && slices.Contains(known, name) && !slices.Contains(names[:i], name)
		}
		message, err := release.DecodeMessage(action, []byte("{"+strings.Join(fields, ",")+"}"))
		require.Equal(t, readable, message != nil, "%v", err)
	})
}

func FuzzDecodeMessage(f *testing.F) {
	for i, action := range actions {
		f.Add(i, []byte(good[action]))
	}
	for _, text := range []string{"null", "[]", `{"by":"a","by":"b"}`, `{"by":{"by":{}}}`, "{}{}", "\xff", `{"definition":{"steps":[{"timeout":"1d"}],"expected":{"a":"1h"}}}`} {
		f.Add(1, []byte(text))
	}
	f.Fuzz(func(t *testing.T, n int, data []byte) {
		action := actions[uint(n)%uint(len(actions))]
		message, err := release.DecodeMessage(action, data)
		var refusal release.Refusal
		if err != nil {
			require.ErrorAs(t, err, &refusal)
		}
		if message == nil {
			require.Error(t, err)
			return
		}
		require.Subset(t, fieldsOf(t, action), keys(t, data))
		again, err := json.Marshal(message)
		require.NoError(t, err)
		reread, _ := release.DecodeMessage(action, again)
		require.Equal(t, message, reread, "what is written is read the same")
	})
}

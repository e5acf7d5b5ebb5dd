package notify_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/activities/driver/notify"
)

func TestARefusalTellsTheStatusAndNoSecret(t *testing.T) {
	busy, _ := webhook(t, http.StatusServiceUnavailable)
	closed := listen(t)
	require.NoError(t, closed.Close())
	gone := closed.Addr().String()
	for _, c := range []struct{ contact, want string }{
		{"generic+http://ops:hunter2hunter2@" + busy + "/hunter2/?token=hunter2", "503 Service Unavailable"},
		{"generic+http://ops:hunter2hunter2@" + gone + "/hunter2/?token=hunter2", "connection refused"},
		{"generic://" + gone + "/?@Authorization=hunter2&$key=hunter2", "connection refused"},
		{"gotify://" + gone + "/Aaa.bbb.ccc.ddd?disabletls=yes", "connection refused"},
		{startMail(t, map[string]string{"AUTH": "535 hunter2hunter2 is wrong"}).contact(), `535 "*** is wrong"`},
		{startMail(t, map[string]string{"RCPT": "550 no such user here"}).contact(), `550 "no such user here"`},
		{startMail(t, map[string]string{"DATA": ""}).contact(), "EOF"},
		{"smtp://ops:hunter2hunter2@" + gone + "/?from=hunter2@example.com&to=hunter2@example.com", "connection refused"},
	} {
		require.NoError(t, notify.Check(c.contact), c.contact)
		err := notify.New().Send(within(t), c.contact, message)
		require.ErrorContains(t, err, c.want)
		require.NotErrorIs(t, err, notify.ErrContact)
		assert.NotContains(t, err.Error(), "hunter2")
		assert.NotContains(t, err.Error(), "Aaa.bbb")
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestAnErrorNeverHoldsASecret(t *testing.T) {
	busy, notes := webhook(t, http.StatusBadGateway)
	sent := []string{
		"generic+http://ops:SECRET@" + busy, "generic+http://" + busy + "/?token=SECRET", "generic+http://" + busy + "/SECRET",
		"generic+http://" + busy + "/?disabletls=SECRET", "generic://" + busy + "/?disabletls=SECRET", "generic://" + busy + "/?method=SECRET",
		"smtp://ops:SECRET@127.0.0.1:1/?from=a@example.com&to=b@example.com", "smtp://127.0.0.1:1/?from=a@example.com&to=SECRET",
		"smtp://127.0.0.1:1/?from=a@example.com&to=b@example.com&auth=SECRET", "smtp://127.0.0.1:1/?from=a@example.com&to=b@example.com&timeout=SECRET",
		"gotify://127.0.0.1:1/SECRET", "matrix://ops:SECRET@127.0.0.1:1/?rooms=a", "unknown://SECRET", "smtp://ops:pa/SECRET@127.0.0.1",
	}
	checked := append([]string{
		"SECRET", "smtp://SECRET", "slack://hook:SECRET@webhook", "slack://SECRET", "telegram://110201543:SECRET@telegram", "discord://SECRET@id?color=SECRET",
	}, sent...)
	rapid.Check(t, func(rt *rapid.T) {
		secret := rapid.StringMatching(`[a-zA-Z0-9%/+"' äß:@_.~#&=?-]{5,20}x7`).Draw(rt, "secret")
		escaped := strings.ReplaceAll(url.QueryEscape(secret), "+", "%20")
		clean := func(err error) {
			if err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), escaped)) {
				rt.Fatalf("%q is in %q", secret, err)
			}
		}
		contact := rapid.SampledFrom(checked).Draw(rt, "checked")
		clean(notify.Check(strings.ReplaceAll(contact, "SECRET", secret)))
		clean(notify.Check(strings.ReplaceAll(contact, "SECRET", escaped)))
		contact = strings.ReplaceAll(rapid.SampledFrom(sent).Draw(rt, "sent"), "SECRET", escaped)
		clean(notify.New().Send(within(t), contact, message))
		for len(notes) > 0 {
			<-notes
		}
	})
}

func TestAContactIsCheckedWithoutSending(t *testing.T) {
	for _, contact := range []string{
		"env:OPS_CONTACT", "file:/run/secrets/contact", "file:contact",
		"smtp://ops:secret@mail.example:587/?from=slipway@example.com&to=ana@example.com,ben@example.com",
		"slack://hook:T0000AAAA-B0000AAAA-abcdefabcdefabcdefabcdef@webhook",
		"generic+https://chat.example/hooks/abc", "generic://chat.example/hooks/abc?template=json",
		"discord://token@id", "ntfy://ntfy.sh/topic", "telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw@telegram?chats=@ops",
		"matrix://user:secret@no.such.host.invalid/?rooms=ops",
	} {
		assert.NoError(t, notify.Check(contact), contact)
	}
	const neither = "it is neither a URL with a host, nor env:NAME or file:PATH"
	for contact, want := range map[string]string{
		"": neither, "ana": neither, "ana@example.com": neither, "mailto:ana@example.com": neither, "smtp:///?from=a": neither,
		"env:": "env: has to be followed by the name of a variable", "env:A B": "env: has to be followed by the name of a variable",
		"env:smtp://ops:hunter2@mail.example":                       "env: has to be followed by the name of a variable",
		"file:":                                                     "file: has to be followed by the path of a file",
		"file:smtp://ops:hunter2@h":                                 "file: has to be followed by the path of a file",
		"smtp://ops:hun/ter2@mail.example":                          "it is not a URL; in a password, write special characters as in %2F",
		"smtp://mail.example/?from=a\r\n":                           "it is not a URL; in a password, write special characters as in %2F",
		"smtp://ops:hunter2@mail.example/?from=a@example.com":       "toAddress missing from config URL",
		"slack://hook:hunter2@webhook":                              "invalid slack token format",
		"slack+https://hooks.slack.com/hunter2":                     "custom URLs are not supported by service: write slack and no +",
		"generic://chat.example/?disabletls=hunter2":                "accepted values are 1, true, yes or 0, false, no",
		"matrix://ops:hunter2@chat.example/?rooms=,":                "service matrix broke down",
		"generic://chat.example/" + strings.Repeat("a", 5000):       "it is longer than 4096 bytes",
		"https://chat.example/hunter2":                              `unknown service "https": expected one of bark, discord, generic,`,
		"logger://log":                                              `unknown service "logger": expected one of bark, discord, generic,`,
		"smtp://mail.example/?from=a@example.com&to=b&auth=hunter2": `setting query parameter "auth" to "***"`,
	} {
		err := notify.Check(contact)
		require.ErrorContains(t, err, want, contact)
		assert.NotContains(t, err.Error(), "hunter2")
		err = notify.New().Send(within(t), contact, message)
		require.ErrorIs(t, err, notify.ErrContact, contact)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

func FuzzNoContactPanicsOrIsToldOnSeveralLines(f *testing.F) {
	for _, contact := range []string{
		"env:A", "file:a", "smtp://u:p@h:25/?from=a&to=b", "generic+https://h/?=", "matrix://u:p@h?rooms=,", "slack://a/b/c", "teams://a@b/c/d?host=e",
		"discord://a@b?color=0x1", "bark://a@b", "zulip://a:b@c?stream=d", "signal://h/+1/+2", "wecom://k", "opsgenie://h/k?responders=a:b", "ifttt://k/?events=e&messagevalue=9",
	} {
		f.Add(contact)
	}
	f.Fuzz(func(t *testing.T, contact string) {
		if err := notify.Check(contact); err != nil {
			require.NotEmpty(t, err.Error())
			require.NotContains(t, err.Error(), "\n")
		}
	})
}

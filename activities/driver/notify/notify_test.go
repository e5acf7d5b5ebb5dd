package notify_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/activities/driver/notify"
)

var message = notify.Message{Subject: "Gate plan waits for Ana", Text: "payments 2.26.0 → production\n\nDecide by Friday."}

// within gives a context for what should not take long.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestAWebhookIsToldSubjectAndText(t *testing.T) {
	address, notes := webhook(t, http.StatusOK)
	for _, contact := range []string{
		"generic+http://" + address + "/hook?token=abc",
		"generic://" + address + "/hook?token=abc&disabletls=yes",
	} {
		require.NoError(t, notify.Check(contact))
		require.NoError(t, notify.New().Send(within(t), contact, message))
		assert.Equal(t, note{Title: message.Subject, Message: message.Text, Token: "abc"}, <-notes)
	}
}

func TestAMailBringsSubjectAndText(t *testing.T) {
	server := startMail(t, nil)
	require.NoError(t, notify.Check(server.contact()))
	require.NoError(t, notify.New().Send(within(t), server.contact()+"&usehtml=yes", message))
	header, subject, text := read(t, <-server.mails)
	assert.Equal(t, message.Subject, subject)
	assert.Equal(t, message.Text, text)
	assert.Equal(t, "ana@example.com", header.Get("To"))
	assert.Contains(t, header.Get("From"), "slipway@example.com")
	assert.Contains(t, header.Get("Content-Type"), "text/plain")
	assert.Equal(t, "\x00ops\x00hunter2hunter2", <-server.logins)
}

func TestASubjectCannotBecomeAnotherHeader(t *testing.T) {
	server := startMail(t, nil)
	for subject, want := range map[string]string{
		"Hello\r\nBcc: eve@example.com\r\n\r\nbody": "Hello Bcc: eve@example.com body",
		"Hello\nX: y\rZ: z\u2028\u0085\x00\x1b[31m": "Hello X: y Z: z [31m",
		"Freigabe für Zürich – 発射":                  "Freigabe für Zürich – 発射",
		strings.Repeat("🚀", 300):                    strings.Repeat("🚀", 199) + "…",
		"":                                          "",
	} {
		require.NoError(t, notify.New().Send(within(t), server.contact(), notify.Message{Subject: subject, Text: "text"}))
		raw := <-server.mails
		header, got, text := read(t, raw)
		assert.Equal(t, want, got)
		assert.Equal(t, "text", text)
		assert.Len(t, header, 6, raw)
	}
}

func TestWhateverIsSentIsBoundedAndPrintable(t *testing.T) {
	address, notes := webhook(t, http.StatusOK)
	driver := notify.New()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringN(0, 5000, -1),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		m := notify.Message{Subject: text.Draw(rt, "subject"), Text: text.Draw(rt, "text")}
		if err := driver.Send(within(t), "generic+http://"+address, m); err != nil {
			rt.Fatal(err)
		}
		got := <-notes
		for _, r := range got.Title + strings.ReplaceAll(strings.ReplaceAll(got.Message, "\n", ""), "\t", "") {
			if unicode.IsControl(r) {
				rt.Fatalf("%q", got)
			}
		}
		if utf8.RuneCountInString(got.Title) > 200 || utf8.RuneCountInString(got.Message) > 4000 {
			rt.Fatalf("%d and %d characters", utf8.RuneCountInString(got.Title), utf8.RuneCountInString(got.Message))
		}
	})
	require.NoError(t, driver.Send(within(t), "generic+http://"+address, notify.Message{Text: strings.Repeat("é", 4001)}))
	assert.Equal(t, strings.Repeat("é", 3998)+" …", (<-notes).Message)
	require.NoError(t, driver.Send(within(t), "generic+http://"+address, notify.Message{Text: strings.Repeat("é", 4000)}))
	assert.Equal(t, strings.Repeat("é", 4000), (<-notes).Message)
}

func TestAReferenceIsResolvedWhereTheMessageIsSent(t *testing.T) {
	address, notes := webhook(t, http.StatusOK)
	file := filepath.Join(t.TempDir(), "contact")
	require.NoError(t, os.WriteFile(file, []byte("generic+http://"+address+"/?token=file\n"), 0o600))
	t.Setenv("SLIPWAY_TEST_CONTACT", "generic+http://"+address+"/?token=env")
	for contact, token := range map[string]string{"file:" + file: "file", "env:SLIPWAY_TEST_CONTACT": "env"} {
		require.NoError(t, notify.Check(contact))
		require.NoError(t, notify.New().Send(within(t), contact, message))
		assert.Equal(t, token, (<-notes).Token)
	}
}

func TestAReferenceWithoutAValueIsNamed(t *testing.T) {
	dir := t.TempDir()
	empty, large := filepath.Join(dir, "empty"), filepath.Join(dir, "large")
	require.NoError(t, os.WriteFile(empty, []byte("\n"), 0o600))
	require.NoError(t, os.WriteFile(large, make([]byte, 5000), 0o600))
	for contact, why := range map[string]string{
		"env:SLIPWAY_NOT_SET":  "not set, or empty",
		"file:" + empty:        "not set, or empty",
		"file:" + dir + "/not": "no such file or directory",
		"file:" + dir:          "not a file of at most 4096 bytes",
		"file:" + large:        "not a file of at most 4096 bytes",
	} {
		require.NoError(t, notify.Check(contact), "it may be there on the worker")
		err := notify.New().Send(within(t), contact, message)
		require.ErrorIs(t, err, notify.ErrContact)
		require.EqualError(t, err, "contact cannot be used: "+contact+": "+why)
	}
	t.Setenv("SLIPWAY_TEST_CONTACT", "smtp://ops:hunter2hunter2@mail.example/?from=slipway@example.com")
	err := notify.New().Send(within(t), "env:SLIPWAY_TEST_CONTACT", message)
	require.ErrorIs(t, err, notify.ErrContact)
	require.EqualError(t, err, "contact cannot be used: env:SLIPWAY_TEST_CONTACT: toAddress missing from config URL")
}

func TestTheContextEndsAWaitForAServiceThatHangs(t *testing.T) {
	address, accepted := silent(t)
	for _, contact := range []string{
		"generic+http://" + address + "/?token=hunter2hunter2",
		"smtp://ops:hunter2hunter2@" + address + "/?from=a@example.com&to=b@example.com",
		"matrix://ops:hunter2hunter2@" + address + "/?disabletls=yes&rooms=a",
	} {
		require.NoError(t, notify.Check(contact))
		driver, begun := notify.New(), time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		err := driver.Send(ctx, contact, message)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.NotContains(t, err.Error(), "hunter2")
		<-accepted

		ctx, cancel = context.WithCancel(t.Context())
		go func() { <-accepted; cancel() }()
		require.ErrorIs(t, driver.Send(ctx, contact, message), context.Canceled)
		assert.Less(t, time.Since(begun), 10*time.Second)

		require.ErrorIs(t, driver.Send(ctx, contact, message), context.Canceled)
		assert.Empty(t, accepted, "nothing is sent when the context has ended before")
	}
}

func TestAServiceThatHangsHoldsFewDeliveries(t *testing.T) {
	address, accepted := silent(t)
	lively, notes := webhook(t, http.StatusOK)
	driver := notify.New()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			assert.ErrorIs(t, driver.Send(ctx, "generic+http://"+address, message), context.DeadlineExceeded)
		})
	}
	all.Wait()
	assert.LessOrEqual(t, len(accepted), 4)
	require.NoError(t, driver.Send(within(t), "generic+http://"+lively, message), "others are not held up")
	<-notes
}

func TestManyMessagesAtOnceAllArrive(t *testing.T) {
	address, notes := webhook(t, http.StatusOK)
	server := startMail(t, nil)
	driver := notify.New()
	var all sync.WaitGroup
	for range 25 {
		all.Go(func() { assert.NoError(t, driver.Send(within(t), "generic+http://"+address, message)) })
		all.Go(func() { assert.NoError(t, driver.Send(within(t), server.contact(), message)) })
	}
	all.Wait()
	assert.Len(t, notes, 25)
	assert.Len(t, server.mails, 25)
}

func TestAMailThatEverybodyGotIsNotAFailureBecauseTheServerHungUp(t *testing.T) {
	for _, quit := range []string{"", "250 bye", "421 too late"} {
		server := startMail(t, map[string]string{"QUIT": quit})
		require.NoError(t, notify.New().Send(within(t), server.contact(), message), quit)
		assert.Len(t, server.mails, 1)
	}
}

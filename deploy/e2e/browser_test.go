package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"slipway/deploy/chromium"
	"slipway/release"
)

// browser is a person before Temporal's Web UI, who clicks on what can be seen
// and reads what is shown.
type browser struct {
	t   *testing.T
	ctx context.Context
}

// step is something that is done in the browser.
type step = chromedp.Action[chromedp.Void]

// newBrowser starts a browser that knows nothing yet, until the test ends.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	b := &browser{t: t, ctx: chromium.Start(t, 1400, 1100)}
	t.Cleanup(b.keepPicture)
	return b
}

// keepPicture shows what a test saw when it failed; "go test -artifacts" keeps it.
func (b *browser) keepPicture() {
	if !b.t.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	file := filepath.Join(b.t.ArtifactDir(), "browser.png")
	if err := errors.Join(err, os.WriteFile(file, picture, 0o644)); err != nil {
		b.t.Log("there is no picture of the browser:", err)
		return
	}
	b.t.Log("what the browser showed:", file)
}

// finds opens the list of the workflows that a query finds, and gives their ids
// once there are any: the server lists a workflow a moment after it changed.
func (b *browser) finds(query string) []string {
	b.t.Helper()
	return shown[[]string](b, chromedp.Navigate(webUI+"/namespaces/default/workflows?query="+url.QueryEscape(query)), 10*time.Second, `() => {
		const rows = document.querySelectorAll("[data-testid=workflows-summary-configurable-table-row]")
		return rows.length && [...rows].map(row => row.querySelector("a").innerText)
	}`)
}

// open goes from the list to the page of a workflow that it shows.
func (b *browser) open(id string) {
	b.t.Helper()
	b.click("a", id)
	b.click("[role=tab]", "User Metadata")
}

// reads gives the current details as they are shown, once they hold a text. The UI
// asks for them only when its tab is opened and when the key R is pressed.
func (b *browser) reads(text string) string {
	b.t.Helper()
	return shown[string](b, chromedp.KeyEvent("r"), time.Second/2, `text => {
		const page = [...document.querySelectorAll("iframe")].at(-1)?.contentDocument?.body?.innerText
		return page?.includes(text) && page
	}`, text)
}

// sends sends a signal.
func (b *browser) sends(signal release.Action, payload string) {
	b.t.Helper()
	b.submits(signal, payload)
	shown[bool](b, chromedp.Steps(), patience, `() => !document.querySelector("dialog[open]")`)
}

// cannotSend fills in the form for a signal which the UI does not send, and gives
// what the form says then.
func (b *browser) cannotSend(signal release.Action, payload string) string {
	b.t.Helper()
	b.submits(signal, payload)
	says := shown[string](b, chromedp.Steps(), patience, `() => {
		const form = document.querySelector("dialog[open]")
		return form?.querySelector("p[role=alert]").innerText && form.innerText
	}`)
	b.click("dialog[open] button", "Cancel")
	return says
}

// submits fills in the form for a signal and submits it. The editor formats JSON
// when it is left, which moves the button from under a mouse that is pressed on it;
// so the editor is left with the Tab key before.
func (b *browser) submits(signal release.Action, payload string) {
	b.t.Helper()
	b.click("button", "More Actions")
	b.click("[role=menuitem]", "Send a Signal")
	b.click("dialog[open] [data-testid=signal-select-button]", "")
	b.click("dialog[open] [role=option]", string(signal))
	b.click("dialog[open] [role=textbox]", "")
	b.do(b.paste(payload), chromedp.KeyEvent("\t"))
	b.click("dialog[open] button", "Submit")
}

// paste puts a text where the cursor is, at once however long it is.
func (b *browser) paste(text string) step {
	literal, err := json.Marshal(text)
	require.NoError(b.t, err)
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{
		const clipboardData = new DataTransfer()
		clipboardData.setData("text/plain", %s)
		document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}))
	}`, literal))
}

// click clicks on what CSS finds and what begins with a line, when it can be seen:
// the UI has hidden doubles. What still slides is put where it comes to rest.
func (b *browser) click(css, line string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.JSPath(fmt.Sprintf(`((css, line) => {
		document.getAnimations().filter(a => a.effect.getComputedTiming().endTime < Infinity).forEach(a => a.finish())
		return [...document.querySelectorAll(css)].find(e => !e.disabled &&
			e.checkVisibility({visibilityProperty: true}) && e.innerText.trim().split("\n")[0] === line)
	})(%q, %q)`, css, line))))
}

// do does things, each as soon as it can be done.
func (b *browser) do(steps ...step) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	require.NoError(b.t, chromedp.Do(ctx, steps...))
}

// shown does something, and again every so often, until a function in the page gives
// something.
func shown[T any](b *browser, again step, every time.Duration, function string, args ...any) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		b.do(again)
		value, err := chromedp.Run(ctx, chromedp.PollFunction[T](function,
			chromedp.WithPollingArgs(args...), chromedp.WithPollingTimeout(every)))
		if !errors.Is(err, chromedp.ErrPollingTimeout) {
			require.NoErrorf(b.t, err, "%s of %q", function, args)
			return value
		}
	}
}

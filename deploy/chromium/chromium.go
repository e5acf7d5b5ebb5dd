// Package chromium starts a real browser for tests.
package chromium

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Start starts a browser that knows nothing yet, with a window of so many pixels,
// until the test ends. Without a browser the test is skipped, unless there has to be
// one: in CI, or with SLIPWAY_TEST_BROWSER=1.
func Start(t *testing.T, width, height int) context.Context {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program(t)), chromedp.NoSandbox, chromedp.WindowSize(width, height),
	}
	for _, name := range []string{"disable-gpu", "disable-quic", "disable-component-update"} {
		options = append(options, chromedp.Flag(name, true))
	}
	ctx, cancel := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(options...))
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx), "the browser does not start")
	return ctx
}

// program finds the browser.
func program(t *testing.T) string {
	t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	if named := os.Getenv("SLIPWAY_TEST_CHROMIUM"); named != "" {
		names = []string{named}
	}
	for _, name := range names {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	missing := "there is no browser " + strings.Join(names, ", ") + ": install Debian's package chromium, or name a Chromium in SLIPWAY_TEST_CHROMIUM"
	if os.Getenv("CI") != "" || os.Getenv("SLIPWAY_TEST_BROWSER") == "1" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

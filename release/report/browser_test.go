package report

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/deploy/chromium"
)

// The pages are looked at in a real browser, as people have them before them.
var views = []struct {
	name          string
	width, height int64
	scheme, media string
}{
	{"phone-light", 390, 844, "light", "screen"},
	{"phone-dark", 390, 844, "dark", "screen"},
	{"desk-light", 1280, 900, "light", "screen"},
	{"desk-dark", 1280, 900, "dark", "screen"},
	{"paper", 718, 1050, "light", "print"}, // A4 with margins of a centimetre, at 96 pixels an inch
}

// pages are those that are looked at.
func pages(t *testing.T) map[string]string {
	return map[string]string{
		"portfolio": portfolioPage(t, year()),
		"completed": rendered(t, quick.completed(), quick.plan()),
		"supported": rendered(t, supported(), quick.plan()),
		"partly":    rendered(t, quick.partly(10_000), quick.large(10_000)),
	}
}

func TestPagesAreReadableInABrowser(t *testing.T) {
	b := newBrowser(t)
	for name, html := range pages(t) {
		t.Run(name, func(t *testing.T) {
			b.t = t
			file := filepath.Join(t.TempDir(), "page.html")
			require.NoError(t, os.WriteFile(file, []byte(html), 0o644))
			for _, v := range views {
				b.do(chromedp.EmulateViewport(v.width, v.height), emulated(v.scheme, v.media), chromedp.Navigate("file://"+file))
				b.keepPicture(name + "-" + v.name)
				assert.Empty(t, b.complaints(), v.name)
			}
			b.print(name)
			assert.Equal(t, []string{"file://" + file}, b.requested(), "a page needs nothing else")
		})
	}
}

// browser shows pages, and remembers what it asked the world for.
type browser struct {
	t     *testing.T
	ctx   context.Context
	mutex sync.Mutex
	asked []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	b := &browser{t: t, ctx: chromium.Start(t, 1280, 900)}
	require.NoError(t, chromedp.Listen(b.ctx, func(event any) {
		if sent, is := event.(*network.EventRequestWillBeSent); is {
			b.mutex.Lock()
			defer b.mutex.Unlock()
			b.asked = append(b.asked, sent.Request.URL)
		}
	}))
	_, err := chromedp.Call(b.ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	return b
}

func emulated(scheme, media string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	require.NoError(b.t, chromedp.Do(ctx, steps...))
}

// requested gives what was asked for since it was asked last, each once.
func (b *browser) requested() []string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	var urls []string
	for _, url := range b.asked {
		if len(urls) == 0 || urls[len(urls)-1] != url {
			urls = append(urls, url)
		}
	}
	b.asked = nil
	return urls
}

// keepPicture writes what is shown to the folder of SLIPWAY_TEST_PICTURES, if there is one.
func (b *browser) keepPicture(name string) {
	folder := os.Getenv("SLIPWAY_TEST_PICTURES")
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	require.NoError(b.t, err)
	require.NoError(b.t, os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644))
}

// print prints the page on A4.
func (b *browser) print(name string) {
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	require.NoError(b.t, err)
	require.True(b.t, bytes.HasPrefix(pdf, []byte("%PDF-")))
	if folder := os.Getenv("SLIPWAY_TEST_PICTURES"); folder != "" {
		require.NoError(b.t, os.WriteFile(filepath.Join(folder, name+".pdf"), pdf, 0o644))
	}
}

// complaints are what a reader would complain about: the page is wider than the
// screen, a text is cut off or cannot be told from its ground, a picture sticks out,
// details are shut on paper.
func (b *browser) complaints() []string {
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](complain))
	require.NoError(b.t, err)
	return found
}

const complain = `(() => {
	const found = []
	const width = document.documentElement.clientWidth
	if (document.documentElement.scrollWidth > width) found.push("the page is " + document.documentElement.scrollWidth + " wide, the screen " + width)
	const paint = document.createElement("canvas").getContext("2d", {willReadFrequently: true})
	const seen = new Map()
	const colour = css => seen.get(css) || seen.set(css, painted(css)).get(css)
	const painted = css => {
		paint.clearRect(0, 0, 1, 1); paint.fillStyle = css; paint.fillRect(0, 0, 1, 1)
		return [...paint.getImageData(0, 0, 1, 1).data]
	}
	const luminance = c => [.2126, .7152, .0722].reduce((sum, weight, i) => {
		const part = c[i] / 255
		return sum + weight * (part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
	}, 0)
	const ground = e => {
		for (; e; e = e.parentElement) {
			const c = colour(getComputedStyle(e).backgroundColor)
			if (c[3] === 255) return c
		}
		return [255, 255, 255, 255]
	}
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	while (texts.nextNode()) {
		const text = texts.currentNode.data.trim(), e = texts.currentNode.parentElement
		if (!text || ["title", "desc"].includes(e.localName) || !e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})) continue
		const style = getComputedStyle(e), svg = e instanceof SVGElement
		const a = luminance(colour(svg ? style.fill : style.color)), b = luminance(ground(e))
		const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05)
		if (contrast < 4.5) found.push("contrast " + contrast.toFixed(2) + " of " + text)
		if (parseFloat(style.fontSize) < (matchMedia("print").matches ? 9 : 10)) found.push("font of " + style.fontSize + ": " + text)
		const range = document.createRange()
		range.selectNodeContents(texts.currentNode)
		const box = range.getBoundingClientRect()
		if (box.left < -1 || box.right > width + 1) {
			let scrolls = e
			while (scrolls && getComputedStyle(scrolls).overflowX !== "auto") scrolls = scrolls.parentElement
			if (!scrolls) found.push("cut off: " + text)
		}
		for (let hides = e; hides; hides = hides.parentElement) {
			const hidden = getComputedStyle(hides)
			if (hides instanceof SVGElement || !["hidden", "clip"].includes(hidden.overflowX)) continue
			const frame = hides.getBoundingClientRect()
			if (box.left < frame.left - 1 || box.right > frame.right + 1) found.push("hidden in part: " + text)
		}
	}
	for (const picture of document.querySelectorAll("svg:not(.defs), .month")) {
		if (!picture.checkVisibility()) continue
		const box = picture.getBoundingClientRect()
		if (box.left < -1 || box.right > width + 1) found.push("a picture from " + box.left + " to " + box.right)
		if (box.width === 0 || box.height === 0) found.push("an empty picture in " + picture.parentElement.className)
	}
	if (matchMedia("print").matches) {
		for (const details of document.querySelectorAll("details:not(.told)")) {
			const inside = details.querySelector(".chart, .table")
			if (!inside.checkVisibility({contentVisibilityAuto: true}) || inside.getBoundingClientRect().height === 0) found.push("shut: " + details.parentElement.id)
		}
		for (const whole of document.querySelectorAll(".chart, .month, .timeline .group")) {
			const style = getComputedStyle(whole)
			if (style.breakInside !== "avoid") found.push("may be cut by the end of a page: " + whole.className)
			if (whole.getBoundingClientRect().height > 1000) found.push("higher than a page: " + whole.className)
		}
	}
	return found
})()`

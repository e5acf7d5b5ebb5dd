package probe

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"slipway/release"
)

const maxRedirects = 5

// ask asks at the target's URL for the probe's path, and gives the status, zero for
// none, and what is wrong with the answer: another status than the expected one, or
// that its first megabyte does not hold what it should. Redirects are followed on the
// same host only, and not when one is expected.
func (p *Prober) ask(ctx context.Context, about Subject, probe release.Probe) (status int, reason string) {
	timeout := timeoutOf(probe)
	if about.Target.URL == "" {
		return 0, noURL
	}
	address := strings.TrimRight(about.Target.URL, "/") + "/" + strings.TrimLeft(probe.Path, "/")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, plainly(err, timeout)
	}
	request.Header.Set("User-Agent", userAgent)
	want := probe.Status
	if want == 0 {
		want = http.StatusOK
	}
	client := http.Client{Transport: p.transport, CheckRedirect: redirectsFor(want)}
	answer, err := client.Do(request)
	if err != nil {
		return 0, plainly(err, timeout)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	contains := about.fill(probe.Contains)
	switch {
	case answer.StatusCode != want:
		reason = fmt.Sprintf("status %d, wanted %d", answer.StatusCode, want)
	case err != nil:
		reason = plainly(err, timeout)
	case !strings.Contains(string(body), contains):
		reason = fmt.Sprintf("answer does not contain %q; it begins %q", contains, clip(string(body), maxQuoted))
	}
	return answer.StatusCode, reason
}

const (
	userAgent = "slipway-probe"
	noURL     = "the target has no URL"
)

func redirectsFor(want int) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		expected := want >= 300 && want < 400
		if expected || next.URL.Host != via[0].URL.Host || len(via) > maxRedirects {
			return http.ErrUseLastResponse
		}
		return nil
	}
}

package http_test

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	nethttp "net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/target"
	"slipway/activities/driver/target/http"
	"slipway/activities/driver/target/http/protocol"
	"slipway/release"
)

// said is a request that a deployer heard.
type said struct {
	method, path, key, token string
	asked                    protocol.Operation
}

// deployer answers one request after the other with these; the last one goes on.
type deployer struct {
	*httptest.Server
	mu      sync.Mutex
	heard   []said
	answers []nethttp.HandlerFunc
}

func listen(t *testing.T, answers ...nethttp.HandlerFunc) *deployer {
	t.Helper()
	d := &deployer{answers: answers}
	d.Server = httptest.NewServer(d)
	t.Cleanup(d.Close)
	return d
}

func (d *deployer) ServeHTTP(w nethttp.ResponseWriter, r *nethttp.Request) {
	s := said{method: r.Method, path: r.URL.RequestURI(), key: r.Header.Get("Idempotency-Key"), token: r.Header.Get("Authorization")}
	_ = json.NewDecoder(r.Body).Decode(&s.asked)
	d.mu.Lock()
	d.heard = append(d.heard, s)
	next := d.answers[0]
	if len(d.answers) > 1 {
		d.answers = d.answers[1:]
	}
	d.mu.Unlock()
	next(w, r)
}

// requests gives what was heard, as "METHOD path".
func (d *deployer) requests() (list []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.heard {
		list = append(list, s.method+" "+s.path)
	}
	return list
}

func (d *deployer) target() release.Target { return release.Target{Name: "p1", Address: d.URL} }

// says answers with a status and a body; headers go before it, as "Name: value".
func says(status int, body string, headers ...string) nethttp.HandlerFunc {
	return func(w nethttp.ResponseWriter, _ *nethttp.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}
}

func cut(nethttp.ResponseWriter, *nethttp.Request) { panic(nethttp.ErrAbortHandler) }

func hang(_ nethttp.ResponseWriter, r *nethttp.Request) {
	select { // the server notices late that a client with a body is gone
	case <-r.Context().Done():
	case <-time.After(time.Second):
	}
}

func driver(t *testing.T, known ...http.Deployer) *http.Driver {
	t.Helper()
	d, err := http.New(known)
	require.NoError(t, err)
	http.Hasten(d, 500*time.Millisecond)
	return d
}

var authorized = release.Package{Digest: release.DigestOfBytes([]byte("package")), Content: release.DigestOfBytes([]byte("content"))}

func operation(kind target.Kind) target.Operation {
	return target.Operation{
		Kind: kind, Attempt: "httpbin@2.26.0/4/1", Release: "httpbin@2.26.0", Version: "2.26.0", Package: authorized,
		Timeout: 400 * time.Millisecond, Log: &bytes.Buffer{},
	}
}

func TestAnOperationIsAskedForAndWaitedFor(t *testing.T) {
	d := listen(t,
		says(202, `{"id":"7","state":"running","line":"pulling"}`, "Location: operations/7?x=1", "Retry-After: 0"),
		says(200, `{"id":"7","state":"running","line":"unpacking"}`),
		says(200, `{"id":"7","state":"done"}`))
	o := operation(target.Transfer)
	o.Timeout = 5 * time.Second
	var lines []string
	o.Progress = func(line string) { lines = append(lines, line) }
	out, err := driver(t).Do(t.Context(), d.target(), o)
	require.NoError(t, err)
	require.Equal(t, target.Outcome{}, out)
	require.Equal(t, []string{"POST /operations", "GET /operations/7?x=1", "GET /operations/7?x=1"}, d.requests())
	require.Equal(t, []string{"pulling", "unpacking"}, lines)
	require.Equal(t, protocol.Operation{
		Kind: "transfer", Attempt: o.Attempt, Target: "p1", Release: o.Release, Version: o.Version,
		Package: protocol.Package{Digest: authorized.Digest, Content: authorized.Content},
	}, d.heard[0].asked)
}

func TestARefusalIsAProblemWithItsReason(t *testing.T) {
	elsewhere := listen(t, says(200, `{"state":"done"}`))
	for name, c := range map[string]struct {
		answer nethttp.HandlerFunc
		says   string
	}{
		"a reason":    {says(409, `{"problem":"p1 is being\nrepaired"}`), `target "p1": target cannot be used: the deployer refuses with status 409: p1 is being repaired`},
		"a text":      {says(401, "who are you"), "status 401: who are you"},
		"nothing":     {says(404, ""), "status 404: it does not say why"},
		"a long text": {says(400, strings.Repeat("x", 5<<20)), "xxx…"},
		"elsewhere":   {says(307, "", "Location: "+elsewhere.URL+"/operations"), "sends elsewhere"},
		"too busy":    {says(429, `{"problem":"too many at once"}`), "status 429: too many at once"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := driver(t).Do(t.Context(), listen(t, c.answer).target(), operation(target.Activate))
			require.NoError(t, err)
			require.Contains(t, out.Problem, c.says)
			require.Less(t, len(out.Problem), 500)
		})
	}
	require.Empty(t, elsewhere.requests(), "a redirect is not followed")
}

func TestWhatTheDeployerCannotSayNobodyCanTell(t *testing.T) {
	for name, c := range map[string]struct {
		answer nethttp.HandlerFunc
		says   string
		is     error
	}{
		"not JSON":         {says(200, "<html>Welcome"), `it begins "<html>Welcome"`, target.ErrUnusable},
		"endless":          {says(200, strings.Repeat(" ", 5<<20)), "longer than 4 MB", target.ErrUnusable},
		"another state":    {says(200, `{"state":"perhaps"}`), `the operation is "perhaps"`, target.ErrUnusable},
		"no state":         {says(200, `{}`), `the operation is ""`, target.ErrUnusable},
		"unknown":          {says(200, `{"state":"unknown","problem":"I died"}`), "cannot tell what became of it: I died", target.ErrUnusable},
		"no id":            {says(202, `{"state":"running"}`), "neither an id nor where", target.ErrUnusable},
		"no content":       {says(204, ""), "status 204, which means nothing", target.ErrUnusable},
		"always running":   {says(202, `{"id":"1","state":"running"}`), "still at it when the time was over", target.ErrUnreachable},
		"always broken":    {says(500, `{"problem":"out of memory"}`), "status 500: out of memory", target.ErrUnreachable},
		"always cut":       {cut, "cut before the whole answer came", target.ErrUnreachable},
		"never an answer":  {hang, "no answer within 500ms", target.ErrUnreachable},
		"half an answer":   {says(200, `{"state":`, "Content-Length: 100"), "cut before", target.ErrUnreachable},
		"forgets it again": {says(404, ""), "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			answers := []nethttp.HandlerFunc{c.answer}
			if c.is == nil {
				answers, c.is, c.says = []nethttp.HandlerFunc{says(202, `{"id":"1","state":"running"}`), c.answer}, target.ErrUnusable, "status 404"
			}
			out, err := driver(t).Do(t.Context(), listen(t, answers...).target(), operation(target.Deactivate))
			require.ErrorIs(t, err, c.is, out.Problem)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, `target "p1"`)
		})
	}
}

func TestNothingBeganWhereNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	gone := release.Target{Name: "p1", Address: "http://" + listener.Addr().String()}
	for _, kind := range []target.Kind{target.Transfer, target.Run} {
		out, err := driver(t).Do(t.Context(), gone, operation(kind))
		require.NoError(t, err)
		require.Contains(t, out.Problem, "target cannot be reached: nothing answers at "+listener.Addr().String()+": connection refused")
	}
	_, err = driver(t).Observe(t.Context(), gone, "")
	require.ErrorIs(t, err, target.ErrUnreachable)
}

func TestACutConnectionIsAskedAfterByTheSameKey(t *testing.T) {
	d := listen(t, cut, says(503, "starting"), says(200, `{"id":"7","state":"done"}`))
	o := operation(target.Deactivate)
	o.Timeout = 5 * time.Second
	out, err := driver(t).Do(t.Context(), d.target(), o)
	require.NoError(t, err)
	require.Empty(t, out.Problem)
	require.Len(t, d.heard, 3)
	for _, s := range d.heard {
		require.Equal(t, d.heard[0].key, s.key)
	}
	// Once it may have begun, no refusal says that it did not.
	d = listen(t, cut, says(400, `{"problem":"what?"}`))
	_, err = driver(t).Do(t.Context(), d.target(), o)
	require.ErrorContains(t, err, "what?")
}

func TestEveryKindTargetAndAttemptHasAKeyOfItsOwn(t *testing.T) {
	d := listen(t, says(200, `{"state":"done"}`))
	for range 2 { // the same from any worker
		for _, kind := range []target.Kind{target.Transfer, target.Remove, target.Deactivate} {
			for _, name := range []string{"p1", "p2"} {
				for _, attempt := range []string{"a/1", "a/2"} {
					o := operation(kind)
					o.Attempt = attempt
					_, err := driver(t).Do(t.Context(), release.Target{Name: name, Address: d.URL}, o)
					require.NoError(t, err)
				}
			}
		}
	}
	times := map[string]int{}
	for _, s := range d.heard {
		times[s.key]++
	}
	require.Len(t, times, 12)
	for key, n := range times {
		require.Equal(t, 2, n, key)
	}
}

func TestABusyDeployerIsLeftAloneForAsLongAsItAsks(t *testing.T) {
	d := listen(t, says(503, "", "Retry-After: 1"), says(200, `{"state":"done"}`))
	o := operation(target.Remove)
	o.Timeout = 5 * time.Second
	begun := time.Now()
	out, err := driver(t).Do(t.Context(), d.target(), o)
	require.NoError(t, err)
	require.Empty(t, out.Problem)
	require.GreaterOrEqual(t, time.Since(begun), time.Second)
}

func TestDoneIsOnlyWhatHoldsWhatWasAuthorized(t *testing.T) {
	state := func(content release.Digest, intact bool) string {
		return fmt.Sprintf(`{"version":"2.25.0","content":%q,"intact":%t}`, content, intact)
	}
	for name, c := range map[string]struct{ state, problem string }{
		"other content":      {state(release.DigestOfBytes(nil), true), `target "p1": not what was authorized: the deployer says done, but the target holds 2.25.0 with content e3b0c44298fc, and not 2.26.0`},
		"nothing":            {`{}`, "holds no version with content unknown"},
		"files were changed": {state(authorized.Content, false), "with files that were changed"},
		"the same":           {state(authorized.Content, true), ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := listen(t, says(200, `{"state":"done"}`), says(200, c.state))
			out, err := driver(t).Do(t.Context(), d.target(), operation(target.Activate))
			require.NoError(t, err)
			require.Equal(t, c.problem == "", out.Problem == "", out.Problem)
			require.Contains(t, out.Problem, c.problem)
			require.Equal(t, []string{"POST /operations", "GET /state?target=p1"}, d.requests())
		})
	}
	for _, kind := range []target.Kind{target.Transfer, target.Activate} {
		o, d := operation(kind), listen(t, says(200, `{"state":"done"}`))
		o.Package.Content = ""
		out, err := driver(t).Do(t.Context(), d.target(), o)
		require.NoError(t, err)
		require.Contains(t, out.Problem, "not what was authorized")
		require.Empty(t, d.requests())
	}
}

func TestAScriptThatTheDeployerPraisesInVainFailed(t *testing.T) {
	d := listen(t, says(200, `{}`), says(200, `{"state":"done","exit":3,"log":"first\nthe disk is full\n"}`))
	o := operation(target.Run)
	out, err := driver(t).Do(t.Context(), d.target(), o)
	require.NoError(t, err)
	require.Equal(t, "the deployer says done, but exit status 3: the disk is full", out.Problem)
	require.Equal(t, "first\nthe disk is full\n", o.Log.(*bytes.Buffer).String())
}

func TestSecretsAndTokensAreNeverSentInTheClear(t *testing.T) {
	t.Setenv("DEPLOYER_TEST_SECRET", "s3cr3t-of-the-test")
	o := operation(target.Run)
	o.Secrets = map[string]string{"PASSWORD": "env:DEPLOYER_TEST_SECRET"}
	far := release.Target{Name: "p1", Address: "http://192.0.2.1"}
	out, err := driver(t).Do(t.Context(), far, o)
	require.NoError(t, err)
	require.Contains(t, out.Problem, "are not sent in the clear to 192.0.2.1: use https://…")
	out, err = driver(t, http.Deployer{Address: far.Address, Token: "env:DEPLOYER_TEST_SECRET"}).Do(t.Context(), far, operation(target.Remove))
	require.NoError(t, err)
	require.Contains(t, out.Problem, "its token is not sent in the clear")

	d := listen(t, says(200, `{}`), says(200, `{"state":"failed","problem":"s3cr3t-of-the-test is wrong","log":"s3cr3t-of-the-test\n"}`))
	out, err = driver(t).Do(t.Context(), d.target(), o)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"PASSWORD": "s3cr3t-of-the-test"}, d.heard[1].asked.Secrets)
	require.Equal(t, "*** is wrong", out.Problem)
	require.Equal(t, "***\n", o.Log.(*bytes.Buffer).String())
}

func TestTheTokenOfTheNearestAddressIsSentAndNoOther(t *testing.T) {
	d := listen(t, says(200, `{"state":"done"}`))
	t.Setenv("TOKEN_NEAR", "near")
	t.Setenv("TOKEN_FAR", "far")
	known := driver(t, http.Deployer{Address: d.URL, Token: "env:TOKEN_FAR"}, http.Deployer{Address: d.URL + "/eu/", Token: "env:TOKEN_NEAR"})
	for _, path := range []string{"", "/eu", "/eu/west", "/europe"} {
		_, err := known.Do(t.Context(), release.Target{Name: "p1", Address: d.URL + path}, operation(target.Remove))
		require.NoError(t, err)
	}
	other := listen(t, says(200, `{"state":"done"}`))
	_, err := known.Do(t.Context(), other.target(), operation(target.Remove))
	require.NoError(t, err)
	var tokens []string
	for _, s := range append(d.heard, other.heard...) {
		tokens = append(tokens, s.path+" "+s.token)
	}
	require.Equal(t, []string{
		"/operations Bearer far", "/eu/operations Bearer near", "/eu/west/operations Bearer near", "/europe/operations Bearer far", "/operations ",
	}, tokens)
}

func TestADeployerIsKnownByItsCertificate(t *testing.T) {
	serving := httptest.NewTLSServer(says(200, `{"state":"done"}`))
	serving.Config.ErrorLog = nil
	defer serving.Close()
	on := release.Target{Name: "p1", Address: serving.URL}
	out, err := driver(t).Do(t.Context(), on, operation(target.Remove))
	require.NoError(t, err)
	require.Contains(t, out.Problem, target.ErrHostKey.Error())
	require.Contains(t, out.Problem, "deployers.ca")

	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: serving.Certificate().Raw})
	require.NoError(t, os.WriteFile(ca, block, 0o600))
	out, err = driver(t, http.Deployer{Address: serving.URL, CA: ca}).Do(t.Context(), on, operation(target.Remove))
	require.NoError(t, err)
	require.Empty(t, out.Problem)

	require.NoError(t, os.WriteFile(ca, []byte("nothing"), 0o600))
	_, err = http.New([]http.Deployer{{Address: serving.URL, CA: ca}})
	require.ErrorContains(t, err, "holds no certificate")
}

func TestALocationOnAnotherHostIsNotAsked(t *testing.T) {
	elsewhere := listen(t, says(200, `{"state":"done"}`))
	d := listen(t, says(202, `{"id":"a b","state":"running"}`, "Location: "+elsewhere.URL+"/x"), says(200, `{"state":"done"}`))
	o := operation(target.Remove)
	o.Timeout = 5 * time.Second
	_, err := driver(t).Do(t.Context(), d.target(), o)
	require.NoError(t, err)
	assert.Equal(t, []string{"POST /operations", "GET /operations/a%20b"}, d.requests())
	assert.Empty(t, elsewhere.requests())
}

func TestAMarkOfAnotherAttemptIsNotTaken(t *testing.T) {
	d := listen(t, says(200, `{"mark":{"attempt":"a/2"}}`))
	_, err := driver(t).Observe(t.Context(), d.target(), "a/1")
	require.ErrorIs(t, err, target.ErrUnusable)
}

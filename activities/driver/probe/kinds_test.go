package probe_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/probe"
	"slipway/release"
)

// kindCase is a probe, and why it fails; empty passes.
type kindCase struct {
	name   string
	probe  release.Probe
	reason string
}

func checkAll(t *testing.T, about probe.Subject, cases []kindCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found := probe.New().Probe(t.Context(), about, c.probe)
			assert.Equal(t, c.reason == "", found.OK, found.Reason)
			assert.Contains(t, found.Reason, c.reason)
			assert.Positive(t, found.Latency)
		})
	}
}

func TestAnAnswerThatTakesTooLongFails(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(30 * time.Millisecond) }))
	defer server.Close()
	checkAll(t, at(server.URL), []kindCase{
		{"soon enough", release.Probe{Path: "/", LatencyBelow: release.Duration(time.Second)}, ""},
		{"too late", release.Probe{Path: "/", LatencyBelow: release.Duration(20 * time.Millisecond)}, "ms, wanted below 20ms"},
	})
}

// greet listens and says something to whoever connects, in two pieces, and then waits.
func greet(t *testing.T, first, second string) *net.TCPAddr {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = fmt.Fprint(connection, first)
				_, _ = fmt.Fprint(connection, second)
				_, _ = connection.Read(make([]byte, 1)) // until the prober has gone
				_ = connection.Close()
			}()
		}
	}()
	return listener.Addr().(*net.TCPAddr)
}

func TestATCPProbeConnectsAndListens(t *testing.T) {
	mail, mute := greet(t, "220 mail 2.2", "6.0 ready\r\n"), greet(t, "", "")
	short := release.Duration(100 * time.Millisecond)
	free := freeAddress(t)
	checkAll(t, at("http://"+mail.String()+"/deep/path"), []kindCase{
		{"port of the URL", release.Probe{Kind: release.ProbeTCP}, ""},
		{"port of the host", release.Probe{Kind: release.ProbeTCP, Address: fmt.Sprintf(":%d", mute.Port)}, ""},
		{"banner in pieces", release.Probe{Kind: release.ProbeTCP, Contains: "mail ${VERSION} ready"}, ""},
		{"another banner", release.Probe{Kind: release.ProbeTCP, Contains: "2.25.0", Timeout: short}, `does not say "2.25.0"; it begins "220 mail 2.26.0 ready\r\n"`},
		{"no banner", release.Probe{Kind: release.ProbeTCP, Address: mute.String(), Contains: "220", Timeout: short}, `says nothing within 100ms, wanted "220"`},
		{"nobody", release.Probe{Kind: release.ProbeTCP, Address: free}, "connection refused at " + free},
	})
	checkAll(t, at(""), []kindCase{
		{"no URL", release.Probe{Kind: release.ProbeTCP, Address: ":80"}, "the target has no URL"},
		{"address of its own", release.Probe{Kind: release.ProbeTCP, Address: mail.String()}, ""},
	})
}

func TestAnExecProbeRunsAScriptThatKnowsItsSubject(t *testing.T) {
	t.Setenv("NOT_FOR_SCRIPTS", "x")
	checkAll(t, at("http://h:1"), []kindCase{
		{"passes", release.Probe{Kind: release.ProbeExec, Run: `test "$TARGET $TARGET_URL $VERSION $ENVIRONMENT" = "p1 http://h:1 2.26.0 production"`}, ""},
		{"environment of its own", release.Probe{Kind: release.ProbeExec, Run: `test -z "${NOT_FOR_SCRIPTS-}"; touch here`}, ""},
		{"fails", release.Probe{Kind: release.ProbeExec, Run: "echo first; echo 3 jobs are stuck; exit 4"}, "exit status 4: 3 jobs are stuck"},
		{"too long", release.Probe{Kind: release.ProbeExec, Run: "echo waits; exec sleep 60", Timeout: release.Duration(200 * time.Millisecond)}, "timed out after "},
		{"no shell", release.Probe{Kind: release.ProbeExec, Run: "if"}, "exit status 2"},
	})
}

// prometheus answers as its HTTP API does: https://prometheus.io/docs/prometheus/latest/querying/api/
func prometheus(t *testing.T) string {
	t.Helper()
	answer := func(kind, result string) string {
		return fmt.Sprintf(`{"status":"success","data":{"resultType":%q,"result":%s}}`, kind, result)
	}
	series := func(instance, value string) string {
		return fmt.Sprintf(`{"metric":{"__name__":"up","job":"web","instance":%q},"value":[1435781451.781,%q]}`, instance, value)
	}
	answers := map[string]string{
		`up{version="2.26.0",instance="p1",env="production"}`: answer("vector", "["+series("a", "1")+"]"),
		"two":    answer("vector", "["+series("a", "1")+","+series("b", "0")+"]"),
		"none":   answer("vector", "[]"),
		"scalar": answer("scalar", `[1435781451.781,"0.25"]`),
		"ratio":  answer("vector", `[{"metric":{},"value":[1435781451.781,"NaN"]}]`),
		"inf":    answer("vector", `[{"metric":{},"value":[1435781451.781,"+Inf"]}]`),
		"range":  answer("matrix", `[{"metric":{},"values":[[1435781451.781,"1"]]}]`),
		"odd":    answer("vector", `[{"metric":{},"value":[1,2]}]`),
		"page":   "<html>",
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /prom/api/v1/query", func(w http.ResponseWriter, r *http.Request) {
		text, known := answers[r.FormValue("query")]
		if !known {
			w.WriteHeader(http.StatusBadRequest)
			text = `{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": 1:4: parse error"}`
		}
		_, _ = fmt.Fprint(w, text)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + "/prom/"
}

func TestAPrometheusProbeHoldsEveryValueAgainstTheThresholds(t *testing.T) {
	server := prometheus(t)
	half, one := 0.5, 1.0
	ask := func(query string, above, below *float64) release.Probe {
		return release.Probe{Kind: release.ProbePrometheus, Server: server, Query: query, Above: above, Below: below}
	}
	checkAll(t, at(""), []kindCase{
		{"filled in", ask(`up{version="${VERSION}",instance="${TARGET}",env="${ENVIRONMENT}"}`, &half, nil), ""},
		{"scalar", ask("scalar", nil, &half), ""},
		{"scalar above", ask("scalar", &half, nil), "the value is 0.25, wanted above 0.5"},
		{"every series", ask("two", &half, nil), `up{instance="b",job="web"} is 0, wanted above 0.5`},
		{"the threshold itself", ask("two", nil, &one), `up{instance="a",job="web"} is 1, wanted below 1`},
		{"no data", ask("none", &half, nil), "no data: the query finds nothing"},
		{"NaN", ask("ratio", &half, nil), "the value is not a number (NaN)"},
		{"infinite", ask("inf", nil, &one), "the value is +Inf, wanted below 1"},
		{"range", ask("range", &half, nil), "the query gives a matrix: it has to give numbers of one moment"},
		{"no text", ask("odd", &half, nil), `the value is "2", which is no number`},
		{"refused", ask("up{", &half, nil), `Prometheus refuses the query: invalid parameter "query"`},
		{"no JSON", ask("page", &half, nil), `no answer of Prometheus: it begins "<html>"`},
	})
	other := ask("up", &half, nil)
	other.Server = "http://" + freeAddress(t)
	checkAll(t, at(""), []kindCase{{"nobody", other, "Prometheus: connection refused"}})
	other.Server = server + "elsewhere"
	checkAll(t, at(""), []kindCase{{"not there", other, "Prometheus answers with status 404"}})
}

func TestAWatchMeasuresWithEveryKindOfProbe(t *testing.T) {
	listening := greet(t, "", "")
	half := 0.5
	for _, p := range []release.Probe{
		{Kind: release.ProbeTCP},
		{Kind: release.ProbeExec, Run: `test "$ENVIRONMENT" = production`},
		{Kind: release.ProbePrometheus, Server: prometheus(t), Query: "scalar", Below: &half},
	} {
		t.Run(string(p.Kind), func(t *testing.T) {
			seen, err := probe.New().Watch(t.Context(), probe.Watch{
				Targets: []release.Target{{Name: "p1", URL: "http://" + listening.String()}}, Probe: p, Environment: "production",
				Interval: 50 * time.Millisecond, Until: time.Now().Add(300 * time.Millisecond),
			}, nil, nil)
			require.NoError(t, err)
			require.Zero(t, seen.Availability[0].Failed, seen.Availability[0].Down)
			require.Greater(t, seen.Availability[0].Probes, 1)
		})
	}
}

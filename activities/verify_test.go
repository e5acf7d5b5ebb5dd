package activities_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"slipway/activities"
	"slipway/activities/driver/probe"
	"slipway/release"
)

// verified makes the verification with real probes.
func verified(t *testing.T, targets []release.Target, v release.Verification) activities.VerifyResult {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	env := suite.NewTestActivityEnvironment()
	env.SetTestTimeout(time.Minute)
	a := &activities.Activities{Prober: probe.New()}
	env.RegisterActivity(a)
	value, err := env.ExecuteActivity(a.Verify, activities.VerifyInput{Estate: activities.Estate{Targets: targets}, Verification: v, Version: "2.0", Environment: "production"})
	require.NoError(t, err)
	var found activities.VerifyResult
	require.NoError(t, value.Get(&found))
	return found
}

// some gives targets p1, p2, … at a URL.
func some(n int, url string) (targets []release.Target) {
	for i := range n {
		targets = append(targets, release.Target{Name: fmt.Sprintf("p%d", i+1), URL: url})
	}
	return targets
}

const within = release.Duration(10 * time.Second)

// after is a probe that counts its runs on each target, and fails when the expression
// says so of their number N.
func after(t *testing.T, fails string) release.Probe {
	return release.Probe{Name: "jobs", Kind: release.ProbeExec, Timeout: within, Run: fmt.Sprintf(
		`echo >> "%[1]s/$TARGET"; N=$(($(wc -l < "%[1]s/$TARGET"))); if %[2]s; then echo "stuck at $N"; exit 1; fi`, t.TempDir(), fails,
	)}
}

func TestProbesMayTakeTheirTimeToPassFirst(t *testing.T) {
	v := release.Verification{Within: within, Probes: []release.Probe{after(t, "[ $N -lt 4 ]")}}
	require.Equal(t, activities.VerifyResult{Probes: 3}, verified(t, some(3, ""), v))
}

func TestWhatNeverPassesIsToldWithTargetProbeAndKind(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	found := verified(t, some(2, server.URL), release.Verification{Probes: []release.Probe{
		{Path: "/version"}, {Name: "mail", Kind: release.ProbeTCP}, after(t, "true"),
	}})
	require.Equal(t, 6, found.Probes)
	require.Len(t, found.Failures, 4, found.Failures)
	require.Equal(t, "p1, probe /version (http): status 404, wanted 200", found.Failures[0])
	require.Regexp(t, `^p1, probe jobs \(exec\): exit status 1: stuck at \d+$`, found.Failures[1])
	require.Contains(t, found.Failures[2], "p2, probe /version (http)")
}

func TestManyTargetsAreProbedAtTheSameTime(t *testing.T) {
	const together = 16
	var here atomic.Int32
	all := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if here.Add(1) == together {
			close(all)
		}
		<-all // nobody is answered before all have come
	}))
	defer server.Close()
	v := release.Verification{Probes: []release.Probe{{Path: "/", Timeout: within}}}
	require.Empty(t, verified(t, some(together, server.URL), v).Failures)
}

func TestEveryTargetIsAskedAtLeastOnceAndManyFailuresAreCounted(t *testing.T) {
	folder := t.TempDir()
	v := release.Verification{Probes: []release.Probe{{Kind: release.ProbeExec, Timeout: within, Run: fmt.Sprintf(`touch "%s/$TARGET"; exit 1`, folder)}}}
	found := verified(t, some(40, ""), v)
	require.Len(t, found.Failures, 40)
	asked, err := filepath.Glob(folder + "/p*")
	require.NoError(t, err)
	require.Len(t, asked, 40)

	found = verified(t, some(130, ""), release.Verification{Probes: []release.Probe{{Path: "/"}}}) // without a URL
	require.Len(t, found.Failures, 101)
	require.Equal(t, "and 30 probes more", found.Failures[100])
}

func TestProbesHaveToHoldAfterTheyPassed(t *testing.T) {
	hold := release.Duration(2500 * time.Millisecond) // probes after 1, 2 and 2.5 s
	for _, c := range []struct {
		name, fails string
		tolerated   int
		failure     string
	}{
		{"all along", "false", 0, ""},
		{"one failure", "[ $N -eq 3 ]", 0, "it had to hold for 2.5s with at most 0 failures, and had 1; last: exit status 1: stuck at 3"},
		{"one failure that is tolerated", "[ $N -eq 3 ]", 1, ""},
		{"one too many", "[ $N -ge 2 ]", 1, "it had to hold for 2.5s with at most 1 failures, and had 2; last: exit status 1: stuck at 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			found := verified(t, some(1, ""), release.Verification{Probes: []release.Probe{after(t, c.fails)}, Within: within, Hold: hold, Failures: c.tolerated})
			if c.failure == "" {
				require.Empty(t, found.Failures)
				require.GreaterOrEqual(t, time.Since(begun), hold.Std())
				return
			}
			require.Equal(t, []string{"p1, probe jobs (exec): " + c.failure}, found.Failures)
		})
	}
}

func TestOnlyWhatFailsTooOftenOnOneTargetFails(t *testing.T) {
	// Each of two targets fails once, at another time: one failure each is tolerated.
	probe := after(t, `{ [ $TARGET = p1 ] && [ $N -eq 2 ]; } || { [ $TARGET = p2 ] && [ $N -eq 3 ]; }`)
	v := release.Verification{Probes: []release.Probe{probe}, Within: within, Hold: release.Duration(2500 * time.Millisecond), Failures: 1}
	require.Empty(t, verified(t, some(2, ""), v).Failures)
}

func TestAProbeKnowsTheEnvironmentAndTheVersion(t *testing.T) {
	file := filepath.Join(t.TempDir(), "knows")
	v := release.Verification{Probes: []release.Probe{{Kind: release.ProbeExec, Timeout: within, Run: `echo "$TARGET $TARGET_URL $VERSION $ENVIRONMENT" > ` + file}}}
	require.Empty(t, verified(t, some(1, "http://h:1"), v).Failures)
	knows, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "p1 http://h:1 2.0 production", strings.TrimSpace(string(knows)))
}

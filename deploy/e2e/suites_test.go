package e2e_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/source/sourcetest"
	"slipway/release"
)

// testingSite makes a site with an environment for tests.
func testingSite(t *testing.T) *site {
	t.Helper()
	s := plainSite(t)
	o := &s.config.Organization
	o.Environments = append(o.Environments, s.environment("test", 2), s.environment("pilot", 1))
	o.Sources = []release.SourcePlace{{Dir: "/", Purposes: []string{"staging", "pilot"}}, {Git: s.folder}}
	s.work()
	return s
}

// flaky fails once, then passes; it waits until the test lets it.
const flaky = `until test -e "$GO"; do sleep 0.05; done
echo "1..2"
echo "ok 1 - $ENVIRONMENT: $TARGETS at $TARGET_URLS"
test -e "$MARK" && echo "ok 2 - order" && exit
touch "$MARK"
echo "not ok 2 - order" && exit 1`

func TestReleasesTestOneAfterTheOtherInAnEnvironmentAndSayWhatWasFlaky(t *testing.T) {
	s := testingSite(t)
	tested := func(service, environment string) release.Definition {
		d := to(s.standard("1.0"), service, s.env(environment))
		d.Test.Environment = s.env("test")
		d.Test.Parallel = 1
		d.Test.Suites[0].Kind, d.Test.Suites[0].Results, d.Test.Suites[0].Reruns = release.SuiteAcceptance, "tap", 1
		d.Test.Suites[0].Run, d.Test.Suites[0].Env = flaky, map[string]string{"GO": s.path("go"), "MARK": s.path("mark-" + service)}
		return d
	}
	first := s.start(tested(s.name, "staging"))
	s.until(first, "its tests", func(r release.Record) bool { return r.Phase == release.StageTest })
	held := func() string {
		environments, err := s.starter.Environments(s.ctx())
		require.NoError(t, err)
		for _, e := range environments {
			if e.Name == s.env("test") && e.Holder != nil {
				return e.Holder.Holder
			}
		}
		return ""
	}
	require.Eventually(t, func() bool { return held() == first }, patience, 50_000_000)
	second := s.start(tested(s.name+"-shop", "pilot"))
	r := s.awaits(second, release.WaitLease+":"+s.env("test"))
	require.Contains(t, r.Awaiting[0].Needs, first+" has "+s.env("test"))
	require.NoError(t, os.WriteFile(s.path("go"), nil, 0o644))

	for _, id := range []string{first, second} {
		r := s.ended(id) // where an auditor looks at the logs of both runs
		require.Equal(t, release.Completed, r.Outcome, r.Reason)
		e := r.Evidence[0]
		require.Equal(t, []string{"order"}, e.Flaky)
		require.Equal(t, 2, e.Runs)
		require.Len(t, e.Earlier, 1)
		require.Equal(t, release.Proved, r.Requirements[0].State())
	}
	require.Empty(t, held(), "it was given back")
	s.keep(second, "tested-in-environment")
	r, err := s.starter.Status(s.ctx(), first)
	require.NoError(t, err)
	plan, err := s.starter.PlanOf(s.ctx(), first)
	require.NoError(t, err)
	require.Contains(t, release.Details(r, plan), "passed on run 2; flaky: order")
}

func TestAReleaseFollowsItsBranchUntilTheTestsPass(t *testing.T) {
	s := testingSite(t)
	repository := sourcetest.NewRepository(t, s.path("repository"))
	commit := func(text string) string { return repository.Commit(map[string]string{"answer": text}) }
	broken := commit("41")
	d := to(s.definition("1.0"), s.name, s.env("staging"))
	d.Components[0].Source = release.Source{Git: repository.Folder, Branch: "main", Commit: broken}
	d.Build.Steps[0].Run = `cp answer "$OUT/answer"; printf %s "$VERSION" >"$OUT/VERSION"`
	d.Test.Suites[0].Run = `grep -qx 42 "$PACKAGE/answer"`
	d.Test.Follow = release.Duration(10 * time.Second)
	id := s.start(d)
	s.authorize(id, release.GatePlan, "ana", "ben")
	r := s.awaits(id, release.WaitRebuild)
	require.Contains(t, r.Awaiting[0].Needs, "a new commit on branch main of app ("+broken[:8]+"), looked for every 10s")
	mended := commit("42")

	r = s.awaits(id, release.DeployGate(s.env("staging")))
	require.Len(t, r.Builds, 2)
	require.NotEmpty(t, r.Builds[1].Package)
	said := "app follows branch main: " + broken[:8] + " → " + mended[:8]
	require.Equal(t, said, r.Acts[len(r.Acts)-1].Summary)
	plan, err := s.starter.PlanOf(s.ctx(), id)
	require.NoError(t, err)
	require.Contains(t, release.Details(r, plan), "**Not built as planned**")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	require.Equal(t, release.Completed, s.ended(id).Outcome)
	require.Equal(t, 1, s.count("SELECT count(*) FROM actions WHERE release = $1 AND action = 'rebuild' AND person = 'Slipway' AND counted", id))
	s.keep(id, "followed")
}

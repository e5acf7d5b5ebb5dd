package e2e_test

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/release"
)

// misbehave starts a release whose only build step is this script, and gives it
// when it waits for somebody to say "rebuild".
func misbehave(s *site, script string, timeout time.Duration) release.Record {
	s.t.Helper()
	d := s.standard("1.0")
	d.Build.Steps[0].Run, d.Build.Steps[0].Timeout = script, release.Duration(timeout)
	return s.awaits(s.start(d), release.WaitRebuild)
}

// gone waits until the process whose number a script wrote down is no more.
func (s *site) gone(file string) {
	s.t.Helper()
	pid, err := strconv.Atoi(s.lines(file)[0])
	require.NoError(s.t, err)
	require.Eventually(s.t, func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH }, 5*time.Second, 10*time.Millisecond)
}

func TestAScriptThatFailsEndsTheBuildWithItsStatusAndItsLastLines(t *testing.T) {
	s := newSite(t)
	r := misbehave(s, "echo first; echo the disk is full >&2; exit 7", 0)
	require.Contains(t, r.Builds[0].Failure, "exit status 7: the disk is full")
	require.Equal(t, 7, r.Builds[0].Steps[0].Exit)
	require.Contains(t, r.Awaiting[0].Needs, "the disk is full")

	d, err := s.starter.Rebuild(s.ctx(), r.ID, release.Rebuild{Sender: release.Sender{By: "olga"}, Reason: "again"})
	require.ErrorContains(t, err, "olga may not rebuild", d)
	_, err = s.starter.Rebuild(s.ctx(), r.ID, release.Rebuild{Sender: release.Sender{By: "tess"}, Reason: "the disk was cleaned"})
	require.NoError(t, err)
	r = s.until(r.ID, "build 2", func(r release.Record) bool { return len(r.Builds) == 2 && len(r.Awaiting) == 1 })
	_, err = s.starter.Withdraw(s.ctx(), r.ID, release.Withdraw{Sender: release.Sender{By: "marc"}, Reason: "the source is broken"})
	require.NoError(t, err)
	require.Equal(t, release.Withdrawn, s.ended(r.ID).Outcome)
	s.keep(r.ID, "rebuilt-and-withdrawn")
}

func TestAScriptThatHangsIsEndedWithItsChildrenAtItsTimeout(t *testing.T) {
	s := newSite(t)
	r := misbehave(s, "trap '' TERM; sleep 600 & echo $! >"+s.path("pid")+"; wait; sleep 600", time.Second)
	require.Contains(t, r.Builds[0].Failure, "timed out")
	require.True(t, r.Builds[0].Steps[0].TimedOut)
	s.gone("pid")
}

func TestWhatAScriptLeavesRunningIsGoneWhenItEnds(t *testing.T) {
	s := newSite(t)
	d := s.standard("1.0")
	d.Build.Steps[0].Run += "; sleep 600 & echo $! >" + s.path("pid")
	r := s.ended(s.start(d))
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	s.gone("pid")
}

func TestTheWholeOutputOfAScriptIsInTheDMLHoweverLong(t *testing.T) {
	const size = 200 << 20
	s := newSite(t)
	r := misbehave(s, "head -c "+strconv.Itoa(size)+" /dev/zero | tr '\\0' x; echo; echo the end; exit 1", 0)
	execution := r.Builds[0].Steps[0]
	require.Contains(t, r.Builds[0].Failure, "exit status 1: the end")
	require.Less(t, len(execution.Tail), 10_000)
	require.Equal(t, int64(size+len("\nthe end\n")), execution.Log.Size)
	library, err := dml.Open(s.config.DML)
	require.NoError(t, err)
	log, err := library.OpenBlob(s.ctx(), execution.Log.Digest)
	require.NoError(t, err)
	require.NoError(t, log.Close())
}

func TestADeploymentStepThatHangsBacksOutAndLeavesNothingRunning(t *testing.T) {
	s := newSite(t)
	s.ended(s.start(s.standard("1.0")))
	d := s.standard("2.0")
	d.Steps = append(d.Steps, release.Step{
		Name: "hang", Kind: release.ServiceDeployment, Per: release.PerTarget, Timeout: release.Duration(time.Second),
		Run: "echo $$ >" + s.path("pid") + "; sleep 600",
	})
	r := s.ended(s.start(d))
	require.Equal(t, release.BackedOut, r.Outcome, r.Reason)
	require.Contains(t, r.Reason, "timed out")
	s.serves("staging", "1.0")
	s.gone("pid")
}

func TestASecretIsSeenByTheScriptAndByNobodyElse(t *testing.T) {
	s := newSite(t)
	require.NoError(t, os.WriteFile(s.path("token"), []byte("hunter2-and-more\n"), 0o600))
	d := s.standard("1.0")
	d.Build.Steps[0].Secrets = map[string]string{"TOKEN": "file:" + s.path("token")}
	d.Build.Steps[0].Run = `[ "$TOKEN" = hunter2-and-more ]; echo "the token is $TOKEN"; exit 1`
	r := s.awaits(s.start(d), release.WaitRebuild)
	require.Contains(t, r.Builds[0].Steps[0].Tail, "the token is ***")
	raw, err := s.starter.RawHistory(s.ctx(), r.ID)
	require.NoError(t, err)
	require.NotContains(t, string(raw), "hunter2")
	require.False(t, strings.Contains(r.Builds[0].Failure, "hunter2"))
}

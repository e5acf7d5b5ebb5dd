package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/target/ssh/sshtest"
	"slipway/config"
	"slipway/release"
)

// overSSH is a site whose production is reached by SSH, each target at its address,
// which is made of its folder.
func overSSH(t *testing.T, server *sshtest.Server, addresses ...func(folder string) string) *site {
	t.Helper()
	s := plainSite(t)
	s.config.SSH = config.SSH{Identity: "file:" + server.Identity, KnownHosts: server.KnownHosts}
	production := s.environment("production", len(addresses))
	for i := range production.Targets {
		at := &production.Targets[i]
		at.Address, at.Folder = addresses[i](at.Folder), ""
	}
	s.config.Organization.Environments = []release.Environment{production}
	s.work()
	return s
}

// inProduction is a standard release of so many random bytes to production alone,
// all targets at once.
func (s *site) inProduction(version string, size int) release.Definition {
	d := s.standard(version)
	d.Build.Steps[0].Run += fmt.Sprintf(`; head -c %d /dev/urandom >"$OUT/data"`, size)
	d.Environments = []release.EnvironmentDefinition{{Name: s.env("production")}}
	return d
}

// perTarget is a step that runs a script on each target, and one that undoes it.
func perTarget(name, script, backOut string) release.Step {
	return release.Step{Name: name, Kind: release.ServiceDeployment, Per: release.PerTarget, Run: script, BackOut: backOut}
}

// at gives the path of something of a target of production.
func (s *site) at(number int, names ...string) string {
	return s.path(append([]string{"targets", fmt.Sprintf("production-%d", number)}, names...)...)
}

// appears waits until somebody made a file.
func (s *site) appears(path string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { _, err := os.Stat(path); return err == nil }, patience, 10*time.Millisecond, path)
}

func TestAReleaseGoesLiveOverSSHAndOneThatFailsIsTakenBackEverywhere(t *testing.T) {
	server := sshtest.Start(t)
	s := overSSH(t, server, server.Address, server.Address, server.Address)
	first := s.inProduction("1.0", 1000)
	first.Steps = append(first.Steps,
		perTarget("register", `echo "SEEN=$TARGET holds $(cat "$PACKAGE/VERSION")" >>"$OUTPUT"`, "true"),
		perTarget("announce", `echo "$REGISTER_SEEN" >"$TARGET_FOLDER/announced"`, `rm -f "$TARGET_FOLDER/announced"`),
	)
	r := s.ended(s.start(first))
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	s.serves("production", "1.0")
	for number := 1; number <= 3; number++ {
		announced, err := os.ReadFile(s.at(number, "announced"))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("production-%d holds 1.0\n", number), string(announced))
	}
	require.Len(t, r.Environments[0].Audits, 2)
	for _, audit := range r.Environments[0].Audits {
		require.Equal(t, 3, audit.Targets)
		require.Empty(t, audit.Discrepancies, audit.When)
	}

	second := s.inProduction("2.0", 1000)
	second.Steps = append(second.Steps, perTarget("licence",
		`[ "$TARGET" != production-2 ] || { echo no licence >&2; exit 3; }`, `echo undone >>"$TARGET_FOLDER/licence"`))
	r = s.ended(s.start(second))
	require.Equal(t, release.BackedOut, r.Outcome, r.Reason)
	require.Contains(t, r.Reason, "licence on production-2 failed: exit status 3: no licence")
	s.serves("production", "1.0")
	require.Equal(t, []string{"undone"}, s.lines("targets/production-1/licence"), "where it had begun")
	require.Equal(t, []string{"undone"}, s.lines("targets/production-2/licence"))
	require.NoFileExists(t, s.at(3, "licence"))
	for number := 1; number <= 3; number++ {
		left, err := filepath.Glob(s.at(number, "releases", "2.0-*"))
		require.NoError(t, err)
		require.Empty(t, left)
	}
}

func TestADeploymentOverSSHBeginsOnceEveryTargetAnswersAndIsWhoItWas(t *testing.T) {
	server := sshtest.Start(t)
	away := server.Neighbour(t)
	away.Stop()
	s := overSSH(t, server, server.Address, away.Address)
	id := s.start(s.inProduction("1.0", 1000))
	// waits checks why the deployment does not begin, and gives since when.
	waits := func(after time.Time, says ...string) time.Time {
		r := s.until(id, "a wait because "+says[0], func(r release.Record) bool {
			return len(r.Awaiting) == 1 && r.Awaiting[0].Kind == release.WaitStep && r.Awaiting[0].Since.After(after) && strings.Contains(r.Awaiting[0].Needs, says[0])
		})
		for _, part := range append(says, "step readiness", `target "production-2"`) {
			require.Contains(t, r.Awaiting[0].Needs, part)
		}
		require.NotContains(t, r.Awaiting[0].Needs, "production-1")
		require.NoDirExists(t, s.at(1, "releases"), "nothing began")
		return r.Awaiting[0].Since
	}
	retry := func(reason string) {
		_, err := s.starter.ResolveStep(s.ctx(), id, s.env("production"), release.ResolveStep{
			Sender: release.Sender{By: "tess"}, Step: "readiness", Action: release.ResolveRetry, Reason: reason,
		})
		require.NoError(t, err)
	}
	since := waits(time.Time{}, "connection refused", "see that the machine is up, that sshd listens there")

	was, is := away.Rekey(t)
	away.Resume(t)
	retry("sshd runs again, for the machine was set up anew")
	waits(since, was, is, "ssh-keygen -R")
	out, err := exec.Command("ssh-keygen", "-R", fmt.Sprintf("[127.0.0.1]:%d", away.Port), "-f", away.KnownHosts).CombinedOutput()
	require.NoError(t, err, string(out))
	away.Trust(t, away.Port)
	retry("its new key was compared and is known")

	r := s.ended(id)
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	s.serves("production", "1.0")
}

func TestACutConnectionLosesNothingAndRepeatsNothing(t *testing.T) {
	server := sshtest.Start(t)
	proxy := server.Proxy(t)
	s := overSSH(t, server, server.Address, func(folder string) string { return server.AddressAt(proxy.Port, folder) })
	const size = 8_000_000
	proxy.CutAfter(size * 3 / 4)
	r := s.ended(s.start(s.inProduction("1.0", size)))
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	s.serves("production", "1.0")
	require.Equal(t, 2, proxy.Connections(), "it was cut in the transfer")
	require.Less(t, proxy.Sent(), int64(size*3/2), "what had arrived was not sent again")

	d := s.inProduction("2.0", 1000)
	d.Steps = append(d.Steps, perTarget("migrate", `echo ran >>"$TARGET_FOLDER/runs"; [ "$TARGET" = production-1 ] ||
		while [ ! -e "$TARGET_FOLDER/go" ]; do sleep 0.02; done; echo "ID=$TARGET" >>"$OUTPUT"`, "true"),
		perTarget("tell", `echo "$MIGRATE_ID" >"$TARGET_FOLDER/told"`, "true"))
	id := s.start(d)
	s.appears(s.at(2, "runs"))
	proxy.Cut()
	require.Eventually(t, func() bool { return proxy.Connections() >= 3 }, patience, 10*time.Millisecond, "its mark is looked for while it runs")
	require.NoError(t, os.WriteFile(s.at(2, "go"), nil, 0o644))
	r = s.ended(id)
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	s.serves("production", "2.0")
	require.Equal(t, 1, s.count("SELECT count(*) FROM steps WHERE release = $1 AND step = 'migrate' AND target = 'production-2' AND fate = 'done' AND message = 'its mark says so'", id))
	for number := 1; number <= 2; number++ {
		for file, holds := range map[string]string{"runs": "ran\n", "told": fmt.Sprintf("production-%d\n", number)} {
			data, err := os.ReadFile(s.at(number, file))
			require.NoError(t, err)
			require.Equal(t, holds, string(data), file)
		}
	}
}

func TestADiskThatIsFullInATransferOverSSHTakesTheReleaseBack(t *testing.T) {
	server, small := sshtest.Start(t), t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=4m"); err != nil {
		t.Skip("only root can mount a file system that is too small: ", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(small, syscall.MNT_DETACH)) })
	s := overSSH(t, server, server.Address, func(folder string) string {
		require.NoError(t, os.Remove(folder))
		require.NoError(t, os.Symlink(small, folder)) // The site looks there for what it serves.
		return server.Address(small)
	})
	require.Equal(t, release.Completed, s.ended(s.start(s.inProduction("1.0", 1000))).Outcome)
	r := s.ended(s.start(s.inProduction("2.0", 4_000_000)))
	require.Equal(t, release.BackedOut, r.Outcome, r.Reason)
	require.Contains(t, r.Reason, "transfer on production-2 failed")
	require.Contains(t, r.Reason, "disk full: 2.0-")
	s.serves("production", "1.0")
	for number := 1; number <= 2; number++ {
		left, err := filepath.Glob(s.at(number, "releases", "*2.0-*"))
		require.NoError(t, err)
		require.Empty(t, left)
	}
}

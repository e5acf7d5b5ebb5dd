package ssh_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/target"
	"slipway/activities/driver/target/ssh"
	"slipway/activities/driver/target/ssh/sshtest"
	"slipway/release"
)

// fails checks that a transfer fails for certain, and that an observation is an error
// of that kind; both say the same.
func fails(t *testing.T, driver target.Driver, on release.Target, p pack, kind error, says ...string) {
	t.Helper()
	_, err := driver.Observe(t.Context(), on, "")
	require.ErrorIs(t, err, kind)
	out, doErr := driver.Do(t.Context(), on, p.operation(target.Transfer))
	require.NoError(t, doErr, "nothing was done, for certain")
	for _, part := range append(says, `target "p1"`, on.Address) {
		assert.ErrorContains(t, err, part)
		assert.Contains(t, out.Problem, part)
	}
	assert.NotContains(t, out.Problem, "\n")
}

func TestATargetThatDoesNotAnswerIsUnreachable(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	driver := newDriver(t, server, p)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, listener.Close())
	server.Trust(t, port)
	fails(t, driver, release.Target{Name: "p1", Address: server.AddressAt(port, t.TempDir())}, p, target.ErrUnreachable, "refused")
	fails(t, driver, release.Target{Name: "p1", Address: "ssh://me@no-such-host.invalid:22/srv"}, p, target.ErrUnreachable, "no-such-host.invalid")
}

func TestAHostKeyThatIsNotTheKnownOneIsToldWithBoth(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	known, own := server.Distrust(t)
	fails(t, newDriver(t, server, p), on(server, t.TempDir()), p, target.ErrHostKey, known, own, "ssh-keyscan -p "+strconv.Itoa(server.Port), "ssh-keygen -R")
}

func TestAnUnknownHostIsNotTrusted(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	_, own := server.Distrust(t)
	at := on(server, t.TempDir())
	for _, clear := range []func() error{
		func() error { return os.WriteFile(server.KnownHosts, nil, 0o600) },
		func() error { return os.Remove(server.KnownHosts) },
	} {
		require.NoError(t, clear())
		fails(t, newDriver(t, server, p), at, p, target.ErrHostKey, own, "none is known", "ssh-keyscan -p "+strconv.Itoa(server.Port)+" 127.0.0.1 >> "+server.KnownHosts)
	}
	server.Trust(t, server.Port)
	require.Empty(t, do(t, newDriver(t, server, p), at, p, target.Transfer), "once it is known")
}

func TestALoginThatIsRefusedTellsWhichKeysWereTried(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	file := filepath.Join(t.TempDir(), "other")
	key := sshtest.Fingerprint(sshtest.NewKey(t, file))
	for identity, says := range map[string]string{
		"file:" + file:      key,
		"file:/no/such/key": "/no/such/key",
		"password":          "file:PATH",
	} {
		driver := ssh.New(ssh.Options{Identity: identity, KnownHosts: server.KnownHosts}, p)
		t.Cleanup(driver.Close)
		fails(t, driver, on(server, t.TempDir()), p, ssh.ErrLogin, says)
	}
}

func TestAFolderThatCannotBeUsedIsNamed(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	driver := newDriver(t, server, p)
	missing := filepath.Join(t.TempDir(), "missing")
	fails(t, driver, on(server, missing), p, target.ErrUnusable, missing, "does not exist")
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	fails(t, driver, on(server, file), p, target.ErrUnusable, "not a folder")
	for _, kind := range []target.Kind{target.Deactivate, target.Remove} {
		require.Empty(t, do(t, driver, on(server, missing), p, kind), "nothing happened there")
	}

	closed := t.TempDir()
	if os.Getuid() == 0 {
		closed = "/proc/self/net" // Not even root makes a folder there.
	} else {
		require.NoError(t, os.Chmod(closed, 0o500))
	}
	out, err := driver.Do(t.Context(), on(server, closed), p.operation(target.Transfer))
	require.NoError(t, err)
	assert.Contains(t, out.Problem, target.ErrUnusable.Error())
}

// tmpfs mounts a file system of that size in kilobytes.
func tmpfs(t *testing.T, kilobytes int) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can mount a file system that is too small")
	}
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+strconv.Itoa(kilobytes)+"k"); err != nil {
		t.Skip("cannot mount a file system that is too small: ", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(folder, syscall.MNT_DETACH)) })
	return folder
}

func TestADiskThatIsTooSmallIsToldBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 2_000_000)
	folder := tmpfs(t, 1024)
	problem := do(t, newDriver(t, server, p), on(server, folder), p, target.Transfer)
	assert.Contains(t, problem, "disk full: "+p.name()+" needs 4009 kB more")
	assert.Equal(t, []string{".lock"}, names(t, filepath.Join(folder, "releases")))
}

func TestADiskThatFillsUpOnTheWayLeavesNothing(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 2_000_000)
	folder := tmpfs(t, 5000)
	o := p.operation(target.Transfer)
	filled := false
	o.Progress = func(string) {
		if !filled {
			filled = true
			_ = os.WriteFile(filepath.Join(folder, "someone"), make([]byte, 5<<20), 0o600) // as far as it goes
		}
	}
	out, err := newDriver(t, server, p).Do(t.Context(), on(server, folder), o)
	require.NoError(t, err)
	assert.True(t, filled)
	assert.Contains(t, out.Problem, "disk full")
	assert.Equal(t, []string{".lock"}, names(t, filepath.Join(folder, "releases")))
}

func TestAConnectionThatIsCutInATransferGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	const size = 8_000_000
	server, p := sshtest.Start(t), newPack(t, "1.0.0", size)
	proxy := server.Proxy(t)
	driver, folder := newDriver(t, server, p), t.TempDir()
	at := release.Target{Name: "p1", Address: server.AddressAt(proxy.Port, folder)}
	proxy.CutAfter(6_000_000)
	_, err := driver.Do(t.Context(), at, p.operation(target.Transfer))
	require.ErrorIs(t, err, target.ErrUnreachable)
	assert.ErrorContains(t, err, "cut")
	assert.NoDirExists(t, filepath.Join(folder, "releases", p.name()))

	part, err := os.Stat(p.part(folder))
	require.NoError(t, err)
	require.NotZero(t, part.Size())

	before := proxy.Sent()
	require.Empty(t, do(t, driver, at, p, target.Transfer, target.Activate))
	assert.Less(t, proxy.Sent()-before, size-part.Size()+300_000, "what was there is not sent again")
	seen, err := driver.Observe(t.Context(), at, "")
	require.NoError(t, err)
	assert.True(t, seen.Held.Intact)
}

func TestWhatABrokenTransferLeftIsNotBelieved(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 100_000)
	driver, folder := newDriver(t, server, p), t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "releases"), 0o755))
	part := p.part(folder)
	for _, left := range []int{100, 50_000, 1_000_000} {
		require.NoError(t, os.WriteFile(part, make([]byte, left), 0o644))
		require.Empty(t, do(t, driver, on(server, folder), p, target.Transfer), "%d bytes", left)
		assert.NoFileExists(t, part)
		require.Empty(t, do(t, driver, on(server, folder), p, target.Remove))
	}
}

func TestADeadConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	proxy := server.Proxy(t)
	driver := newDriver(t, server, p)
	at := release.Target{Name: "p1", Address: server.AddressAt(proxy.Port, t.TempDir())}
	for n := range 3 {
		require.Empty(t, do(t, driver, at, p, target.Transfer, target.Activate, target.Transfer))
		assert.Equal(t, n+1, proxy.Connections(), "one after the other over the same")
		proxy.Cut()
	}
}

func TestManyTargetsOfOneMachineShareItsConnection(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 100_000)
	proxy := server.Proxy(t)
	driver := newDriver(t, server, p)
	var group sync.WaitGroup
	for range 12 {
		at := release.Target{Name: "p1", Address: server.AddressAt(proxy.Port, t.TempDir())}
		group.Go(func() {
			assert.Empty(t, do(t, driver, at, p, target.Transfer, target.Activate))
			seen, err := driver.Observe(t.Context(), at, "")
			assert.NoError(t, err)
			assert.True(t, seen.Held.Intact)
		})
	}
	group.Wait()
	assert.Equal(t, 1, proxy.Connections())
}

func TestAnOperationWaitsForTheLockUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	folder := t.TempDir()
	at := on(server, folder)
	holder, over := context.WithCancel(t.Context())
	begun := make(chan struct{})
	ended := make(chan error, 1)
	o := p.script("a/1", "echo begun; sleep 60")
	o.Progress = func(string) { close(begun) }
	go func() {
		_, err := newDriver(t, server, p).Do(holder, at, o)
		ended <- err
	}()
	<-begun
	waiter, giveUp := context.WithCancel(t.Context())
	o = p.operation(target.Transfer)
	o.Progress = func(line string) {
		assert.Contains(t, line, "waits for another operation")
		giveUp()
	}
	_, err := newDriver(t, server, p).Do(waiter, at, o)
	require.ErrorIs(t, err, context.Canceled)
	over()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.Empty(t, do(t, newDriver(t, server, p), at, p, target.Transfer))
}

func TestAnAccountWithoutAShellIsSaid(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t, "ForceCommand echo this account is for mail alone; exit 1"), newPack(t, "1.0.0", 1000)
	fails(t, newDriver(t, server, p), on(server, t.TempDir()), p, target.ErrUnusable, "this account is for mail alone")
}

func TestAServerThatOpensNoSessionIsSaid(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t, "MaxSessions 0"), newPack(t, "1.0.0", 1000)
	fails(t, newDriver(t, server, p), on(server, t.TempDir()), p, target.ErrUnusable, "MaxSessions")
}

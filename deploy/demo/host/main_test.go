package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary plays all parts: started under the service's name it is the
// service, with hostRole set it is the supervisor.
const hostRole = "SLIPWAY_TEST_HOST"

func TestMain(m *testing.M) {
	switch {
	case filepath.Base(os.Args[0]) == "go-httpbin":
		serve()
	case os.Getenv(hostRole) != "":
		main()
	default:
		os.Exit(m.Run())
	}
}

// serve answers with the name of the release that it was started from.
func serve() {
	folder, _ := os.Getwd()
	if _, err := os.Stat("stubborn"); err == nil {
		signal.Ignore(syscall.SIGTERM)
	}
	http.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) { os.Exit(7) })
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, filepath.Base(folder)) })
	fmt.Fprintln(os.Stderr, http.ListenAndServe(net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT")), nil))
	os.Exit(1)
}

func TestHostFollowsCurrent(t *testing.T) {
	t.Parallel()
	target := startTarget(t)
	target.install("v1")
	target.install("v2")

	target.activate("v1")
	target.hangUp()
	target.eventually("v1")
	first := target.pid("service.pid")

	target.activate("v2")
	if got := target.ask("/"); got != "v1" {
		t.Errorf("before the restart %q answers, want v1: the link alone must not change what serves", got)
	}
	target.hangUp()
	target.eventually("v2")
	if alive(first) {
		t.Errorf("the old service (%d) is still there", first)
	}
}

func TestHostServesNothingWithoutCurrent(t *testing.T) {
	t.Parallel()
	target := startTarget(t)
	target.install("v1")
	target.activate("v1")
	target.hangUp()
	target.eventually("v1")
	if err := os.Remove(filepath.Join(target.folder, "current")); err != nil {
		t.Fatal(err)
	}
	target.hangUp()
	target.eventually("")
}

func TestHostRestartsACrashedService(t *testing.T) {
	t.Parallel()
	target := startTarget(t)
	target.install("v1")
	target.activate("v1")
	target.hangUp()
	target.eventually("v1")
	first := target.pid("service.pid")
	target.ask("/crash")
	target.until("another process serves", func() bool {
		return target.ask("/") == "v1" && target.pid("service.pid") != first
	})
}

func TestHostKillsAServiceThatDoesNotStop(t *testing.T) {
	t.Parallel()
	target := startTarget(t)
	stubborn := target.install("stubborn")
	if err := os.WriteFile(filepath.Join(stubborn, "stubborn"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	target.install("v2")
	target.activate("stubborn")
	target.hangUp()
	target.eventually("stubborn")
	target.activate("v2")
	target.hangUp()
	target.eventually("v2")
}

func TestHostStopsItsService(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			target := startTarget(t)
			target.install("v1")
			target.activate("v1")
			target.hangUp()
			target.eventually("v1")
			service := target.pid("service.pid")
			target.signal(sig)
			target.until("the service is gone", func() bool { return !alive(service) })
		})
	}
}

// target is a folder with a running supervisor.
type target struct {
	*testing.T
	folder string
	port   int
}

func startTarget(t *testing.T) *target {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()

	target := &target{T: t, folder: t.TempDir(), port: port}
	cmd := exec.Command(os.Args[0], "-folder", target.folder, "-port", strconv.Itoa(port))
	cmd.Env = append(os.Environ(), hostRole+"=1")
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	target.until("host.pid", func() bool { return target.pid("host.pid") == cmd.Process.Pid })
	return target
}

// install makes a release folder whose service is this test binary.
func (t *target) install(release string) string {
	t.Helper()
	folder := filepath.Join(t.folder, "releases", release)
	if err := os.MkdirAll(filepath.Join(folder, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(folder, "bin", "go-httpbin")); err != nil {
		t.Fatal(err)
	}
	return folder
}

func (t *target) activate(release string) {
	t.Helper()
	fresh := filepath.Join(t.folder, "current.new")
	if err := os.Symlink(filepath.Join("releases", release), fresh); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, filepath.Join(t.folder, "current")); err != nil {
		t.Fatal(err)
	}
}

func (t *target) hangUp() { t.signal(syscall.SIGHUP) }

func (t *target) signal(sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(t.pid("host.pid"), sig); err != nil {
		t.Fatal(err)
	}
}

// pid reads a pid file; 0 while there is none.
func (t *target) pid(file string) int {
	data, _ := os.ReadFile(filepath.Join(t.folder, file))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(data)))
	return pid
}

// ask gives what the service answers, or "" when nothing does.
func (t *target) ask(path string) string {
	response, err := http.Get("http://127.0.0.1:" + strconv.Itoa(t.port) + path)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return string(body)
}

func (t *target) eventually(answer string) {
	t.Helper()
	t.until(fmt.Sprintf("the answer %q", answer), func() bool { return t.ask("/") == answer })
}

func (t *target) until(what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// Package sshtest runs a real sshd for tests: on a free loopback port, as the user of
// the test, with a host key, an identity and a configuration of its own.
package sshtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Server is a running sshd.
type Server struct {
	// Port is where it listens on 127.0.0.1.
	Port int
	// User is who may log in: the one that runs the test.
	User string
	// Identity is the file of the private key that is let in, KnownHosts that of the
	// server's host key.
	Identity, KnownHosts string

	program, folder string
	identity, host  ssh.PublicKey
	sshd            *exec.Cmd
}

// Start runs a server until the test ends, with further lines of configuration. Without
// sshd the test is skipped, or fails when SLIPWAY_TEST_SSHD is 1.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	folder := t.TempDir()
	s := &Server{Identity: filepath.Join(folder, "identity"), KnownHosts: filepath.Join(folder, "known_hosts")}
	s.identity = NewKey(t, s.Identity)
	s.begin(t, folder, settings)
	return s
}

// Neighbour runs another server, which lets the same identity in and is known beside
// this one.
func (s *Server) Neighbour(t testing.TB, settings ...string) *Server {
	t.Helper()
	n := &Server{Identity: s.Identity, KnownHosts: s.KnownHosts, identity: s.identity}
	n.begin(t, t.TempDir(), settings)
	return n
}

// begin sets a server up and runs it until the test ends.
func (s *Server) begin(t testing.TB, folder string, settings []string) {
	t.Helper()
	s.program = find(t)
	who, err := user.Current()
	require.NoError(t, err)
	if who.Uid == "0" {
		require.NoError(t, os.MkdirAll("/run/sshd", 0o755)) // It insists on that for root.
	}
	s.Port, s.User, s.folder = freePort(t), who.Username, folder
	s.Admit(t, s.identity)
	s.host = NewKey(t, filepath.Join(folder, "host_key"))
	s.Trust(t, s.Port)
	s.configure(t, settings)
	s.Resume(t)
	t.Cleanup(s.Stop)
}

// find gives the path of sshd, which has to be absolute.
func find(t testing.TB) string {
	for _, program := range []string{"sshd", "/usr/sbin/sshd", "/usr/local/sbin/sshd"} {
		if path, err := exec.LookPath(program); err == nil {
			return path
		}
	}
	const missing = "no sshd on this machine: install Debian's openssh-server"
	if os.Getenv("SLIPWAY_TEST_SSHD") == "1" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// configure writes the configuration. The level of the shell keeps bash from reading
// the user's .bashrc, which may take longer than a whole test.
func (s *Server) configure(t testing.TB, settings []string) {
	config := fmt.Sprintf(`
ListenAddress 127.0.0.1:%d
HostKey %[2]s/host_key
AuthorizedKeysFile %[2]s/authorized_keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
MaxStartups 100
SetEnv SHLVL=1
%[3]s
`, s.Port, s.folder, strings.Join(settings, "\n"))
	require.NoError(t, os.WriteFile(filepath.Join(s.folder, "sshd_config"), []byte(config), 0o600))
}

// Resume runs a server again that was stopped.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	s.sshd = exec.Command(s.program, "-D", "-f", filepath.Join(s.folder, "sshd_config"))
	require.NoError(t, s.sshd.Start())
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", s.at(s.Port))
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}, 10*time.Second, 10*time.Millisecond, "sshd does not listen")
}

// Stop ends the server; connections that are open go on.
func (s *Server) Stop() {
	_ = s.sshd.Process.Kill()
	_ = s.sshd.Wait()
}

// Address is that of a target whose folder is on this machine.
func (s *Server) Address(folder string) string { return s.AddressAt(s.Port, folder) }

// AddressAt is Address by another port, as that of a proxy.
func (s *Server) AddressAt(port int, folder string) string {
	return fmt.Sprintf("ssh://%s@%s%s", s.User, s.at(port), folder)
}

// Rekey gives a server that is stopped another host key, which nobody knows, and gives
// the fingerprints of the one before and of that.
func (s *Server) Rekey(t testing.TB) (was, is string) {
	t.Helper()
	was = Fingerprint(s.host)
	s.host = NewKey(t, filepath.Join(s.folder, "host_key"))
	return was, Fingerprint(s.host)
}

// Admit lets a key in.
func (s *Server) Admit(t testing.TB, key ssh.PublicKey) {
	t.Helper()
	add(t, filepath.Join(s.folder, "authorized_keys"), string(ssh.MarshalAuthorizedKey(key)))
}

// Trust makes the host key known for a port of this machine.
func (s *Server) Trust(t testing.TB, port int) {
	t.Helper()
	s.know(t, port, s.host)
}

// Distrust makes another host key known for the server's port, as if it had changed,
// and gives the fingerprints of that and of the server's own.
func (s *Server) Distrust(t testing.TB) (known, own string) {
	t.Helper()
	require.NoError(t, os.Remove(s.KnownHosts))
	other := NewKey(t, filepath.Join(s.folder, "other_key"))
	s.know(t, s.Port, other)
	return ssh.FingerprintSHA256(other), ssh.FingerprintSHA256(s.host)
}

func (s *Server) know(t testing.TB, port int, key ssh.PublicKey) {
	add(t, s.KnownHosts, knownhosts.Line([]string{s.at(port)}, key)+"\n")
}

func add(t testing.TB, path, line string) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = file.WriteString(line)
	require.NoError(t, err)
	require.NoError(t, file.Close())
}

func (*Server) at(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// NewKey writes a private key to the file, and gives its public part.
func NewKey(t testing.TB, file string) ssh.PublicKey {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "test")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	key, err := ssh.NewPublicKey(public)
	require.NoError(t, err)
	return key
}

// Fingerprint is how people compare keys.
func Fingerprint(key ssh.PublicKey) string { return ssh.FingerprintSHA256(key) }

func freePort(t testing.TB) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// Package registrytest runs a real OCI registry for tests, that of the distribution
// project: on a free loopback port, with a folder and a configuration of its own.
package registrytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

// Program is the environment variable with the path of the registry's program; "make
// test" builds it and sets this.
const Program = "SLIPWAY_TEST_REGISTRY"

// Options say what a registry is like.
type Options struct {
	// Username and Password are asked for when they are set.
	Username, Password string
	// TLS has it speak https, by a certificate for 127.0.0.1.
	TLS bool
	// KeepForever allows no removal.
	KeepForever bool
}

// Server is a running registry.
type Server struct {
	// Host is where it listens: 127.0.0.1:PORT.
	Host string
	// CA is the file of the certificate that vouches for it, with Options.TLS.
	CA string

	folder string
	Options
	program *exec.Cmd
}

// Start runs a registry until the test ends. Where there is none the test is skipped.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	program := os.Getenv(Program)
	if _, err := os.Stat(program); err != nil {
		t.Skip("no registry to test with: run make test, or set " + Program + " to the program that make registry builds")
	}
	s := &Server{folder: t.TempDir(), Options: o, Host: freeHost(t)}
	config := filepath.Join(s.folder, "config.json")
	text, err := json.Marshal(s.settings(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(config, text, 0o600))

	var said strings.Builder
	s.program = exec.Command(program, "serve", config)
	s.program.Stdout, s.program.Stderr = &said, &said
	require.NoError(t, s.program.Start())
	t.Cleanup(s.Stop)
	if !s.answers() {
		s.Stop()
		t.Fatalf("the registry does not answer:\n%s", said.String())
	}
	return s
}

// Stop ends it at once, as if its machine failed; it may be stopped twice.
func (s *Server) Stop() {
	_ = s.program.Process.Kill()
	_ = s.program.Wait()
}

// Folder is where it keeps what it stores.
func (s *Server) Folder() string { return filepath.Join(s.folder, "data") }

// settings are its configuration; JSON is YAML.
func (s *Server) settings(t testing.TB) map[string]any {
	listen := map[string]any{"addr": s.Host}
	if s.TLS {
		certificate, key := s.certify(t)
		listen["tls"] = map[string]any{"certificate": certificate, "key": key}
	}
	settings := map[string]any{
		"version": "0.1",
		"log":     map[string]any{"level": "error", "accesslog": map[string]any{"disabled": true}},
		"storage": map[string]any{
			"filesystem": map[string]any{"rootdirectory": s.Folder()},
			"delete":     map[string]any{"enabled": !s.KeepForever},
		},
		"http": listen,
	}
	if s.Username != "" {
		hash, err := bcrypt.GenerateFromPassword([]byte(s.Password), bcrypt.MinCost)
		require.NoError(t, err)
		users := filepath.Join(s.folder, "htpasswd")
		require.NoError(t, os.WriteFile(users, fmt.Appendf(nil, "%s:%s\n", s.Username, hash), 0o600))
		settings["auth"] = map[string]any{"htpasswd": map[string]any{"realm": "test", "path": users}}
	}
	return settings
}

// certify makes a certificate that vouches for itself.
func (s *Server) certify(t testing.TB) (certificate, key string) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	s.CA, key = filepath.Join(s.folder, "cert.pem"), filepath.Join(s.folder, "key.pem")
	for file, block := range map[string]*pem.Block{
		s.CA: {Type: "CERTIFICATE", Bytes: public}, key: {Type: "PRIVATE KEY", Bytes: secret},
	} {
		require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	}
	return s.CA, key
}

// answers waits until it takes connections.
func (s *Server) answers() bool {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if s.TLS {
			if connection, err := net.Dial("tcp", s.Host); err == nil {
				return connection.Close() == nil
			}
		} else if answer, err := http.Get("http://" + s.Host + "/v2/"); err == nil {
			return answer.Body.Close() == nil
		}
	}
	return false
}

func freeHost(t testing.TB) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

package sshtest

import (
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Proxy stands between a driver and a server, counts what goes to the server, and
// cuts connections.
type Proxy struct {
	// Port is where it listens on 127.0.0.1.
	Port int

	listener net.Listener
	server   string
	mu       sync.Mutex
	open     []net.Conn
	// sent is how many bytes went to the server; cut is at how many the connections
	// are cut, once, unless it is zero.
	sent, cut   int64
	connections int
}

// Proxy runs one before the server until the test ends; the host key is known there.
func (s *Server) Proxy(t testing.TB) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &Proxy{Port: listener.Addr().(*net.TCPAddr).Port, listener: listener, server: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))}
	t.Cleanup(func() { _ = listener.Close(); p.Cut() })
	s.Trust(t, p.Port)
	go p.accept()
	return p
}

func (p *Proxy) accept() {
	for {
		from, err := p.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = from.Close()
			continue
		}
		p.mu.Lock()
		p.open = append(p.open, from, to)
		p.connections++
		p.mu.Unlock()
		go pass(to, from, io.MultiWriter(p, to))
		go pass(from, to, from)
	}
}

// pass moves what one side says through to the other, until either ends.
func pass(to, from net.Conn, through io.Writer) {
	_, _ = io.Copy(through, from)
	_, _ = to.Close(), from.Close()
}

// Cut ends all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		_ = c.Close()
	}
	p.open = nil
}

// CutAfter ends all connections once that many more bytes went to the server.
func (p *Proxy) CutAfter(bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = p.sent + bytes
}

// Sent is how many bytes went to the server so far.
func (p *Proxy) Sent() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent
}

// Connections is how many were made so far.
func (p *Proxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.connections
}

// Write counts what is about to go to the server.
func (p *Proxy) Write(b []byte) (int, error) {
	p.mu.Lock()
	p.sent += int64(len(b))
	over := p.cut > 0 && p.sent >= p.cut
	if over {
		p.cut = 0
	}
	p.mu.Unlock()
	if over {
		p.Cut()
	}
	return len(b), nil
}

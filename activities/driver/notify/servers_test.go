package notify_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/textproto"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// note is what a webhook was told.
type note struct {
	Title, Message, Token string
}

// webhook starts a server that takes notes, or answers with another status. The
// URL that it gives has no scheme.
func webhook(t *testing.T, status int) (address string, notes <-chan note) {
	t.Helper()
	taken := make(chan note, 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := note{Token: r.URL.Query().Get("token")}
		if json.NewDecoder(r.Body).Decode(&n) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		taken <- n
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), taken
}

// silent starts a server that accepts connections and never says a word. It tells
// of each connection.
func silent(t *testing.T) (address string, accepted <-chan struct{}) {
	t.Helper()
	listener := listen(t)
	told := make(chan struct{}, 1000)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close() // with the listener
			told <- struct{}{}
		}
	}()
	return listener.Addr().String(), told
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// mailServer is a small SMTP server. An answer replaces the usual one to the
// command of its name; an empty one hangs up.
type mailServer struct {
	address string
	// mails are what arrived, as it came.
	mails chan string
	// logins are the names and passwords that were given.
	logins chan string
}

func startMail(t *testing.T, answers map[string]string) *mailServer {
	t.Helper()
	listener := listen(t)
	s := &mailServer{address: listener.Addr().String(), mails: make(chan string, 100), logins: make(chan string, 100)}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn, answers)
		}
	}()
	return s
}

func (s *mailServer) serve(conn net.Conn, answers map[string]string) {
	defer conn.Close()
	text := textproto.NewConn(conn)
	usual := map[string]string{
		"EHLO": "250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN", "AUTH": "235 welcome", "MAIL": "250 ok",
		"RCPT": "250 ok", "DATA": "354 go on", "QUIT": "221 bye",
	}
	_ = text.PrintfLine("220 mail.example")
	for {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		answer, special := answers[verb]
		if !special {
			answer = usual[verb]
		}
		if answer == "" {
			return
		}
		if verb == "AUTH" {
			_, secret, _ := strings.Cut(rest, " ")
			login, _ := base64.StdEncoding.DecodeString(secret)
			s.logins <- string(login)
		}
		_ = text.PrintfLine("%s", answer)
		if verb == "DATA" && !special {
			data, err := text.ReadDotBytes()
			if err != nil {
				return
			}
			s.mails <- string(data)
			_ = text.PrintfLine("250 queued")
		}
	}
}

// contact gives the URL by which the server is reached.
func (s *mailServer) contact() string {
	return fmt.Sprintf("smtp://ops:hunter2hunter2@%s/?from=slipway@example.com&to=ana@example.com", s.address)
}

// read takes a mail apart as a mail program would.
func read(t *testing.T, raw string) (header mail.Header, subject, text string) {
	t.Helper()
	message, err := mail.ReadMessage(bufio.NewReader(strings.NewReader(raw)))
	require.NoError(t, err)
	body, err := io.ReadAll(message.Body)
	require.NoError(t, err)
	subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	require.NoError(t, err)
	return message.Header, subject, strings.TrimSuffix(strings.ReplaceAll(string(body), "\r\n", "\n"), "\n")
}

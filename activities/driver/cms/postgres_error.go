package cms

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// What the server says by these codes is explained or passes.
const (
	wrongPassword     = "28P01"
	notLetIn          = "28000"
	noDatabase        = "3D000"
	notAllowed        = "42501"
	tooMany           = "53300"
	readOnly          = "25006"
	startingUp        = "57P03"
	shuttingDown      = "57P01"
	crashed           = "57P02"
	notSerialized     = "40001"
	deadlock          = "40P01"
	connectionTrouble = "08" // and three more letters
)

// told is an error in words of our own.
type told struct {
	text  string
	cause error
}

func (t told) Error() string { return t.text }
func (t told) Unwrap() error { return t.cause }

// explain says on one line why the database cannot be opened, and what would help.
func (s *server) explain(err error) error {
	var refusal *pgconn.PgError
	var unreached *pgconn.ConnectError
	switch {
	case errors.As(err, &refusal):
		if help := s.help(refusal.Code); help != "" {
			return told{fmt.Sprintf("%s: %s", refusal.Message, help), err}
		}
	case errors.As(err, &unreached):
		why := strings.Join(strings.Fields(unreached.Unwrap().Error()), " ")
		return told{fmt.Sprintf("no PostgreSQL answers: %s: start it, or correct the setting cms", why), err}
	}
	return err
}

func (s *server) help(code string) string {
	user, database := s.config.User, s.config.Database
	switch code {
	case wrongPassword:
		return fmt.Sprintf("let the setting cmsPassword refer to the password of %s, env:NAME or file:PATH", user)
	case notLetIn:
		return fmt.Sprintf("create the user (CREATE ROLE %q LOGIN PASSWORD '…'), and let it in by the server's pg_hba.conf", user)
	case noDatabase:
		return fmt.Sprintf("create it (CREATE DATABASE %q ENCODING 'UTF8' TEMPLATE template0), or correct the setting cms", database)
	case notAllowed:
		return fmt.Sprintf("who owns the database has to let %s: a worker needs CREATE SCHEMA %s AUTHORIZATION %q, "+
			"a reader GRANT USAGE ON SCHEMA %[2]s and SELECT on its tables", user, schema, user)
	case tooMany:
		return fmt.Sprintf("raise max_connections of the server: each worker takes up to %d", postgresConnections)
	case startingUp:
		return "try again when it has started"
	case readOnly:
		return "name the server that is written to, not its copy"
	}
	return ""
}

// passes tells whether an error of PostgreSQL may be over in a moment: somebody was in
// the way, the server starts again, or the connection is lost.
func passes(err error) bool {
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		switch refusal.Code {
		case notSerialized, deadlock, shuttingDown, crashed, startingUp, tooMany:
			return true
		}
		return strings.HasPrefix(refusal.Code, connectionTrouble)
	}
	var unreached *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &unreached) || errors.As(err, &network) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn)
}

// Rests between tries, each twice as long as the one before: some six seconds in all,
// in which a server is started again. Whoever calls tries again later.
const (
	shortestRest = 50 * time.Millisecond
	longestRest  = 3200 * time.Millisecond
)

// persist does something until it works, cannot work, or has been tried long enough.
func persist(ctx context.Context, work func() error) error {
	for rest := shortestRest; ; rest *= 2 {
		err := work()
		if err == nil || rest > longestRest || ctx.Err() != nil || !passes(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-time.After(rest):
		}
	}
}

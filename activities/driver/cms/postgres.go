package cms

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"slipway/activities/driver/shell"
)

// schema has the tables of the CMS in a database of PostgreSQL, so that it can share
// one with other programs.
const schema = "slipway"

// Connections of one store. They are few, since a transaction takes milliseconds, and a
// server takes a hundred unless it is told otherwise; they end after a while, so that
// they follow a server that moved.
const (
	postgresConnections = 8
	postgresIdleTime    = 5 * time.Minute
	postgresLifetime    = time.Hour
)

// server is a database of PostgreSQL.
type server struct {
	url      *url.URL
	config   *pgx.ConnConfig
	password string // a reference; empty when none is needed, or pgx finds it by itself
}

// parseServer reads a URL. What it says of passwords must not get into logs, so that no
// error quotes it before it is known to have none.
func parseServer(spec string, access []Access) (*server, error) {
	place, err := url.Parse(spec)
	if err != nil {
		return nil, errors.New("the URL of its database cannot be read: write postgres://USER@HOST/DATABASE")
	}
	_, hasPassword := place.User.Password()
	if hasPassword || place.Query().Has("password") || place.Query().Has("sslpassword") {
		return nil, errors.New("the URL of its database has a password, which everybody could read who reads the configuration: " +
			"leave it out and set cmsPassword to a reference, env:NAME or file:PATH")
	}
	config, err := pgx.ParseConfig(spec)
	if err != nil {
		return nil, err
	}
	config.RuntimeParams["timezone"] = "UTC"
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "slipway"
	}
	s := &server{url: place, config: config}
	if len(access) > 0 {
		s.password = access[0].Password
	}
	return s, nil
}

// String is the URL, which has no password.
func (s *server) String() string { return s.url.String() }

// pool opens no connection yet. Each is set up by commands, for poolers between us and
// the server let only few settings through that come with a connection.
func (s *server) pool(settings ...string) *sql.DB {
	settings = append(settings, "SET search_path TO "+schema)
	db := stdlib.OpenDB(*s.config,
		stdlib.OptionBeforeConnect(func(_ context.Context, c *pgx.ConnConfig) (err error) {
			if s.password != "" {
				c.Password, err = shell.Secret(s.password)
			}
			return err
		}),
		stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
			_, err := c.Exec(ctx, strings.Join(settings, ";"))
			return err
		}))
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	db.SetConnMaxIdleTime(postgresIdleTime)
	db.SetConnMaxLifetime(postgresLifetime)
	return db
}

// openPostgres does not wait for a server that is not there, as a store does later on.
func openPostgres(ctx context.Context, s *server) (*Store, error) {
	db := s.pool()
	err := db.PingContext(ctx)
	if err == nil {
		err = persist(ctx, func() error { return preparePostgres(ctx, db) })
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{read: db, writer: postgresWriter{db}, pair: new(sync.Mutex)}, nil
}

func readPostgres(ctx context.Context, s *server) (*Store, error) {
	db := s.pool("SET default_transaction_read_only TO on")
	if err := readablePostgres(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{read: db, writer: postgresWriter{db}, pair: new(sync.Mutex)}, nil
}

// preparePostgres makes the schema a CMS of today, one process at a time: the lock is
// that of the transaction, which does nothing else.
func preparePostgres(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to lose
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", applicationID); err != nil {
		return fmt.Errorf("wait for who else opens it: %w", err)
	}
	if err := claimPostgres(ctx, db); err != nil {
		return err
	}
	if err := migrate(ctx, db, postgresTables); err != nil {
		return err
	}
	// Nothing changes, but the server says now when this user may not write.
	if _, err := db.ExecContext(ctx, "DELETE FROM releases WHERE FALSE"); err != nil {
		return fmt.Errorf("cannot be written: %w", err)
	}
	return nil
}

// claimed is what a database has of a CMS.
type claimed struct {
	encoding string
	schema   bool // there is one of the name
	tables   int  // and it has so many
	versions bool // and tells the version of its tables
}

func look(ctx context.Context, db *sql.DB) (c claimed, err error) {
	const all = `
		SELECT current_setting('server_encoding'),
			EXISTS (SELECT FROM pg_namespace WHERE nspname = $1),
			(SELECT count(*) FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)),
			to_regclass($1 || '.goose_db_version') IS NOT NULL`
	err = db.QueryRowContext(ctx, all, schema).Scan(&c.encoding, &c.schema, &c.tables, &c.versions)
	return c, err
}

// claimPostgres makes the schema in a database that has none, and refuses one that is
// something else before it changes anything in it.
func claimPostgres(ctx context.Context, db *sql.DB) error {
	found, err := look(ctx, db)
	switch {
	case err != nil:
		return err
	case found.encoding != "UTF8":
		return fmt.Errorf("the database keeps text as %s, which cannot hold every text: create it with ENCODING 'UTF8'", found.encoding)
	case found.tables > 0 && !found.versions:
		return errors.New(`the schema "slipway" of this database belongs to another program: name another database`)
	case found.schema:
		return nil
	}
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA "+schema); err != nil {
		return fmt.Errorf("create the schema %q: %w", schema, err)
	}
	return nil
}

// readablePostgres refuses what is not a CMS of today.
func readablePostgres(ctx context.Context, db *sql.DB) error {
	found, err := look(ctx, db)
	switch {
	case err != nil:
		return err
	case !found.versions:
		return errors.New("this database is no CMS: name another one, or start a worker on it first")
	}
	return upToDate(ctx, db, postgresTables)
}

package cmstest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Cluster is a server of PostgreSQL of one's own. It listens on a Unix socket alone,
// and lets everybody in but Guarded.
type Cluster struct {
	folder string
	server *exec.Cmd
	leash  *os.File
}

// ErrNoPostgres says that PostgreSQL is not installed.
var ErrNoPostgres = errors.New("no PostgreSQL on this machine: install Debian's postgresql")

// Who owns the databases of a cluster, and which one is there from the beginning.
const (
	owner   = "slipway"
	initial = "postgres"
)

// Guarded is a user whom a cluster asks for a password, once somebody creates it.
const Guarded = "guarded"

// admission says whom a cluster lets in.
const admission = `
local all ` + Guarded + ` scram-sha-256
local all all trust
`

// settings of a server whose databases are never older than a test. Connections are
// those of many stores.
const settings = `
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
deadlock_timeout = 100ms
log_min_messages = warning
`

// StartCluster makes a cluster in a new folder and starts it. It is stopped by Stop, or
// when this process ends in whatever way, and its folder is removed.
func StartCluster(ctx context.Context, more ...string) (_ *Cluster, err error) {
	programs, err := findPrograms()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "postgres")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(folder)
		}
	}()
	who, err := unprivileged(folder)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(folder, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(programs, "initdb"), "--pgdata", data, "--username", owner,
		"--auth", "trust", "--no-sync", "--locale", "C.UTF-8", "--encoding", "UTF8")
	initdb.SysProcAttr, initdb.Dir = who, folder
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(admission), 0o644); err != nil {
		return nil, err
	}
	conf := settings + "unix_socket_directories = '" + folder + "'\n" + strings.Join(more, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(data, "postgresql.auto.conf"), []byte(conf), 0o644); err != nil {
		return nil, err
	}
	c := &Cluster{folder: folder}
	if err := c.start(filepath.Join(programs, "postgres"), data, who); err != nil {
		return nil, err
	}
	if err := c.await(ctx, true); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// keeper runs a server, stops and starts it as it is told, and removes the folder when
// nobody is left to tell it anything, since the process with the other end has ended.
const keeper = `
run() { "$0" -D "$1" </dev/null & }
stop() { kill -INT $! && wait $!; }
run "$1"
while read -r order; do
	case $order in
	stop) stop ;;
	start) run "$1" ;;
	esac
done
stop
rm -rf "$2"
`

func (c *Cluster) start(program, data string, who *syscall.SysProcAttr) error {
	read, leash, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = read.Close() }() // the keeper has it
	log, err := os.OpenFile(filepath.Join(c.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the keeper has it
	c.server = exec.Command("/bin/sh", "-c", keeper, program, data, c.folder)
	c.server.Stdin, c.server.Stdout, c.server.Stderr, c.server.Dir = read, log, log, c.folder
	c.server.SysProcAttr = &syscall.SysProcAttr{Credential: who.Credential, Setpgid: true}
	if err := c.server.Start(); err != nil {
		return errors.Join(err, leash.Close())
	}
	c.leash = leash
	return nil
}

// Pause stops the server, whose databases stay, and cuts every connection.
func (c *Cluster) Pause(ctx context.Context) error { return c.tell(ctx, "stop", false) }

// Resume starts a server again that was stopped.
func (c *Cluster) Resume(ctx context.Context) error { return c.tell(ctx, "start", true) }

func (c *Cluster) tell(ctx context.Context, order string, answers bool) error {
	if _, err := fmt.Fprintln(c.leash, order); err != nil {
		return err
	}
	return c.await(ctx, answers)
}

// await waits until the server answers, or does not any more.
func (c *Cluster) await(ctx context.Context, answers bool) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.URL(initial))
		if err == nil {
			err = errors.Join(err, conn.Close(ctx))
		}
		if (err == nil) == answers {
			return nil
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(c.folder, "log")) // the error says enough without it
			return fmt.Errorf("the server does not do as told: %w: %s", err, log)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Stop stops the server and removes all that it holds.
func (c *Cluster) Stop() error {
	if err := c.leash.Close(); err != nil {
		return err
	}
	return c.server.Wait()
}

// URL names a database of the cluster as cms.Open takes it.
func (c *Cluster) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(owner), Path: "/" + database, RawQuery: url.Values{"host": {c.folder}}.Encode()}
	return u.String()
}

// Run carries out a command in the cluster, past every store.
func (c *Cluster) Run(ctx context.Context, command string) error {
	conn, err := pgx.Connect(ctx, c.URL(initial))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, command)
	return errors.Join(err, conn.Close(ctx))
}

// findPrograms gives the folder of the newest PostgreSQL that is whole.
func findPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // where Debian puts them
	if err != nil {
		return "", err
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			found = append(found, path)
		}
	}
	best, newest := "", -1
	for _, initdb := range found {
		folder := filepath.Dir(initdb)
		if _, err := os.Stat(filepath.Join(folder, "postgres")); err != nil {
			continue
		}
		version, _ := strconv.Atoi(filepath.Base(filepath.Dir(folder))) // none is the oldest
		if version > newest {
			best, newest = folder, version
		}
	}
	if best == "" {
		return "", ErrNoPostgres
	}
	return best, nil
}

// unprivileged gives the folder to a user that PostgreSQL runs as: it refuses root.
func unprivileged(folder string) (*syscall.SysProcAttr, error) {
	const nobody = 65534
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	if err := os.Chown(folder, nobody, nobody); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}, nil
}

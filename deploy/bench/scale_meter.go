package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// meter reads what the server and the workers have used.
type meter struct {
	site    *site
	metrics string
	workers []*servant
	version int
}

// gauge is what was used by a moment.
type gauge struct {
	// server and workers are time of the processor.
	server, workers time.Duration
	// reads and writes are what the server asked of its database, each a transaction.
	reads, writes int
	// records and library are the bytes of the CMS and of the DML.
	records, library int64
}

// load is what some releases took and used.
type load struct {
	gauge
	took              time.Duration
	releases, targets int
	// histories are those of one release.
	histories cost
}

func (r gauge) since(before gauge) gauge {
	return gauge{
		server: r.server - before.server, workers: r.workers - before.workers,
		reads: r.reads - before.reads, writes: r.writes - before.writes,
		records: r.records - before.records, library: r.library - before.library,
	}
}

func (l load) rows(name string) []row {
	each := func(n float64) float64 { return n / float64(l.releases) }
	return []row{
		{Name: name + ": releases", Value: float64(l.releases) / l.took.Seconds(), Unit: "per second"},
		{Name: name + ": targets", Value: float64(l.targets) / l.took.Seconds(), Unit: "per second"},
		{Name: name + ": processor, server", Value: each(l.server.Seconds()), Unit: "s per release"},
		{Name: name + ": processor, workers", Value: each(l.workers.Seconds()), Unit: "s per release"},
		{Name: name + ": database writes", Value: each(float64(l.writes)), Unit: "per release"},
		{Name: name + ": database reads", Value: each(float64(l.reads)), Unit: "per release"},
		{Name: name + ": histories", Value: float64(l.histories.events), Unit: "events per release"},
		{Name: name + ": histories", Value: float64(l.histories.bytes) / 1000, Unit: "kB per release"},
		{Name: name + ": CMS grows by", Value: each(float64(l.records)) / 1000, Unit: "kB per release"},
		{Name: name + ": DML grows by", Value: each(float64(l.library)) / 1000, Unit: "kB per release"},
	}
}

// lately is how far the server's metrics may be behind.
const lately = 2 * time.Second

func (m *meter) read(ctx context.Context) (r gauge, err error) {
	time.Sleep(lately)
	if r.reads, r.writes, err = m.database(ctx); err != nil {
		return r, err
	}
	server, err := serverPID()
	if err != nil {
		return r, err
	}
	if r.server, err = used(server); err != nil {
		return r, err
	}
	for _, w := range m.workers {
		cpu, err := used(w.cmd.Process.Pid)
		if err != nil {
			return r, err
		}
		r.workers += cpu
	}
	if r.records, err = size(filepath.Join(m.site.folder, "cms.db")); err != nil {
		return r, err
	}
	r.library, err = size(filepath.Join(m.site.folder, "dml"))
	return r, err
}

// size adds up the files at a path and below, as far as there are any.
func size(path string) (bytes int64, err error) {
	err = filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) { // it is not there yet, or was renamed a moment ago
		err = nil
	}
	return bytes, err
}

// database adds up what the server's metrics tell of its requests to the database.
func (m *meter) database(ctx context.Context) (reads, writes int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.metrics, nil)
	if err != nil {
		return 0, 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, 0, err
	}
	text, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return 0, 0, err
	}
	return requests(text)
}

// requests reads those of persistence, and of visibility, out of metrics. A request
// that is named as something to get, list, read or count, or to be sure of, writes
// nothing.
func requests(metrics []byte) (reads, writes int, err error) {
	for lines := bufio.NewScanner(bytes.NewReader(metrics)); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), "{")
		if name != "persistence_requests" && name != "visibility_persistence_requests" {
			continue
		}
		_, operation, _ := strings.Cut(rest, `operation="`)
		operation, _, _ = strings.Cut(operation, `"`)
		count, err := strconv.ParseFloat(rest[strings.LastIndexByte(rest, ' ')+1:], 64)
		if err != nil {
			return 0, 0, fmt.Errorf("metric %s: %w", lines.Text(), err)
		}
		if readsOnly(operation) {
			reads += int(count)
		} else {
			writes += int(count)
		}
	}
	return reads, writes, nil
}

func readsOnly(operation string) bool {
	for _, verb := range []string{"Get", "List", "Read", "Count", "Assert"} {
		if strings.HasPrefix(operation, verb) {
			return operation != "GetOrCreateShard"
		}
	}
	return false
}

// serverPID finds the server, which is a child of this process.
func serverPID() (int, error) {
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return 0, err
	}
	for _, line := range lines {
		command, _ := os.ReadFile(line) // it may have ended meanwhile
		folder := filepath.Dir(line)
		if fields, err := stat(folder); err == nil && fields[1] == strconv.Itoa(os.Getpid()) && bytes.Contains(command, []byte("start-dev")) {
			return strconv.Atoi(filepath.Base(folder))
		}
	}
	return 0, errors.New("the Temporal server is not among the processes")
}

// used is what a process and its children have used of the processor.
func used(pid int) (time.Duration, error) {
	const tick = 10 * time.Millisecond // as Linux tells every program
	fields, err := stat(fmt.Sprintf("/proc/%d", pid))
	if err != nil {
		return 0, err
	}
	var ticks time.Duration
	for _, field := range fields[11:15] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		ticks += time.Duration(n)
	}
	return ticks * tick, nil
}

// stat gives the fields of a process from its state on: the name before them may hold
// anything.
func stat(folder string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(folder, "stat"))
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])), nil
}

// freePort gives one that nobody listens at now.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

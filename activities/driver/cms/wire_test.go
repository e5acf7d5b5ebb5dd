package cms_test

import (
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

// wire is between a store and its server: it counts round trips, and may be cut.
type wire struct {
	spec string

	mu    sync.Mutex
	trips int
	cutAt int // the trip in which it breaks, once; 0 for never
}

// between puts a wire before the server of a place.
func between(t *testing.T, p place) *wire {
	t.Helper()
	u, err := url.Parse(p.at)
	require.NoError(t, err)
	server := u.Query().Get("host") + "/.s.PGSQL.5432"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{spec: "postgres://slipway@" + listener.Addr().String() + u.Path + "?sslmode=disable"}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { w.carry(near, server) })
		}
	})
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		group.Wait()
	})
	return w
}

// carry passes on what both sides say until one of them ends.
func (w *wire) carry(near net.Conn, server string) {
	defer near.Close()
	far, err := net.Dial("unix", server)
	if err != nil {
		return
	}
	defer far.Close()
	var answered sync.Mutex // guards the flag
	fresh := true           // what the store says next begins a round trip
	go func() {
		defer near.Close()
		buffer := make([]byte, 64<<10)
		for {
			n, err := far.Read(buffer)
			if err != nil {
				return
			}
			answered.Lock()
			fresh = true
			answered.Unlock()
			if _, err := near.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := near.Read(buffer)
		if err != nil {
			return
		}
		answered.Lock()
		begins := fresh
		fresh = false
		answered.Unlock()
		if begins && w.breaks() {
			_, _ = far.Write(buffer[:n]) // the server hears it, and nobody its answer
			return
		}
		if _, err := far.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (w *wire) breaks() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trips++
	if w.trips == w.cutAt {
		w.cutAt = 0
		return true
	}
	return false
}

// count gives the round trips since it was called the last time, and breaks the wire in
// one that comes.
func (w *wire) count(cutAt int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	trips := w.trips
	w.trips, w.cutAt = 0, cutAt
	return trips
}

func TestAWriteTakesFourRoundTripsWhateverItHolds(t *testing.T) {
	p := place{onPostgres, onPostgres.spec(t)}
	w := between(t, p)
	store := place{onPostgres, w.spec}.open(t)
	var many []release.Entry
	for _, version := range []string{"1", "2"} {
		many = append(many, wholeRelease(httpbin(version))...)
	}
	write(t, store, many...) // the statements are new
	w.count(0)
	write(t, store, many...)
	assert.Equal(t, 4, w.count(0), "begin, rows, parts, commit")
	write(t, store, ledger(httpbin("2.26.0"), 1)...)
	w.count(0)
	write(t, store, ledger(httpbin("2.26.0"), 1)...)
	assert.Equal(t, 3, w.count(0), "a ledger has no parts")
}

func TestAWireThatBreaksAnywhereInAWriteLosesNothing(t *testing.T) {
	whole := place{onPostgres, onPostgres.spec(t)}
	write(t, whole.open(t), wholeRelease(httpbin("1"))...)
	for trip := 1; trip <= 4; trip++ {
		broken := place{onPostgres, onPostgres.spec(t)}
		w := between(t, broken)
		store := place{onPostgres, w.spec}.open(t)
		write(t, store, wholeRelease(httpbin("2"))...)
		broken.change(t, "TRUNCATE "+strings.Join(tables, ", ")+" CASCADE")
		w.count(trip)
		write(t, store, wholeRelease(httpbin("1"))...)
		require.Greater(t, w.count(0), 4, "it broke, and all was sent again")
		wanted, found := dump(t, whole), dump(t, broken)
		delete(wanted, "baseline_changes") // their numbers go on
		delete(found, "baseline_changes")
		require.Equal(t, wanted, found, "cut in trip %d", trip)
	}
}

package activities

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"slipway/release"
)

// beatInterval is how often an activity tells that it is alive and what it does.
const beatInterval = time.Second

// beatPause is the least time between two heartbeats, and before the first: what is over
// sooner needs none. What becomes known of many targets meanwhile goes out together,
// rather than being put into words again with all that was known before; the SDK itself
// sends no more than one in a second.
const beatPause = 50 * time.Millisecond

// beater sends heartbeats with the latest details until it is stopped. The server
// notices a lost worker by their absence.
type beater[T any] struct {
	mu      sync.Mutex
	details T
	// news holds a token while there are details that were not told yet.
	news chan struct{}
	stop context.CancelFunc
	done chan struct{}
}

// beat starts a beater; stop it when the work is done.
func beat[T any](ctx context.Context, first T) *beater[T] {
	within, stop := context.WithCancel(ctx)
	b := &beater[T]{details: first, news: make(chan struct{}, 1), stop: stop, done: make(chan struct{})}
	b.news <- struct{}{}
	go func() {
		defer close(b.done)
		for pause(within, beatPause) && b.due(within) {
			b.tell(ctx)
		}
	}()
	return b
}

// due waits for news, but for no longer than until the next heartbeat; it is false when
// ctx ends first.
func (b *beater[T]) due(ctx context.Context) bool {
	interval := time.NewTimer(beatInterval)
	defer interval.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-b.news:
	case <-interval.C:
	}
	return true
}

// tell sends what is known by now.
func (b *beater[T]) tell(ctx context.Context) { activity.RecordHeartbeat(ctx, b.get()) }

func (b *beater[T]) get() T {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.details
}

// set changes the details for the next heartbeat.
func (b *beater[T]) set(change func(details *T)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.details)
}

// now changes the details and has them told soon: for what must not be lost.
func (b *beater[T]) now(change func(details *T)) {
	b.set(change)
	select {
	case b.news <- struct{}{}:
	default:
	}
}

// end stops the heartbeats. What was not told yet is left untold: an activity tells it
// itself when another attempt has to go on from there.
func (b *beater[T]) end() {
	b.stop()
	<-b.done
}

// doing notes what is being done from now on.
func doing(p *release.Progress, what string) {
	*p = release.Progress{What: what, Since: time.Now().UTC()}
}

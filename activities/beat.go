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

// beater sends heartbeats with the latest details until it is stopped. The server
// notices a lost worker by their absence.
type beater[T any] struct {
	mu      sync.Mutex
	details T
	stop    context.CancelFunc
	done    chan struct{}
}

// beat starts a beater; stop it when the work is done.
func beat[T any](ctx context.Context, first T) *beater[T] {
	within, stop := context.WithCancel(ctx)
	b := &beater[T]{details: first, stop: stop, done: make(chan struct{})}
	activity.RecordHeartbeat(ctx, first)
	go func() {
		defer close(b.done)
		ticker := time.NewTicker(beatInterval)
		defer ticker.Stop()
		for {
			select {
			case <-within.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx, b.get())
			}
		}
	}()
	return b
}

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

// now changes the details and tells them at once: for what must not be lost.
func (b *beater[T]) now(ctx context.Context, change func(details *T)) {
	b.set(change)
	activity.RecordHeartbeat(ctx, b.get())
}

// end stops the heartbeats.
func (b *beater[T]) end() {
	b.stop()
	<-b.done
}

// doing notes what is being done from now on.
func doing(p *release.Progress, what string) {
	p.What, p.Line, p.Since = what, "", time.Now().UTC()
}

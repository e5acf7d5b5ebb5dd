// Package notify tells people something through their contacts: by mail, by chat,
// or by a webhook of their own.
package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// atOnce is how many deliveries to one contact are under way at most. It bounds
// what a service that never answers can hold of the worker.
const atOnce = 4

// ErrContact is the error of a contact that cannot be used: it is malformed, or
// its reference gives no value. Sending again does not help before somebody mends
// it.
var ErrContact = errors.New("contact cannot be used")

// Driver delivers messages. It may be used from many goroutines.
type Driver struct {
	mu sync.Mutex
	// slots holds, by contact, what its deliveries take while they are under way.
	// There are as many contacts as the roster has.
	slots map[string]chan struct{}
}

// New gives a Driver.
func New() *Driver { return &Driver{slots: map[string]chan struct{}{}} }

// Send delivers one message to one contact: a shoutrrr URL, as in "smtp://…",
// "slack://…" or "generic+https://…", or a reference to one, "env:NAME" or
// "file:PATH" on the worker.
//
// It gives ErrContact, ctx.Err() when ctx ends first (the message may still arrive,
// since services cannot be interrupted), or what the service answered. Errors are
// one line and hold nothing of the URL but its scheme and, for mail and webhooks,
// its host.
func (d *Driver) Send(ctx context.Context, contact string, m Message) error {
	name := describe(contact)
	address, err := resolve(contact)
	if err == nil {
		err = checkURL(address)
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrContact, name, err)
	}
	slot := d.slot(contact)
	select {
	case slot <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("no answer from %s to earlier messages: %w", name, ctx.Err())
	}
	if err := ctx.Err(); err != nil {
		<-slot
		return fmt.Errorf("nothing sent to %s: %w", name, err)
	}
	done := make(chan error, 1)
	go func() {
		defer func() { <-slot }()
		done <- use(address, m.send)
	}()
	select {
	case err = <-done:
	case <-ctx.Done():
		return fmt.Errorf("no answer from %s: %w", name, ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("tell %s: %w", name, err)
	}
	return nil
}

func (d *Driver) slot(contact string) chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.slots[contact] == nil {
		d.slots[contact] = make(chan struct{}, atOnce)
	}
	return d.slots[contact]
}

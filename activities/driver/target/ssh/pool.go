package ssh

import (
	"context"
	"sync"
	"time"
)

const (
	// idle is how long a connection stays open that nobody uses.
	idle = time.Minute
	// perConnection is how many operations share a connection: a server takes ten
	// sessions on one by default, and an operation needs up to two.
	perConnection = 4
)

// pool keeps a connection to each machine, for a deployment does one thing there
// after the other.
type pool struct {
	options Options
	mu      sync.Mutex
	// machines are by user and server.
	machines map[string]*machine
}

// machine is a place to connect to.
type machine struct {
	// places bounds the operations that use the connection.
	places chan struct{}
	// dialing is held by whoever looks after the connection.
	dialing chan struct{}
	open    *connection
	users   int
	closing *time.Timer
}

func (p *pool) machine(a address) *machine {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.machines[a.machine()]
	if m == nil {
		m = &machine{places: make(chan struct{}, perConnection), dialing: make(chan struct{}, 1)}
		p.machines[a.machine()] = m
	}
	return m
}

// get gives a connection that lives, as far as anybody knows. It has to be given
// back by release.
func (p *pool) get(ctx context.Context, a address) (c *connection, release func(), err error) {
	m := p.machine(a)
	if err := enter(ctx, m.places); err != nil {
		return nil, nil, err
	}
	if err := enter(ctx, m.dialing); err != nil {
		<-m.places
		return nil, nil, err
	}
	defer func() { <-m.dialing }()
	p.mu.Lock()
	c = m.open
	p.mu.Unlock()
	if c == nil || !c.alive() {
		if c, err = p.options.dial(ctx, a); err != nil {
			<-m.places
			return nil, nil, err
		}
	}
	p.use(m, c)
	return c, func() { p.leave(m, c); <-m.places }, nil
}

func (p *pool) use(m *machine, c *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.open != c {
		m.open, m.users = c, 0
	}
	m.users++
	if m.closing != nil {
		m.closing.Stop()
	}
}

func (p *pool) leave(m *machine, c *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.open != c {
		return // A dead one that was replaced.
	}
	if m.users--; m.users == 0 {
		m.closing = time.AfterFunc(idle, func() { p.retire(m, c) })
	}
}

// retire closes a connection that is still idle.
func (p *pool) retire(m *machine, c *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.open == c && m.users == 0 {
		m.open = nil
		c.close()
	}
}

// close closes all connections.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.machines {
		if m.open != nil {
			m.open.close()
			m.open = nil
		}
	}
}

// enter waits for a place in line.
func enter(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"slipway/activities/driver/target"
)

const (
	// dialTimeout is how long a target has to answer and let this worker in.
	dialTimeout = 15 * time.Second
	// pulse is how often a connection is felt, and how long it has to answer.
	pulse = 15 * time.Second
)

// connection leads to a machine.
type connection struct {
	client *ssh.Client
	// dead is closed when it was cut or closed.
	dead chan struct{}
}

// dial connects and logs in. The errors are target.ErrUnreachable, target.ErrHostKey
// and ErrLogin, or that of ctx.
func (o Options) dial(ctx context.Context, a address) (*connection, error) {
	hosts, err := o.hosts(a)
	if err != nil {
		return nil, err
	}
	keys, end, err := o.signers()
	if err != nil {
		return nil, err
	}
	defer end()
	ctx, cancel := context.WithTimeoutCause(ctx, dialTimeout, fmt.Errorf("no answer within %s", dialTimeout))
	defer cancel()
	stream, err := new(net.Dialer).DialContext(ctx, "tcp", a.server())
	if err != nil {
		return nil, unreachable(ctx, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = stream.Close() })
	defer stop()
	handshake, channels, requests, err := ssh.NewClientConn(stream, a.server(), &ssh.ClientConfig{
		User: a.user, Auth: []ssh.AuthMethod{ssh.PublicKeys(keys...)},
		HostKeyCallback: hosts.verify, HostKeyAlgorithms: hosts.algorithms(),
	})
	switch {
	case err == nil:
		c := &connection{ssh.NewClient(handshake, channels, requests), make(chan struct{})}
		go c.live()
		return c, nil
	case hosts.refused != nil:
		return nil, hosts.refused
	case ctx.Err() == nil && refusedLogin(err):
		return nil, fmt.Errorf("%w: %s takes none of the keys %s: add one to its authorized_keys, or name another in ssh.identity",
			ErrLogin, a.machine(), fingerprints(keys))
	}
	return nil, unreachable(ctx, err)
}

// refusedLogin tells the end of a handshake in which no key was taken.
func refusedLogin(err error) bool {
	var cut net.Error
	return !errors.As(err, &cut) && strings.Contains(err.Error(), "unable to authenticate")
}

// unreachable says why a target does not answer; what the caller ended is not that.
func unreachable(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w: see that the machine is up, that sshd listens there, and that nothing in between blocks it", target.ErrUnreachable, err)
}

// live feels the connection until it is dead: a machine that lost its power or its
// network does not say so.
func (c *connection) live() {
	go func() {
		_ = c.client.Wait()
		close(c.dead)
	}()
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for {
		select {
		case <-c.dead:
			return
		case <-tick.C:
		}
		late := time.AfterFunc(pulse, c.close)
		if _, _, err := c.client.SendRequest("keepalive@openssh.com", true, nil); err != nil {
			c.close()
		}
		late.Stop()
	}
}

func (c *connection) close() { _ = c.client.Close() }

func (c *connection) alive() bool {
	select {
	case <-c.dead:
		return false
	default:
		return true
	}
}

// Package starter launches, follows and steers releases: a typed client of the
// workflows that carry them. The command of the same name is built on it, and so
// can other Go programs be.
//
// It needs nothing but the address of a Temporal server. Releases make headway
// when a worker (bin/worker) polls the same task queue; what people send is
// answered by that worker, too.
package starter

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"slipway/release"
)

// DefaultAddress is where a server is looked for when nobody says otherwise.
const DefaultAddress = "127.0.0.1:7233"

// dialTimeout is how long a server may take to answer for the first time.
const dialTimeout = 5 * time.Second

// reconnect keeps trying a server that went away: people watch, and want to see
// at once that it is back.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
	MinConnectTimeout: dialTimeout,
}

// Options say where the server is and who polls for releases. What is left out
// comes from the environment and the profile file, by Temporal's own convention
// (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…).
type Options struct {
	Address   string
	Namespace string
	// TaskQueue is polled by the workers; release.DefaultTaskQueue when empty.
	TaskQueue string
	// Env replaces the environment of the process.
	Env envconfig.EnvLookup
	// Logger gets what the Temporal client has to say; nothing is logged without.
	Logger log.Logger
}

// Client talks to the releases of one namespace. It may be used by several
// goroutines.
type Client struct {
	temporal  client.Client
	data      converter.DataConverter
	address   string
	namespace string
	taskQueue string
}

// Dial connects to a server, or says within seconds that there is none.
func Dial(ctx context.Context, o Options) (*Client, error) {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: o.Env, IncludeRemoteCodec: true})
	if err != nil {
		return nil, fmt.Errorf("the settings of the Temporal connection cannot be used: %w", err)
	}
	options.HostPort = cmp.Or(o.Address, options.HostPort, DefaultAddress)
	options.Namespace = cmp.Or(o.Namespace, options.Namespace, client.DefaultNamespace)
	options.Logger = o.Logger
	if options.Logger == nil {
		options.Logger = silent{}
	}
	options.ConnectionOptions.DialOptions = append(options.ConnectionOptions.DialOptions, grpc.WithConnectParams(reconnect))
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	temporal, err := client.DialContext(ctx, options)
	c := New(temporal, options.Namespace, o.TaskQueue)
	c.address = options.HostPort
	if options.DataConverter != nil {
		c.data = options.DataConverter
	}
	if err != nil {
		return nil, c.noServer(err)
	}
	return c, nil
}

// New makes a client of a connection that there is already, to a namespace.
func New(temporal client.Client, namespace, taskQueue string) *Client {
	return &Client{
		temporal:  temporal,
		data:      converter.GetDefaultDataConverter(),
		address:   "its address",
		namespace: namespace,
		taskQueue: cmp.Or(taskQueue, release.DefaultTaskQueue),
	}
}

// Close ends the connection.
func (c *Client) Close() { c.temporal.Close() }

// TaskQueue names the task queue that releases are started on.
func (c *Client) TaskQueue() string { return c.taskQueue }

// silent is a logger that says nothing: what matters comes back as an error.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

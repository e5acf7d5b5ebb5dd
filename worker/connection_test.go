package worker_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.temporal.io/sdk/client"

	"slipway/worker"
)

func TestOnlyWhatStaysOnTheMachineGoesUncompressed(t *testing.T) {
	for address, plain := range map[string]bool{
		"": true, "127.0.0.1:7233": true, "localhost:7233": true, "[::1]:7233": true,
		"temporal.example.com:7233": false, "10.0.0.7:7233": false, "dns:///temporal:7233": false,
	} {
		o := client.Options{HostPort: address}
		worker.Plain(&o)
		assert.Equal(t, plain, o.ConnectionOptions.GrpcCompression != nil, address)
	}
}

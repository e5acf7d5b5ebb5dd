package library_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml/registrytest"
	"slipway/config"
	"slipway/worker/library"
)

func TestACopyInARegistryHoldsAndComesBack(t *testing.T) {
	m, p := full(t)
	server := registrytest.Start(t, registrytest.Options{})
	to := server.Host + "/archive"
	done := export(t, m, "shop@1.1.0", to, true)
	require.Len(t, done.Copied, 14)
	require.Len(t, holds(t, m, to).Signatures, 3)
	require.Zero(t, export(t, m, "shop@1.1.0", to, true).Bytes)

	// What came back from it is the same.
	back := "oci-layout:" + filepath.Join(t.TempDir(), "back")
	ctx, there := context.Background(), contents(t, to)
	item, err := there.One(ctx, p.Tag)
	require.NoError(t, err)
	items, err := there.Whole(ctx, []*library.Item{item})
	require.NoError(t, err)
	_, err = there.Export(ctx, items, back, config.Registry{}, &library.Progress{})
	require.NoError(t, err)
	holds(t, m, back)
	one, err := contents(t, back).One(ctx, "shop@1.1.0")
	require.NoError(t, err)
	require.Equal(t, p.Digest, one.Digest)

	server.Stop()
	lib, err := library.Open(to)
	require.NoError(t, err)
	_, err = lib.Read(ctx)
	require.ErrorContains(t, err, "not available")
}

func TestWhatNothingNeedsIsRemovedFromARegistryToo(t *testing.T) {
	m := estate(t)
	server := registrytest.Start(t, registrytest.Options{})
	to := server.Host + "/library"
	for _, id := range []string{"shop@1.0.0", "shop@1.1.0", "shop@1.2.0", "shop@1.3.0", "shop@1.4.0"} {
		export(t, m, id, to, true)
	}
	p := pruneAt(t, m, to)
	require.Equal(t, []string{"shop-1.0.0-b1", "shop-1.1.0-b1"}, going(p))
	require.NoError(t, p.Remove(context.Background(), to))
	holds(t, m, to)
	require.Empty(t, going(pruneAt(t, m, to)))
}

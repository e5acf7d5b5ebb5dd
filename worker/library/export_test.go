package library_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/config"
	"slipway/release"
	"slipway/worker/library"
	"slipway/worker/library/librarytest"
)

// export copies what is called so to a library of the test.
func export(t *testing.T, m *librarytest.Media, name, to string, all bool) library.Exported {
	t.Helper()
	c, ctx := contents(t, m.Spec()), context.Background()
	chosen, err := c.Chosen(ctx, name, all)
	require.NoError(t, err)
	items, err := c.Whole(ctx, chosen)
	require.NoError(t, err)
	done, err := c.Export(ctx, items, to, config.Registry{}, &library.Progress{})
	require.NoError(t, err)
	return done
}

func holds(t *testing.T, m *librarytest.Media, spec string) library.Verification {
	t.Helper()
	lib, err := library.Open(spec)
	require.NoError(t, err)
	v, err := lib.Verify(context.Background(), nil, m.Workers(), time.Now(), &library.Progress{})
	require.NoError(t, err)
	require.True(t, v.Holds, "%+v", v.Faults)
	require.Empty(t, v.Strays)
	return v
}

func kindsOf(moved []library.Moved) map[string]int {
	kinds := map[string]int{}
	for _, i := range moved {
		kinds[i.Kind]++
	}
	return kinds
}

func TestACopyHoldsByItself(t *testing.T) {
	m, p := full(t)
	to := "oci-layout:" + filepath.Join(t.TempDir(), "copy")
	done := export(t, m, "shop@1.1.0", to, false)
	require.Equal(t, map[string]int{
		library.KindSource: 1, library.KindLogs: 3, library.KindPackage: 1, library.KindBuildRecord: 1,
		library.KindProvenance: 1, library.KindEvidence: 1, library.KindAttestation: 1, library.KindHistory: 1,
	}, kindsOf(done.Copied))
	require.Equal(t, []string{p.Tag}, done.Packages, "the one that was deployed")
	require.Len(t, holds(t, m, to).Signatures, 2)

	again := export(t, m, "shop@1.1.0", to, true)
	require.Equal(t, map[string]int{library.KindPackage: 1, library.KindBuildRecord: 1, library.KindProvenance: 1, library.KindLogs: 1}, kindsOf(again.Copied))
	require.Len(t, again.There, len(done.Copied), "what is there is not sent again")
	require.Zero(t, export(t, m, "shop@1.1.0", to, true).Bytes)
	holds(t, m, to)

	// Digests and tags are the same.
	mine, err := contents(t, m.Spec()).Packages(context.Background(), "shop@1.1.0")
	require.NoError(t, err)
	theirs, err := contents(t, to).Packages(context.Background(), "")
	require.NoError(t, err)
	require.ElementsMatch(t, mine, theirs)
}

func TestAnExportTellsHowFarItIs(t *testing.T) {
	m, p := full(t)
	c, ctx := contents(t, m.Spec()), context.Background()
	item, err := c.One(ctx, p.Tag)
	require.NoError(t, err)
	var progress library.Progress
	_, err = c.Export(ctx, []*library.Item{item}, "oci-layout:"+filepath.Join(t.TempDir(), "copy"), config.Registry{}, &progress)
	require.NoError(t, err)
	done, total := progress.Bytes()
	require.Equal(t, item.Size(), done)
	require.Equal(t, item.Size(), total)
}

func TestOfPackagesThatWereNeverDeployedOneHasToBeNamed(t *testing.T) {
	m := librarytest.New(t)
	m.Build("shop@1.0.0", 1, "one")
	p := m.Build("shop@1.0.0", 2, "two")
	c := contents(t, m.Spec())
	_, err := c.Chosen(context.Background(), "shop@1.0.0", false)
	require.ErrorContains(t, err, "none of the packages of shop@1.0.0 was deployed: use --all, or one of shop-1.0.0-b1, shop-1.0.0-b2")
	_, err = c.One(context.Background(), "shop@1.0.0")
	require.ErrorContains(t, err, "use one of shop-1.0.0-b1, shop-1.0.0-b2")
	for _, name := range []string{p.Tag, string(p.Digest), p.Digest.Short()} {
		one, err := c.One(context.Background(), name)
		require.NoError(t, err)
		require.Equal(t, p.Digest, one.Digest)
	}
	_, err = c.One(context.Background(), "shop@2.0.0")
	require.ErrorIs(t, err, library.ErrUnknown)
}

func TestWhatIsNotWholeIsNotExported(t *testing.T) {
	m, _ := full(t)
	index(t, m, library.Sources, tail)
	c := contents(t, m.Spec())
	chosen, err := c.Chosen(context.Background(), "shop@1.0.0", false)
	require.NoError(t, err)
	_, err = c.Whole(context.Background(), chosen)
	require.ErrorContains(t, err, "the master copy of component web, which build record build-1.json of package shop-1.0.0-b1 names, is not listed in segment sources")
}

func TestADamagedBlobIsNotCopied(t *testing.T) {
	m, _ := full(t)
	flip(t, find(t, m, library.Packages, "web.tar"))
	c, ctx := contents(t, m.Spec()), context.Background()
	chosen, err := c.Chosen(ctx, "shop@1.0.0", false)
	require.NoError(t, err)
	items, err := c.Whole(ctx, chosen)
	require.NoError(t, err)
	to := "oci-layout:" + filepath.Join(t.TempDir(), "copy")
	_, err = c.Export(ctx, items, to, config.Registry{}, &library.Progress{})
	require.ErrorContains(t, err, "corrupt")
	copied, err := contents(t, to).Packages(ctx, "")
	require.NoError(t, err)
	require.Empty(t, copied)
}

// year is a year.
const year = release.Duration(365 * 24 * time.Hour)

// estate is a library in which one package runs, one ran before, one is of an open
// release, and two others are needed by nobody. Two builds share a source with a
// package that stays.
func estate(t *testing.T) *librarytest.Media {
	t.Helper()
	m := librarytest.New(t)
	at := func(month int) { m.Now = time.Date(2024, time.Month(month), 1, 9, 0, 0, 0, time.UTC) }
	deploy := func(id, text string) {
		p := m.Build(id, 1, text)
		m.Test(p, "unit")
		m.Attest(id, p, "production")
		m.Runs("production", id, p)
	}
	at(1)
	deploy("shop@1.0.0", "one")
	at(2)
	m.Build("shop@1.1.0", 1, "old")
	at(3)
	deploy("shop@1.2.0", "two")
	at(4)
	deploy("shop@1.3.0", "two")
	at(5)
	m.Build("shop@1.4.0", 1, "two")
	m.Opens("shop@1.4.0", "production")
	m.Now = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	return m
}

// aged makes all blobs look as old as they would be.
func aged(t *testing.T, m *librarytest.Media) {
	t.Helper()
	blobs, err := filepath.Glob(filepath.Join(m.Folder, "dml", "*", "blobs", "sha256", "*"))
	require.NoError(t, err)
	old := time.Now().Add(-48 * time.Hour)
	for _, blob := range blobs {
		require.NoError(t, os.Chtimes(blob, old, old))
	}
}

func prune(t *testing.T, m *librarytest.Media) library.Pruning { return pruneAt(t, m, m.Spec()) }

func pruneAt(t *testing.T, m *librarytest.Media, spec string) library.Pruning {
	t.Helper()
	ctx := context.Background()
	needs, err := library.Needs(ctx, "sqlite:"+filepath.Join(m.Folder, "cms.db"), "")
	require.NoError(t, err)
	p, err := contents(t, spec).Prune(ctx, needs, year, m.Now)
	require.NoError(t, err)
	return p
}

func TestWhatNothingNeedsIsRemovedAndTheRestVerifies(t *testing.T) {
	m := estate(t)
	aged(t, m)
	before := holds(t, m, m.Spec())
	p := prune(t, m)
	why := map[string]string{}
	for _, f := range p.Packages {
		why[f.Tags[0]] = "goes"
		if !f.Goes {
			why[f.Tags[0]] = f.Keep[0]
		}
	}
	require.Equal(t, map[string]string{
		"shop-1.0.0-b1": "goes", "shop-1.1.0-b1": "goes", "shop-1.2.0-b1": "needed to back out production",
		"shop-1.3.0-b1": "runs in production", "shop-1.4.0-b1": "of the open release shop@1.4.0",
	}, why)
	require.Equal(t, map[string]int{library.KindSource: 2, library.KindLogs: 4}, kindsOf(p.Also))
	require.Equal(t, before, holds(t, m, m.Spec()), "nothing was removed yet")

	require.NoError(t, p.Remove(context.Background(), m.Spec()))
	after := holds(t, m, m.Spec())
	require.Less(t, after.Bytes, before.Bytes)
	require.Less(t, before.Bytes-after.Bytes, p.Frees, "manifests are freed too")
	require.Empty(t, going(prune(t, m)), "there is nothing more to remove")
}

// going lists what a pruning would remove.
func going(p library.Pruning) (tags []string) {
	for _, f := range p.Packages {
		if f.Goes {
			tags = append(tags, f.Tags...)
		}
	}
	return tags
}

func TestAPackageThatWasCheckedInAgainMeanwhileStays(t *testing.T) {
	m := estate(t)
	aged(t, m)
	p := prune(t, m)
	again := m.Build("shop@1.1.0", 2, "old")
	require.NoError(t, p.Remove(context.Background(), m.Spec()))
	_, err := contents(t, m.Spec()).One(context.Background(), again.Tag)
	require.NoError(t, err)
	lib, err := library.Open(m.Spec())
	require.NoError(t, err)
	require.NoError(t, lib.Pull(context.Background(), again.Digest, filepath.Join(t.TempDir(), "out")))
}

func TestNothingIsRemovedThatCannotBeRead(t *testing.T) {
	m := estate(t)
	flip(t, find(t, m, library.Packages, "manifest of shop-1.3.0-b1"))
	_, err := contents(t, m.Spec()).Prune(context.Background(), release.Needs{}, year, m.Now)
	require.ErrorContains(t, err, "nobody can tell what it needs, so nothing is removed")
	_, err = library.Needs(context.Background(), "sqlite:"+filepath.Join(m.Folder, "none.db"), "")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestWhatIsRemovedWhileALibraryIsVerifiedIsNotMissed(t *testing.T) {
	m := estate(t)
	aged(t, m)
	p := prune(t, m)
	removed := make(chan error)
	go func() { removed <- p.Remove(context.Background(), m.Spec()) }()
	for done := false; !done; {
		select {
		case err := <-removed:
			require.NoError(t, err)
			done = true
		default:
		}
		v := verify(t, m)
		require.True(t, v.Holds, "%+v", v.Faults)
	}
}

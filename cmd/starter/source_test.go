package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestAnotherRevisionOfAComponentKeepsItsPlace(t *testing.T) {
	commit, other := strings.Repeat("a", 40), strings.Repeat("b", 40)
	digest, changed := "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("b", 64)
	here, err := filepath.Abs(".")
	require.NoError(t, err)
	for _, c := range []struct {
		planned release.Source
		text    string
		want    release.Source
	}{
		{release.Source{Module: "example.org/a", Version: "v1.0.0", Sum: "h1:x="}, "v1.1.0@h1:y=", release.Source{Module: "example.org/a", Version: "v1.1.0", Sum: "h1:y="}},
		{release.Source{Git: "/a", Commit: commit, Tag: "v1", Branch: "main", Sum: "h1:x="}, other, release.Source{Git: "/a", Commit: other, Branch: "main"}},
		{release.Source{Git: "/a", Commit: commit}, "v2@" + other, release.Source{Git: "/a", Commit: other, Tag: "v2"}},
		{release.Source{Archive: "https://a/1.zip", Sum: digest}, "https://a/2@x.zip@" + changed, release.Source{Archive: "https://a/2@x.zip", Sum: changed}},
		{release.Source{OCI: "dml@" + digest, Sum: "h1:x="}, changed, release.Source{OCI: "dml@" + changed}},
		{release.Source{OCI: "dml@" + digest}, "ghcr.io/a@" + changed, release.Source{OCI: "ghcr.io/a@" + changed}},
		{release.Source{Dir: "/a", Sum: "h1:x="}, "b@h1:y=", release.Source{Dir: filepath.Join(here, "b"), Sum: "h1:y="}},
	} {
		got, err := revised(c.planned, c.text)
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, got)
		_, err = revised(c.planned, "nonsense")
		require.Error(t, err, c.planned)
	}
}

func TestFoldersAndLocalRepositoriesCountFromTheDefinition(t *testing.T) {
	for given, want := range map[release.Source]release.Source{
		{Git: "../web"}:               {Git: "/srv/web"},
		{Dir: "web"}:                  {Dir: "/srv/definitions/web"},
		{Git: "/web"}:                 {Git: "/web"},
		{Git: "https://git.acme/web"}: {Git: "https://git.acme/web"},
		{Module: "example.org/web"}:   {Module: "example.org/web"},
	} {
		got, err := absolute(given, "/srv/definitions")
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

package release_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// taking is an organization that takes components from these places.
func taking(places ...release.SourcePlace) release.Organization {
	return release.Organization{Sources: places}
}

func TestASourceIsOfAPlaceWhenItLiesBelowIt(t *testing.T) {
	o := taking(
		release.SourcePlace{Module: "github.com/acme"},
		release.SourcePlace{Git: "https://git.acme/team"}, release.SourcePlace{Git: "ssh://git@git.acme/team"}, release.SourcePlace{Git: "/srv/git"},
		release.SourcePlace{Git: "https://Git.Acme:8443/"}, release.SourcePlace{Git: "https://one.acme/x.git"},
		release.SourcePlace{Archive: "https://acme.org/dist"}, release.SourcePlace{OCI: "ghcr.io/acme"}, release.SourcePlace{OCI: "dml"},
		release.SourcePlace{Dir: "/home/eva"},
	)
	require.Empty(t, o.Check())
	module := func(path string) release.Source { return release.Source{Module: path, Version: "v1.0.0", Sum: "h1:x="} }
	dir := func(path string) release.Source { return release.Source{Dir: path, Sum: "h1:x="} }
	for _, s := range []release.Source{
		module("github.com/acme"), module("github.com/acme/web/v2"),
		fromGit("https://git.acme/team"), fromGit("https://git.acme/team/web.git"), fromGit("https://GIT.ACME:443/team/web"),
		fromGit("ssh://git.acme/team/web"), fromGit("ssh://git@git.acme:22/team/web"),
		fromGit("/srv/git/web"), fromGit("file:///srv/git/web"), fromGit("https://git.acme:8443/any"), fromGit("https://one.acme/x"),
		fromArchive("https://acme.org/dist/web.tgz"), fromRegistry("ghcr.io/acme/web"), fromRegistry("GHCR.io/acme"), fromRegistry("dml"),
		dir("/home/eva"), dir("/home/eva/web/"),
	} {
		_, err := o.Allows(s, []string{"test"})
		assert.NoError(t, err, s)
	}
	for _, s := range []release.Source{
		module("github.com/acme-evil"), module("github.com/acmeevil/web"), module("github.com"), module("github.com/other/acme"), module("github.com/acme/../evil"),
		fromGit("https://git.acme.evil/team/web"), fromGit("https://git.acme/team-evil"), fromGit("https://git.acme/Team/web"), fromGit("https://git.acme:444/team/web"),
		fromGit("https://git.acme/team/../evil"), fromGit("https://git.acme/team/%2e%2e/evil"), fromGit("https://git.acme@evil.org/team"), fromGit("https://git.acme/"),
		fromGit("https://git.acme\\@evil.org/team"), fromGit("ssh://git.acme:23/team/web"), fromGit("http://git.acme/team/web"),
		fromGit("/srv/git-evil"), fromGit("/srv/git/../evil"), fromGit("srv/git"), fromGit("file:///srv/evil"), fromGit("https://one.acme/x-evil"),
		fromArchive("https://acme.org/distribution/web.tgz"), fromArchive("http://acme.org/dist/web.tgz"), fromArchive("https://git.acme/team/web.tgz"),
		fromRegistry("ghcr.io/acme-evil/web"), fromRegistry("ghcr.io.evil/acme/web"), fromRegistry("ghcr.io:5000/acme/web"), fromRegistry("dml/acme"), fromRegistry("dmls.io/x"),
		dir("/home/evangeline"), dir("/home"), dir("home/eva"), dir("/home/eva/../root"),
		{},
	} {
		_, err := o.Allows(s, []string{"test"})
		assert.Error(t, err, s)
	}
}

func TestASourceOutsideTheListIsToldTheListAndWhatWouldWork(t *testing.T) {
	s := fromGit("https://evil.org/web")
	for want, o := range map[string]release.Organization{
		"it lists none; have the place added to organization.sources":      taking(),
		"takes none of the kind git, but from module example.org, oci dml": taking(release.SourcePlace{Module: "example.org"}, release.SourcePlace{OCI: "dml"}),
		"of the kind git it takes them from https://git.acme, /srv":        taking(release.SourcePlace{Git: "https://git.acme"}, release.SourcePlace{Git: "/srv"}),
	} {
		_, err := o.Allows(s, nil)
		require.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, s.String())
	}
}

func TestAFolderGoesEverywhereButToProductionUnlessItsPlaceSaysSo(t *testing.T) {
	s := release.Source{Dir: "/home/eva/web", Sum: "h1:x="}
	for _, c := range []struct {
		place    release.SourcePlace
		purposes []string
		allowed  bool
	}{
		{release.SourcePlace{Dir: "/home"}, nil, true},
		{release.SourcePlace{Dir: "/home"}, []string{"test", "pilot", "", "trading"}, true},
		{release.SourcePlace{Dir: "/home"}, []string{"test", "production"}, false},
		{release.SourcePlace{Dir: "/home", Purposes: []string{"production"}}, []string{"production"}, true},
		{release.SourcePlace{Dir: "/home", Purposes: []string{"production"}}, []string{"test", "production"}, false},
		{release.SourcePlace{Dir: "/home", Purposes: []string{"test"}}, []string{"test"}, true},
	} {
		_, err := taking(c.place).Allows(s, c.purposes)
		assert.Equal(t, c.allowed, err == nil, "%v: %v", c, err)
	}
}

func TestTheNearestPlaceDecidesAlone(t *testing.T) {
	signer := key(t, "eva").Line
	trials := release.SourcePlace{Git: "https://git.acme/trials", Purposes: []string{"test"}}
	o := taking(release.SourcePlace{Git: "https://git.acme", Signers: []string{signer}}, trials, release.SourcePlace{Git: "https://git.acme/trials/web/old"})
	place, err := o.Allows(fromGit("https://git.acme/trials/web"), []string{"test"})
	require.NoError(t, err)
	assert.Equal(t, trials, place)
	_, err = o.Allows(fromGit("https://git.acme/trials/web"), []string{"production"})
	require.ErrorContains(t, err, `purpose is "production": git https://git.acme/trials is for test`)
	_, err = o.Allows(fromGit("https://git.acme/web"), []string{"production"})
	require.ErrorContains(t, err, "needs a signed tag")
	tagged := fromGit("https://git.acme/web")
	tagged.Tag = "v1"
	place, err = o.Allows(tagged, []string{"production"})
	require.NoError(t, err)
	assert.Equal(t, []string{signer}, place.Signers)
}

// Whatever stands behind the path of a place as part of the same element, or before
// it, leads out of it.
func TestNoTextMadeOfAPlaceLeadsOutOfIt(t *testing.T) {
	o := taking(release.SourcePlace{Git: "https://git.acme/team"})
	rapid.Check(t, func(t *rapid.T) {
		rest := rapid.StringMatching(`[-a-z0-9./%@:?#\\~]{0,20}`).Draw(t, "rest")
		_, err := o.Allows(fromGit("https://git.acme/team"+rest), nil)
		if err != nil {
			return
		}
		plain := rest == "" || rest == ".git" || strings.HasPrefix(rest, "/")
		assert.True(t, plain && !slices.Contains(strings.Split(rest, "/"), ".."), rest)
	})
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.StringMatching(`[-a-z0-9./%@:\\~]{1,20}`).Draw(t, "before")
		url := "https://" + before + "git.acme/team/x"
		if _, err := o.Allows(fromGit(url), nil); err == nil {
			t.Fatalf("%s is taken", url)
		}
	})
}

func TestAPlaceThatHoldsNothingOrTooMuchIsRefused(t *testing.T) {
	for _, c := range []struct {
		place release.SourcePlace
		said  string
	}{
		{release.SourcePlace{}, "sources[0]: name exactly one of"},
		{release.SourcePlace{Git: "https://git.acme", Dir: "/x"}, "name exactly one of"},
		{release.SourcePlace{Git: "git.acme/team"}, "sources[0].git"},
		{release.SourcePlace{Git: "relative"}, "not a whole path"},
		{release.SourcePlace{Archive: "http://acme.org"}, "by https only"},
		{release.SourcePlace{Archive: "https://acme.org/x?y"}, "names one source"},
		{release.SourcePlace{OCI: "ghcr.io/acme/web@" + someDigest}, "names one source"},
		{release.SourcePlace{OCI: "acme"}, "which registry"},
		{release.SourcePlace{Dir: "x"}, "not a whole path"},
		{release.SourcePlace{Module: "example.org//x"}, "plain path"},
		{release.SourcePlace{Module: "example.org", Signers: []string{key(t, "eva").Line}}, "only tags of repositories are signed"},
		{release.SourcePlace{Git: "/srv", Signers: []string{"ssh-ed25519 AAAA"}}, "sources[0].signers[0]"},
		{release.SourcePlace{Git: "https://git.acme", Username: "robot"}, "sources[0].password: it is missing beside username"},
		{release.SourcePlace{Git: "https://git.acme", Password: "hunter2"}, "never the password itself"},
		{release.SourcePlace{Archive: "https://acme.org", Password: "env:"}, "never the password itself"},
		{release.SourcePlace{OCI: "ghcr.io/acme", Username: "a:b", Password: "env:X"}, "sources[0].username"},
		{release.SourcePlace{OCI: "dml", Password: "env:X"}, "leave them out"},
		{release.SourcePlace{Git: "ssh://git@git.acme", Password: "env:X"}, "ssh uses the keys"},
		{release.SourcePlace{Git: "file:///srv", Password: "env:X"}, "leave them out"},
		{release.SourcePlace{Git: "http://git.acme", Password: "env:X"}, "by https or ssh"},
		{release.SourcePlace{Dir: "/srv", Password: "env:X"}, "leave them out"},
		{release.SourcePlace{Module: "example.org", Username: "robot", Password: "env:X"}, "login of its go command"},
		{release.SourcePlace{Dir: "/srv", Purposes: []string{"prodution"}}, `looks like the purpose "production"`},
	} {
		problems := taking(c.place).Check()
		assert.ErrorContains(t, problems, c.said, c.place)
		assert.NotContains(t, problems.Error(), "hunter2")
	}
	for _, p := range []release.SourcePlace{
		{Git: "https://git.acme", Username: "robot", Password: "env:X"},
		{Git: "http://localhost:3000", Password: "env:X"},
		{Archive: "https://acme.org", Password: "file:/run/token"},
		{OCI: "ghcr.io/acme", Password: "env:X"},
	} {
		assert.Empty(t, taking(p).Check(), p)
	}
	twice := taking(release.SourcePlace{Git: "https://git.acme/x"}, release.SourcePlace{Git: "https://GIT.acme:443/x.git/"})
	assert.ErrorContains(t, twice.Check(), "sources[0] is the same place")
}

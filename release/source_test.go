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

var (
	someCommit = strings.Repeat("a1b2c3d4e5", 4)
	someDigest = "sha256:" + strings.Repeat("ab12", 16)
)

func fromGit(url string) release.Source { return release.Source{Git: url, Commit: someCommit} }

func fromArchive(url string) release.Source { return release.Source{Archive: url, Sum: someDigest} }

func fromRegistry(name string) release.Source { return release.Source{OCI: name + "@" + someDigest} }

func TestASourceOfEachKindIsNamedAndPinned(t *testing.T) {
	for _, c := range []struct {
		source release.Source
		kind   release.SourceKind
		text   string
		pin    string
	}{
		{release.Source{Module: "example.org/web", Version: "v1.2.3", Sum: "h1:x="}, release.SourceModule, "module example.org/web v1.2.3", "h1:x="},
		{fromGit("https://git.acme/web.git"), release.SourceGit, "git https://git.acme/web.git commit a1b2c3d4e5a1", someCommit},
		{release.Source{Git: "/srv/git/web", Commit: strings.Repeat("f", 64), Tag: "v1.2.3", Branch: "main", Sum: "h1:x="}, release.SourceGit, "git /srv/git/web v1.2.3 (ffffffffffff)", strings.Repeat("f", 64)},
		{fromArchive("https://acme.org/web-1.tar.gz?raw=1"), release.SourceArchive, "archive https://acme.org/web-1.tar.gz?raw=1", someDigest},
		{fromRegistry("ghcr.io/acme/web"), release.SourceOCI, "oci ghcr.io/acme/web@ab12ab12ab12", someDigest},
		{fromRegistry("localhost:5000/web"), release.SourceOCI, "oci localhost:5000/web@ab12ab12ab12", someDigest},
		{fromRegistry("dml"), release.SourceOCI, "oci dml@ab12ab12ab12", someDigest},
		{release.Source{Dir: "/x", Sum: "h1:x="}, release.SourceDir, "dir /x", "h1:x="},
		{release.Source{Dir: "../x", Sum: "h1:x="}, release.SourceDir, "dir ../x", "h1:x="},
		{fromGit("../x"), release.SourceGit, "git ../x commit a1b2c3d4e5a1", someCommit},
	} {
		assert.Empty(t, c.source.Check(), c.text)
		assert.Equal(t, c.kind, c.source.Kind())
		assert.Equal(t, c.text, c.source.String())
		_, pin := c.source.Pin()
		assert.Equal(t, c.pin, pin)
	}
}

func TestASourceThatIsNotPinnedOrNotOneIsRefused(t *testing.T) {
	for _, c := range []struct {
		source release.Source
		said   string
	}{
		{release.Source{}, "name exactly one of module, git, archive, oci, dir"},
		{release.Source{Git: "/x", Dir: "/x"}, "name exactly one of"},
		{release.Source{Git: "https://git.acme/x", Commit: "main"}, `"main" does not pin a commit`},
		{release.Source{Git: "https://git.acme/x", Commit: someCommit[:12]}, "write its whole hash"},
		{release.Source{Git: "https://git.acme/x", Commit: strings.ToUpper(someCommit)}, "does not pin a commit"},
		{release.Source{Git: "https://git.acme/x", Commit: someCommit, Tag: "--exec=x"}, "not the name of a tag"},
		{release.Source{Git: "https://git.acme/x", Commit: someCommit, Tag: "a..b"}, "not the name of a tag"},
		{release.Source{Git: "https://git.acme/x", Commit: someCommit, Branch: "a b"}, "not the name of a branch"},
		{release.Source{Git: "https://git.acme/x", Commit: someCommit, Sum: someDigest}, "not a content sum"},
		{release.Source{Git: "https://git.acme/x", Commit: someCommit, Version: "v1"}, "version belongs to a source of the kind module"},
		{fromGit("https://eva:secret@git.acme/x"), "write it without"},
		{fromGit("https://eva@git.acme/x"), "write it without"},
		{fromGit("ssh://eva:secret@git.acme/x"), "write it without"},
		{fromGit("git@git.acme:x"), "ssh://git@HOST/PATH"},
		{fromGit("http://git.acme/x"), "by https or ssh"},
		{fromGit("git://git.acme/x"), "by https or ssh"},
		{fromGit("ext::sh -c x"), "not a URL"},
		{fromGit("https://git.acme/x?token=1"), "plain path"},
		{fromGit("https://git.acme/a/../x"), "plain path"},
		{fromGit("https://git.acme/a/%2e%2e/x"), "without escapes"},
		{fromGit("https://git.acme/a%2fx"), "without escapes"},
		{fromGit("https://git.acme//x"), "plain path"},
		{fromGit("https://git.acme./x"), "no host"},
		{fromGit("https:///x"), "no host"},
		{fromGit("file://elsewhere/x"), "folder on the worker"},
		{fromGit("/srv/../etc"), "without .."},
		{fromGit("https://git.acme/x\n"), "no place there"},
		{fromArchive("http://acme.org/x.tgz"), "by https only"},
		{fromArchive("/x.tgz"), "no host"},
		{fromArchive("file:///x.tgz"), "no host"},
		{fromArchive("https://eva@acme.org/x.tgz"), "write it without"},
		{release.Source{Archive: "https://acme.org/x.tgz"}, "64 hexadecimal digits"},
		{release.Source{Archive: "https://acme.org/x.tgz", Sum: "h1:x="}, "64 hexadecimal digits"},
		{release.Source{OCI: "ghcr.io/acme/web:v1"}, "has a tag"},
		{release.Source{OCI: "ghcr.io/acme/web"}, "not pinned"},
		{fromRegistry("ghcr.io/acme/web:v1"), "has a tag"},
		{fromRegistry("ubuntu"), "which registry"},
		{release.Source{OCI: "ghcr.io/acme/web@sha256:12"}, "not pinned"},
		{fromRegistry("eva@ghcr.io/acme/web"), "not pinned"},
		{release.Source{Dir: "/x"}, "not a content sum"},
	} {
		assert.ErrorContains(t, c.source.Check(), c.said, c.source)
		assert.NotContains(t, c.source.Check().Error(), "secret")
	}
}

// Component names become folders and variables of scripts.
func TestANameOfAComponentHasNothingThatAShellWouldRead(t *testing.T) {
	for _, name := range []string{"$(id)", "a;b", "a b", "../a", "a/b", "-rf", "`x`", "a\nb", "A", ""} {
		d := definition(t)
		d.Components[0].Name = name
		assert.ErrorContains(t, d.Check(), "is not a name", name)
	}
}

func TestWhatPinsASourceIsItsIdentity(t *testing.T) {
	base := release.Source{Git: "https://git.acme/web", Commit: someCommit, Tag: "v1"}
	same, moved := base, base
	same.Branch, same.Sum = "main", "h1:x="
	assert.Equal(t, base.Identity(), same.Identity())
	moved.Tag = ""
	all := []string{
		base.Identity(), moved.Identity(), fromGit("https://git.acme/other").Identity(),
		fromArchive("https://acme.org/a").Identity(), fromArchive("https://acme.org/b").Identity(),
		fromRegistry("ghcr.io/a").Identity(), fromRegistry("dml").Identity(),
		release.Source{Dir: "/x", Sum: "h1:x="}.Identity(), release.Source{Dir: "/x", Sum: "h1:y="}.Identity(),
		release.Source{Module: "m", Version: "v1", Sum: "h1:x="}.Identity(), release.Source{Module: "m", Version: "v2", Sum: "h1:x="}.Identity(),
	}
	slices.Sort(all)
	assert.Len(t, slices.Compact(all), 11)
}

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
		{release.SourcePlace{Dir: "/srv", Purposes: []string{"prodution"}}, `looks like the purpose "production"`},
	} {
		assert.ErrorContains(t, taking(c.place).Check(), c.said, c.place)
	}
	twice := taking(release.SourcePlace{Git: "https://git.acme/x"}, release.SourcePlace{Git: "https://GIT.acme:443/x.git/"})
	assert.ErrorContains(t, twice.Check(), "sources[0] is the same place")
}

func TestAPlanTakesNothingFromOutsideTheListAndNoFolderToProduction(t *testing.T) {
	d, o := definition(t), organization()
	d.Components[0].Source = fromGit("https://evil.org/web")
	_, problems := release.Compile(d, o, facts(), 1)
	require.ErrorContains(t, problems, "components[0].source: git https://evil.org/web commit a1b2c3d4e5a1 is in no place")
	o.Sources = []release.SourcePlace{{Dir: "/web"}}
	d.Components[0].Source = release.Source{Dir: "/web", Sum: "h1:x="}
	_, problems = release.Compile(d, o, facts(), 1)
	require.ErrorContains(t, problems, `may not go to environments whose purpose is "production"`)
	d.Environments = d.Environments[:1]
	d.Readiness = nil
	compiled(t, d, o, facts())
}

func TestAnotherVersionOfASourceIsToldShortly(t *testing.T) {
	other := strings.Repeat("9f", 20)
	for _, c := range []struct {
		was, is release.Source
		want    string
	}{
		{fromGit("/srv/web"), release.Source{Git: "/srv/web", Commit: other}, "commit a1b2c3d4e5a1 → commit 9f9f9f9f9f9f"},
		{fromGit("/srv/web"), release.Source{Git: "/srv/web", Commit: other, Tag: "v2"}, "commit a1b2c3d4e5a1 → v2 (9f9f9f9f9f9f)"},
		{fromArchive("https://acme.org/d/a-1.tgz"), fromArchive("https://acme.org/d/a-2.tgz"), "a-1.tgz → a-2.tgz"},
		{fromArchive("https://acme.org/d/a.tgz"), fromArchive("https://acme.com/d/a.tgz"), "archive https://acme.org/d/a.tgz → archive https://acme.com/d/a.tgz"},
		{fromRegistry("dml"), release.Source{OCI: "dml@sha256:" + strings.Repeat("c", 64)}, "ab12ab12ab12 → cccccccccccc"},
		{fromRegistry("dml"), fromGit("/srv/web"), "oci dml@ab12ab12ab12 → git /srv/web commit a1b2c3d4e5a1"},
	} {
		took := func(s release.Source) release.Plan {
			d, o := definition(t), organization()
			d.Components[0].Source = s
			o.Sources = []release.SourcePlace{
				{Git: "/srv"}, {Archive: "https://acme.org"}, {Archive: "https://acme.com"}, {OCI: "dml"},
			}
			return compiled(t, d, o, facts())
		}
		was, next := took(c.was), took(c.is)
		in, _ := next.Environment("production")
		assert.Contains(t, lines(release.Compare(&was, next, in)), "component web: "+c.want)
	}
}

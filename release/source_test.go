package release_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
		{fromGit("/srv/../etc"), "without it"},
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

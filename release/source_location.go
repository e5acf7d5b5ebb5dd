package release

import (
	"fmt"
	"net"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
)

// location is where a source or a place is, in a form in which two can be compared:
// a root, such as a server, and the path below it.
type location struct {
	root string
	path []string
}

// fileRoot is the root of what is on the worker's machine, and dmlRoot that of what
// is in the definitive media library.
const (
	fileRoot = "file"
	dmlRoot  = "dml"
)

// holds tells whether something else is there, or below it.
func (l location) holds(other location) bool {
	return l.root == other.root && len(l.path) <= len(other.path) && slices.Equal(l.path, other.path[:len(l.path)])
}

// String gives the location as one text that no other has.
func (l location) String() string { return l.root + "/" + strings.Join(l.path, "/") }

// isFolder tells whether text is meant as a path rather than as a URL.
func isFolder(text string) bool {
	before, _, _ := strings.Cut(text, "/")
	return !strings.Contains(before, ":")
}

// locate gives the location of a source or a place of a kind, or says what is wrong
// with it.
func locate(kind SourceKind, text string) (location, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == '\\' }) {
		return location{}, fmt.Errorf("%q has characters that have no place there", text)
	}
	switch {
	case kind == SourceModule:
		return below("", text)
	case kind == SourceOCI:
		return locateArtifact(text)
	case kind == SourceDir || kind == SourceGit && isFolder(text):
		return locateFolder(text)
	}
	return locateURL(kind, text)
}

func locateFolder(text string) (location, error) {
	if !path.IsAbs(text) {
		return location{}, fmt.Errorf("%q is not a whole path: begin it with /", text)
	}
	if slices.Contains(strings.Split(text, "/"), "..") {
		return location{}, fmt.Errorf("%q leads up again by ..: write the path without it", text)
	}
	return below(fileRoot, strings.TrimPrefix(path.Clean(text), "/"))
}

// usualPorts are those that a URL need not tell.
var usualPorts = map[string]string{"https": "443", "http": "80", "ssh": "22"}

func locateURL(kind SourceKind, text string) (location, error) {
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || strings.ContainsRune(text, ' ') {
		return location{}, fmt.Errorf("%q is not a URL: write it as https://HOST/PATH, and a repository behind ssh as ssh://git@HOST/PATH", text)
	}
	if _, secret := u.User.Password(); secret || (u.User != nil && u.Scheme != "ssh") {
		return location{}, fmt.Errorf("%s holds who logs in: write it without, because plans and records show it to everybody", u.Redacted())
	}
	if err := checkScheme(kind, u); err != nil {
		return location{}, err
	}
	if u.RawPath != "" || strings.Contains(text, "#") || (kind == SourceGit && (u.RawQuery != "" || u.ForceQuery)) {
		return location{}, fmt.Errorf("%q has more than a host and a plain path: write it without escapes, ? and #", text)
	}
	trimmed := strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/")
	if kind == SourceGit {
		trimmed = strings.TrimSuffix(trimmed, ".git")
	}
	if u.Scheme == "file" {
		return locateFolder(strings.TrimSuffix(u.Path, ".git"))
	}
	return below(u.Scheme+"://"+server(u), trimmed)
}

// checkScheme refuses ways to a source by which it could be changed, and hosts whose
// name may be mistaken.
func checkScheme(kind SourceKind, u *url.URL) error {
	host := u.Hostname()
	plain := !strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII || r == '%' }) && !strings.HasSuffix(host, ".")
	switch {
	case u.Scheme == "file" && kind == SourceGit && host == "":
		return nil
	case host == "" || !plain:
		return fmt.Errorf("%q has no host that can be told from others: write it as https://HOST/PATH, in ASCII and without a dot at the end", u.String())
	case u.Scheme == "https":
		return nil
	case kind == SourceArchive:
		return fmt.Errorf("%q: an archive comes by https only", u.String())
	case u.Scheme == "ssh":
		return nil
	case u.Scheme == "http" && loopback(host):
		return nil
	}
	return fmt.Errorf("%q: a repository comes by https or ssh, or is a folder on the worker's machine", u.String())
}

// loopback tells whether a host is this machine itself.
func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// server gives the host, with the port when it is not the usual one.
func server(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if port := u.Port(); port != "" && port != usualPorts[u.Scheme] {
		return net.JoinHostPort(host, port)
	}
	return host
}

// locateArtifact reads REGISTRY/REPOSITORY@sha256:…, the beginning of one, or dml.
func locateArtifact(text string) (location, error) {
	name, digest, pinned := strings.Cut(text, "@")
	if pinned && !digestForm.MatchString(digest) {
		return location{}, fmt.Errorf("%q is not pinned: write the digest behind the @, sha256: and 64 hexadecimal digits", text)
	}
	if name == dmlRoot {
		return location{root: dmlRoot}, nil
	}
	registry, repository, _ := strings.Cut(name, "/")
	switch {
	case !strings.ContainsAny(registry, ".:") && registry != "localhost":
		return location{}, fmt.Errorf("%q does not say in which registry: begin it with the host, as in ghcr.io/acme/web, or write dml", text)
	case strings.Contains(repository, ":"):
		return location{}, fmt.Errorf("%q has a tag, which may move: name the digest alone, as in ghcr.io/acme/web@sha256:…", text)
	}
	u, err := url.Parse("https://" + registry)
	if err != nil || u.Host != registry || u.Hostname() == "" {
		return location{}, fmt.Errorf("%q does not begin with the host of a registry", text)
	}
	return below(server(u), strings.TrimSuffix(repository, "/"))
}

// below gives a location under a root. Every element of the path has to be one.
func below(root, text string) (location, error) {
	l := location{root: root}
	if text == "" {
		return l, nil
	}
	l.path = strings.Split(text, "/")
	for _, element := range l.path {
		if element == "" || element == "." || element == ".." {
			return location{}, fmt.Errorf("%q is not a plain path: write it without . and .. and empty parts", text)
		}
	}
	return l, nil
}

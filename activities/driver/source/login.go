package source

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"slipway/activities/driver/shell"
	"slipway/release"
)

// anyUser logs in where a place has a token and no username: servers that take tokens
// for passwords take any name beside one, but GitLab takes only this for some.
const anyUser = "oauth2"

// login is how a place lets us in.
type login struct {
	place release.SourcePlace
	// password is empty where anybody may come in.
	password string
}

// newLogin looks the password of a place up. Messages do not tell what the place refers
// to: they get into records.
func newLogin(place release.SourcePlace) (login, error) {
	if place.Password == "" {
		return login{place: place}, nil
	}
	password, err := shell.Secret(place.Password)
	switch {
	case err != nil:
		return login{}, fmt.Errorf("%w: this worker has no password for %s: provide what the password of that place in organization.sources refers to", ErrUnfit, place)
	case strings.ContainsFunc(password, unicode.IsControl):
		return login{}, fmt.Errorf("%w: the password for %s has a line break or another control character: provide it as one line", ErrUnfit, place)
	}
	return login{place, password}, nil
}

func (l login) user() string { return cmp.Or(l.place.Username, anyUser) }

// authorization is the header of that name for the server of the place; empty where
// anybody may come in.
func (l login) authorization() string {
	switch {
	case l.password == "":
		return ""
	case l.place.Username == "" && l.place.Kind() == release.SourceArchive:
		return "Bearer " + l.password
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(l.user()+":"+l.password))
}

// advice says where to look when the server of the place does not let us in.
func (l login) advice() string {
	what := "check username and password"
	if l.password == "" {
		what = "it asks who we are: set username and password"
	}
	return fmt.Sprintf("%s of the place %s in organization.sources", what, l.place)
}

// answered gives the error of an answer that is none that was hoped for.
func (l login) answered(status int) error {
	said := fmt.Sprintf("the server answers %d %s", status, http.StatusText(status))
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("%w: %s", ErrMissing, said)
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%w: %s; %s", ErrUnfit, said, l.advice())
	case http.StatusProxyAuthRequired:
		return fmt.Errorf("%w: %s; write who logs in into the URL of the proxy", ErrUnfit, said)
	}
	return fmt.Errorf("%w: %s", ErrUnavailable, said)
}

// mask hides the password in a text, also as it is sent and as a URL has it.
func (l login) mask(text string) string {
	if l.password == "" {
		return text
	}
	_, sent, _ := strings.Cut(l.authorization(), " ")
	return shell.Secrets{"plain": l.password, "sent": sent, "escaped": url.PathEscape(l.password)}.Mask(text)
}

// hide gives an error of the same kinds whose text does not have the password.
func (l login) hide(err error) error {
	if err == nil {
		return nil
	}
	if text := l.mask(err.Error()); text != err.Error() {
		return masked{text, err}
	}
	return err
}

// masked stands for an error whose text is not to be seen. It does not unwrap to that,
// since whoever records an error records what is in it, too.
type masked struct {
	text string
	err  error
}

func (m masked) Error() string { return m.text }

// Is tells whether the error is of a kind.
func (m masked) Is(target error) bool { return errors.Is(m.err, target) }

// thisMachine tells whether a host, without a port, is this machine itself.
func thisMachine(host string) bool {
	return host == "localhost" || net.ParseIP(strings.Trim(host, "[]")).IsLoopback()
}

// sameServer tells whether two URLs are of one server, to which the same login goes.
func sameServer(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }

// private sends no password in the clear.
type private struct{ http.RoundTripper }

func (p private) RoundTrip(q *http.Request) (*http.Response, error) {
	if q.Header.Get("Authorization") != "" && q.URL.Scheme != "https" && !thisMachine(q.URL.Hostname()) {
		return nil, fmt.Errorf("%w: a password is not sent in the clear, as %s asks for", ErrUnfit, q.URL.Host)
	}
	return p.RoundTripper.RoundTrip(q)
}

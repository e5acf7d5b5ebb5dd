package notify

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	mask      = "***"
	maxReason = 300
	// minSecret is the shortest part of a URL that is masked; shorter ones ("no",
	// "25") say nothing. A password is masked whatever its length.
	minSecret = 3
)

var anyURL = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+`)

// servers are the services whose host is a machine, and not a token.
var servers = []string{"smtp", "generic"}

// redact gives an error's text on one line without what is in the contact's URL,
// and without any other URL: services make their own from the tokens.
func redact(text, address string) string {
	text = anyURL.ReplaceAllString(strings.Join(strings.Fields(text), " "), mask)
	if u, err := url.Parse(address); err == nil {
		for _, secret := range secrets(u) {
			text = strings.ReplaceAll(text, secret, mask)
		}
	}
	return cut(strings.ToValidUTF8(text, ""), maxReason, " …")
}

// secrets gives the parts of a URL in all the ways in which an error may write
// them, the longest first, so that none is left in part.
func secrets(u *url.URL) []string {
	parts := []string{u.User.Username(), u.Fragment, u.RawQuery, u.Opaque, u.Path}
	parts = append(parts, strings.Split(u.Path, "/")...)
	parts = append(parts, strings.Split(u.EscapedPath(), "/")...)
	service, _, _ := strings.Cut(u.Scheme, "+")
	if !slices.Contains(servers, service) && u.Host != service { // as in "…@telegram"
		parts = append(parts, u.Host, u.Hostname())
	}
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		_, value, _ := strings.Cut(pair, "=")
		parts = append(parts, value)
	}
	for _, values := range u.Query() {
		for _, value := range values {
			parts = append(parts, value)
			parts = append(parts, strings.Split(value, ",")...)
		}
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return len(part) < minSecret })
	if password, _ := u.User.Password(); password != "" {
		parts = append(parts, password, u.User.String())
	}
	var all []string
	for _, part := range parts {
		quoted := strconv.Quote(part)
		all = append(all, part, url.QueryEscape(part), url.PathEscape(part), quoted[1:len(quoted)-1])
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}

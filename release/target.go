package release

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// TargetKind says by which driver a target is reached.
type TargetKind string

// The kinds of target.
const (
	// TargetShell is a folder on the machine of the worker.
	TargetShell TargetKind = "shell"
	// TargetSSH is a folder on another machine, reached over SSH.
	TargetSSH TargetKind = "ssh"
	// TargetHTTP is whatever an outside deployer looks after.
	TargetHTTP TargetKind = "http"
)

// Kind says by which driver the target is reached.
func (t Target) Kind() TargetKind {
	switch scheme, _, _ := strings.Cut(t.Address, ":"); scheme {
	case "ssh":
		return TargetSSH
	case "http", "https":
		return TargetHTTP
	}
	return TargetShell
}

// check notes what is wrong with where the target is.
func (t Target) check(at string, problems *Problems) {
	switch {
	case t.Address != "" && t.Folder != "":
		problems.add(at+".address", "a target has either a folder of the worker's machine or an address, not both")
	case t.Address != "":
		t.checkAddress(at+".address", problems)
	case !strings.HasPrefix(t.Folder, "/"):
		problems.add(at+".folder", "%q is not an absolute path", t.Folder)
	}
}

func (t Target) checkAddress(at string, problems *Problems) {
	address, err := url.Parse(t.Address)
	switch {
	case err != nil || address.Host == "" || !slices.Contains([]string{"ssh", "http", "https"}, address.Scheme):
		problems.add(at, "%q is not an address: use ssh://USER@HOST:PORT/FOLDER, or http(s)://… of an outside deployer", t.Address)
	case address.Scheme != "ssh":
	case strings.Trim(address.Path, "/") == "":
		problems.add(at, "%q names no folder on %s, as in ssh://deploy@%s/srv/app", t.Address, address.Hostname(), address.Host)
	case address.User.Username() == "":
		problems.add(at, "%q names no user, as in ssh://deploy@%s%s", t.Address, address.Host, address.Path)
	}
	if address != nil && address.User != nil {
		if _, secret := address.User.Password(); secret {
			problems.add(at, "an address must not hold a password: use keys or an agent, or a token of the worker's configuration")
		}
	}
}

// labels writes labels as people do: "region=emea, zone=a".
func labels(all map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		pairs = append(pairs, name+"="+all[name])
	}
	return list(pairs)
}

// labels lists the labels that targets of the environment have.
func (e Environment) labels() string {
	var pairs []string
	for _, t := range e.Targets {
		for name, value := range t.Labels {
			pairs = append(pairs, name+"="+value)
		}
	}
	slices.Sort(pairs)
	if pairs = slices.Compact(pairs); len(pairs) == 0 {
		return "none"
	}
	return some(pairs)
}

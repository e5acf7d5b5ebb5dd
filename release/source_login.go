package release

import (
	"strings"
	"unicode"
)

// checkLogin notes what is wrong with how the place, which is there, lets the worker in.
func (p SourcePlace) checkLogin(at string, there location, problems *Problems) {
	overHTTP := strings.HasPrefix(there.root, "http") || p.Kind() == SourceOCI && there.root != dmlRoot
	switch {
	case p.Username == "" && p.Password == "":
		return
	case !overHTTP:
		problems.add(at+".password", "username and password are for archives, registries and repositories behind https: leave them out; "+
			"ssh uses the keys of the worker, and modules the login of its go command")
	case p.Password == "":
		problems.add(at+".password", "it is missing beside username: write a reference, env:NAME or file:PATH")
	case !IsReference(p.Password):
		problems.add(at+".password", "write a reference, env:NAME or file:PATH, never the password itself")
	}
	if strings.ContainsFunc(p.Username, func(r rune) bool { return r == ':' || unicode.IsControl(r) }) {
		problems.add(at+".username", "%q has a colon or a control character, with which nobody can log in", p.Username)
	}
}

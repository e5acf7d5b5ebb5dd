package release

import (
	"fmt"
	"slices"
	"strings"
)

// SourcePlace is a place from which components may be taken; exactly one kind is
// set. A source is from a place when it is the same or lies below it.
type SourcePlace struct {
	// Module is the beginning of module paths: "github.com/mccutchen".
	Module string `json:"module,omitempty"`
	// Git is the beginning of repositories' URLs, or a folder with local ones.
	Git string `json:"git,omitempty"`
	// Archive is the beginning of URLs.
	Archive string `json:"archive,omitempty"`
	// OCI is a registry with the beginning of a repository's name, or "dml".
	OCI string `json:"oci,omitempty"`
	// Dir is a folder.
	Dir string `json:"dir,omitempty"`
	// Purposes are those of the environments to which what comes from here may go.
	// None means all of them, but for a folder all except production.
	Purposes []string `json:"purposes,omitempty"`
	// Signers are public keys, as in authorized_keys: what is taken from a repository
	// here needs a tag that one of them signed.
	Signers []string `json:"signers,omitempty"`
	// Username is who logs in at the server of an archive, of a registry, or of a
	// repository behind https; with a token it may be empty.
	Username string `json:"username,omitempty"`
	// Password is a reference, "env:NAME" or "file:PATH" on the worker, to that user's
	// password or to a token. Empty where anybody may come in.
	Password string `json:"password,omitempty"`
}

// onlyForTrials is where the content of a folder does not go unless its place says
// so: nothing tells who wrote it.
const onlyForTrials = "production"

// Kind gives the kind of sources that the place holds; empty when it has none, or
// several.
func (p SourcePlace) Kind() SourceKind { return onlyKind(p.at) }

func (p SourcePlace) at(kind SourceKind) string {
	return Source{Module: p.Module, Git: p.Git, Archive: p.Archive, OCI: p.OCI, Dir: p.Dir}.at(kind)
}

// String names the place for people: "git https://git.acme/team".
func (p SourcePlace) String() string { return string(p.Kind()) + " " + p.at(p.Kind()) }

// goesTo tells whether what comes from here may go to environments of a purpose.
func (p SourcePlace) goesTo(purpose string) bool {
	if len(p.Purposes) == 0 {
		return p.Kind() != SourceDir || purpose != onlyForTrials
	}
	return slices.Contains(p.Purposes, purpose)
}

// Allows gives the place from which a source is taken, or says why it may not be: no
// place holds it, it may not go to environments of one of these purposes, or it has
// no tag where one has to be signed. Of several places that hold a source, the
// nearest decides alone.
func (o Organization) Allows(s Source, purposes []string) (SourcePlace, error) {
	kind := s.Kind()
	at, err := locate(kind, s.at(kind))
	if err != nil {
		return SourcePlace{}, Refusef("%s: %v", s, err)
	}
	place, found := o.nearest(kind, at)
	if !found {
		return SourcePlace{}, Refusef("%s is in no place from which the organization takes components: %s", s, o.wayOut(kind))
	}
	for _, purpose := range purposes {
		if !place.goesTo(purpose) {
			return SourcePlace{}, Refusef("%s may not go to environments whose purpose is %q: %s is for %s; use a source from another place",
				s, purpose, place, place.meant())
		}
	}
	if len(place.Signers) > 0 && s.Tag == "" {
		return SourcePlace{}, Refusef("%s needs a signed tag, because the organization asks for one in %s: name it in tag", s, place)
	}
	return place, nil
}

// nearest gives the place with the longest path that holds what is there.
func (o Organization) nearest(kind SourceKind, at location) (nearest SourcePlace, found bool) {
	deepest := -1
	for _, p := range o.Sources {
		if p.Kind() != kind {
			continue
		}
		where, err := locate(kind, p.at(kind))
		if err == nil && where.holds(at) && len(where.path) > deepest {
			nearest, deepest, found = p, len(where.path), true
		}
	}
	return nearest, found
}

// wayOut says what would work for a source that no place holds.
func (o Organization) wayOut(kind SourceKind) string {
	var same []string
	for _, p := range o.Sources {
		if p.Kind() == kind {
			same = append(same, p.at(kind))
		}
	}
	switch {
	case len(same) > 0:
		return fmt.Sprintf("of the kind %s it takes them from %s", kind, list(same))
	case len(o.Sources) > 0:
		return fmt.Sprintf("it takes none of the kind %s, but from %s", kind, names(o.Sources, SourcePlace.String))
	}
	return "it lists none; have the place added to organization.sources in the worker's configuration"
}

// meant says for which purposes the place is.
func (p SourcePlace) meant() string {
	if len(p.Purposes) == 0 {
		return "trials, that is for every purpose but " + onlyForTrials
	}
	return list(p.Purposes)
}

// checkSources notes what is wrong with the places.
func (o Organization) checkSources(problems *Problems) {
	seen := map[string]int{}
	for i, p := range o.Sources {
		at := fmt.Sprintf("sources[%d]", i)
		kind := p.Kind()
		if kind == "" {
			problems.add(at, "name exactly one of %s", names(SourceKinds, func(k SourceKind) string { return string(k) }))
			continue
		}
		where, err := locate(kind, p.at(kind))
		if err != nil {
			problems.add(at+"."+string(kind), "%v", err)
			continue
		}
		if strings.Contains(p.OCI, "@") || strings.Contains(p.Archive, "?") {
			problems.add(at+"."+string(kind), "%q names one source: give the place where it lies", p.at(kind))
		}
		key := string(kind) + " " + where.String()
		if first, twice := seen[key]; twice {
			problems.add(at, "sources[%d] is the same place", first)
		}
		seen[key] = i
		p.check(at, problems)
		p.checkLogin(at, where, problems)
	}
}

func (p SourcePlace) check(at string, problems *Problems) {
	for _, purpose := range p.Purposes {
		if meant := misspelledPurpose(purpose); meant != "" {
			problems.add(at+".purposes", "%q looks like the purpose %q: write that, or a word that differs more", purpose, meant)
		}
	}
	if len(p.Signers) > 0 && p.Kind() != SourceGit {
		problems.add(at+".signers", "only tags of repositories are signed: leave it out, or name a git place")
	}
	for i, line := range p.Signers {
		public, err := Key{Line: line}.Public()
		if err == nil {
			err = UsableKey(public)
		}
		if err != nil {
			problems.add(fmt.Sprintf("%s.signers[%d]", at, i), "%v", err)
		}
	}
}

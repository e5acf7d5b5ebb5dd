package release

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	commitForm  = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	digestForm  = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	gitNameForm = regexp.MustCompile(`^[A-Za-z0-9_]+([./+@-]?[A-Za-z0-9_+@-]+)*$`)
)

// Check says what is wrong with the source by itself, or nil.
func (s Source) Check() Problems {
	var problems Problems
	s.check("source", &problems)
	return problems
}

func (s Source) check(at string, problems *Problems) {
	kind := s.Kind()
	if kind == "" {
		problems.add(at, "name exactly one of %s", names(SourceKinds, func(k SourceKind) string { return string(k) }))
		return
	}
	s.checkFields(at, kind, problems)
	if relative := (kind == SourceGit || kind == SourceDir) && isFolder(s.at(kind)) && !strings.HasPrefix(s.at(kind), "/"); !relative {
		if _, err := locate(kind, s.at(kind)); err != nil {
			problems.add(at+"."+string(kind), "%v", err)
		}
	}
	sum := func(form string, right bool, example string) {
		if !right {
			problems.add(at+".sum", "%q is not a %s", s.Sum, form+": "+example)
		}
	}
	contentSum := strings.HasPrefix(s.Sum, "h1:")
	switch kind {
	case SourceModule:
		if s.Version == "" {
			problems.add(at+".version", "a module needs a version, as in v2.26.0")
		}
		sum("content sum", contentSum, "it starts with h1:, as in go.sum")
	case SourceGit:
		s.checkRevision(at, problems)
		sum("content sum", s.Sum == "" || contentSum, "it starts with h1:; the commit is enough without one")
	case SourceArchive:
		sum("digest of a file", digestForm.MatchString(s.Sum), "write sha256: and 64 hexadecimal digits, as sha256sum gives them")
	case SourceOCI:
		if !strings.Contains(s.OCI, "@") {
			problems.add(at+".oci", "%q is not pinned: write the digest behind it, as in ghcr.io/acme/web@sha256:…", s.OCI)
		}
		sum("content sum", s.Sum == "" || contentSum, "it starts with h1:; the digest is enough without one")
	case SourceDir:
		sum("content sum", contentSum, "it starts with h1:, as in go.sum")
	}
}

// checkFields refuses fields that another kind of source has.
func (s Source) checkFields(at string, kind SourceKind, problems *Problems) {
	for _, f := range []struct {
		field
		of SourceKind
	}{
		{field{"version", s.Version}, SourceModule},
		{field{"commit", s.Commit}, SourceGit},
		{field{"tag", s.Tag}, SourceGit},
		{field{"branch", s.Branch}, SourceGit},
	} {
		if f.value != "" && f.of != kind {
			problems.add(at+"."+f.name, "%s belongs to a source of the kind %s, and this is one of the kind %s: leave it out", f.name, f.of, kind)
		}
	}
}

// checkRevision checks how a repository is pinned.
func (s Source) checkRevision(at string, problems *Problems) {
	if !commitForm.MatchString(s.Commit) {
		problems.add(at+".commit", "%q does not pin a commit: write its whole hash, as git rev-parse gives it", s.Commit)
	}
	for _, f := range []field{{"tag", s.Tag}, {"branch", s.Branch}} {
		if f.value != "" && (!gitNameForm.MatchString(f.value) || strings.HasSuffix(f.value, ".lock")) {
			problems.add(at+"."+f.name, "%q is not the name of a %s", f.value, f.name)
		}
	}
}

// checkSourcesAgainst notes components that come from where the organization does
// not take any, or that may not go where the release goes.
func (d Definition) checkSourcesAgainst(o Organization, problems *Problems) {
	var purposes []string
	for _, e := range d.Environments {
		if env, known := o.Environment(e.Name); known {
			purposes = append(purposes, env.Purpose)
		}
	}
	for i, c := range d.Components {
		if c.Source.Kind() == "" {
			continue // told already
		}
		if _, err := o.Allows(c.Source, purposes); err != nil {
			problems.add(fmt.Sprintf("components[%d].source", i), "%v", err)
		}
	}
}

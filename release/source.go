package release

import (
	"cmp"
	"strings"
)

// Component is a part of the release that comes from a controlled source.
type Component struct {
	Name   string `json:"name"`
	Source Source `json:"source"`
	// Dependencies are what it brings along that its files do not tell, for the SBOM.
	Dependencies []ComponentDependency `json:"dependencies,omitempty"`
}

// ComponentDependency is a part of a component that somebody else makes.
type ComponentDependency struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	// PURL is its package URL, as in "pkg:npm/left-pad@1.3.0".
	PURL string `json:"purl,omitempty"`
	// License is an SPDX identifier or expression.
	License string `json:"license,omitempty"`
}

// Source says where a component comes from; exactly one kind is set: module, git,
// archive, oci or dir. Each is pinned, so that it gives the same content for ever.
type Source struct {
	// Module and Version name a module of the Go module proxy; its Sum is that of
	// go.sum.
	Module  string `json:"module,omitempty"`
	Version string `json:"version,omitempty"`
	// Git is the URL of a repository, or a folder on the worker's machine, and Commit
	// the whole hash of the commit that is taken from it.
	Git    string `json:"git,omitempty"`
	Commit string `json:"commit,omitempty"`
	// Tag has to lead to Commit. Its signature is checked where the organization asks
	// for one.
	Tag string `json:"tag,omitempty"`
	// Branch is where new commits come from, for releases that follow it.
	Branch string `json:"branch,omitempty"`
	// Archive is the https URL of a tar, tar.gz or zip; Sum is the digest of that
	// file, "sha256:" and 64 hex digits.
	Archive string `json:"archive,omitempty"`
	// OCI is an artifact by its digest: REGISTRY/REPOSITORY@sha256:…, or
	// dml@sha256:… for one of the DML itself.
	OCI string `json:"oci,omitempty"`
	// Dir is a folder on the machine of the worker, for trials; starter makes it
	// absolute against the definition's own folder.
	Dir string `json:"dir,omitempty"`
	// Sum is what the content has to add up to: for a module or a folder its "h1:"
	// hash, for an archive the digest of the file. What else is pinned may have the
	// "h1:" hash of its content too.
	Sum string `json:"sum,omitempty"`
}

// SourceKind says what a source is: a module, a git repository, an archive, an OCI
// artifact or a folder.
type SourceKind string

// The kinds of source, named as the field that holds one.
const (
	SourceModule  SourceKind = "module"
	SourceGit     SourceKind = "git"
	SourceArchive SourceKind = "archive"
	SourceOCI     SourceKind = "oci"
	SourceDir     SourceKind = "dir"
)

// SourceKinds lists them.
var SourceKinds = []SourceKind{SourceModule, SourceGit, SourceArchive, SourceOCI, SourceDir}

// Kind gives the kind of the source; empty when it has none, or several.
func (s Source) Kind() SourceKind { return onlyKind(s.at) }

// at gives what the source has in the field of a kind.
func (s Source) at(kind SourceKind) string {
	return map[SourceKind]string{
		SourceModule: s.Module, SourceGit: s.Git, SourceArchive: s.Archive, SourceOCI: s.OCI, SourceDir: s.Dir,
	}[kind]
}

// onlyKind gives the one kind whose field is set.
func onlyKind(at func(SourceKind) string) SourceKind {
	var found SourceKind
	for _, kind := range SourceKinds {
		switch {
		case at(kind) == "":
		case found != "":
			return ""
		default:
			found = kind
		}
	}
	return found
}

// commitShown is how many digits of a commit are shown to people.
const commitShown = 12

// String names the source for people: "module github.com/a/b v1.2.3",
// "git https://git.acme/web v1.2.3 (a1b2c3d4e5f6)", "archive https://…",
// "oci ghcr.io/acme/web@a1b2c3d4e5f6" or "dir /x".
func (s Source) String() string {
	switch kind := s.Kind(); kind {
	case SourceModule:
		return "module " + s.Module + " " + s.Version
	case SourceGit:
		return "git " + s.Git + " " + s.revision()
	case SourceOCI:
		name, digest, _ := strings.Cut(s.OCI, "@")
		return "oci " + name + "@" + Digest(digest).Short()
	case "":
		return "a source of no kind"
	default:
		return string(kind) + " " + s.at(kind)
	}
}

// revision says which revision of a repository is meant, for people.
func (s Source) revision() string {
	commit := s.Commit[:min(len(s.Commit), commitShown)]
	switch {
	case commit == "" && s.Branch != "":
		return "branch " + s.Branch
	case s.Tag != "":
		return s.Tag + " (" + commit + ")"
	}
	return "commit " + commit
}

// Pin gives what fixes the content of the source for ever, and what that is: a
// "commit", a "digest" or a "sum".
func (s Source) Pin() (what, value string) {
	switch s.Kind() {
	case SourceGit:
		return "commit", s.Commit
	case SourceOCI:
		_, digest, _ := strings.Cut(s.OCI, "@")
		return "digest", digest
	default:
		return "sum", s.Sum
	}
}

// Identity is the same for sources that have to give the same content from the same
// place, and for no others: by it the master copy in the DML is found again. What
// does not pin the content has no part in it: the branch, and the sum where a commit
// or a digest pins it. A tag has, because somebody may have signed it.
func (s Source) Identity() string {
	_, pin := s.Pin()
	switch kind := s.Kind(); kind {
	case SourceModule:
		return strings.Join([]string{"module", pin, s.Version, s.Module}, " ")
	case SourceGit:
		return strings.Join([]string{"git", pin, cmp.Or(s.Tag, "-"), s.Git}, " ")
	default:
		return strings.Join([]string{string(kind), pin, s.at(kind)}, " ")
	}
}

// InLibrary tells whether the source is an artifact of the DML itself, and which.
func (s Source) InLibrary() (Digest, bool) {
	name, digest, _ := strings.Cut(s.OCI, "@")
	return Digest(digest), name == dmlRoot
}

// Tool is the command that brings the source; empty when none is needed.
func (s Source) Tool() string {
	switch s.Kind() {
	case SourceModule:
		return "go"
	case SourceGit:
		return "git"
	}
	return ""
}

// Builds says where the organization builds and tests.
type Builds struct {
	// TaskQueue is polled by the workers that build and test; empty stands for that of
	// all workers.
	TaskQueue string `json:"taskQueue,omitempty"`
}

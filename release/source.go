package release

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

// String names the source for people: "module github.com/a/b v1.2.3" or "dir /x".
func (s Source) String() string {
	if s.Module != "" {
		return "module " + s.Module + " " + s.Version
	}
	return "dir " + s.Dir
}

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
}

// Builds says where the organization builds and tests.
type Builds struct {
	// TaskQueue is polled by the workers that build and test; empty stands for that of
	// all workers.
	TaskQueue string `json:"taskQueue,omitempty"`
}

package release

// The documents of a package, by their names; training material comes besides.
const (
	NotesDocument       = "release-notes.md"
	KnownErrorsDocument = "known-errors.json"
	TrainingDocument    = "training.md"
	BackOutDocument     = "back-out.md"
	SBOMDocument        = "sbom.cdx.json"
	// DefinitionDocument has the definition with the sources that the build had, and
	// PlanDocument the plan.
	DefinitionDocument = "definition.json"
	PlanDocument       = "plan.json"
	// ContentsDocument lists the files that go to the targets, each a PackagedFile.
	ContentsDocument = "contents.json"
)

// PackagedFile is a file or link of a release package that goes to the targets.
type PackagedFile struct {
	Path string `json:"path"`
	// Component left it.
	Component string `json:"component"`
	// Mode is "0755" or "0644"; a link has none, but the path to which it leads.
	Mode string `json:"mode,omitempty"`
	Link string `json:"link,omitempty"`
	// Size is that of a file in bytes, and SHA256 its digest in hex.
	Size   int64  `json:"size,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
}

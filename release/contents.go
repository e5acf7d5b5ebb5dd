package release

// ContentsDocument is the document of a package that lists its files, as a JSON list
// of PackagedFile.
const ContentsDocument = "contents.json"

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

package target

import "slipway/release"

// The names in a target's folder, whoever drives it: the link to what it runs, the
// folder of releases, and what attempts left.
const (
	CurrentLink    = "current"
	ReleasesFolder = "releases"
	MarksFolder    = ".slipway"
	MarkerSuffix   = ".json"
	PreviousSuffix = ".previous"
	// Unfinished begins the names of what a transfer has not finished.
	Unfinished = ".transfer-"
)

// Marker says what the folder of a release beside it holds.
type Marker struct {
	Release string         `json:"release"`
	Version string         `json:"version"`
	Package release.Digest `json:"package"`
	Content release.Digest `json:"content"`
}

// Previous says what was current before a release was switched on. An empty link
// stands for nothing.
type Previous struct {
	Link string       `json:"link"`
	Held release.Held `json:"held"`
}

package release

// Held is what a target was seen to hold: where its link "current" points. The
// zero value stands for nothing. A target that runs something which no release
// put there has a Folder and no more.
type Held struct {
	Release string `json:"release,omitempty"`
	Version string `json:"version,omitempty"`
	// Package and Content are the digests written down when the package was
	// transferred.
	Package Digest `json:"package,omitempty"`
	Content Digest `json:"content,omitempty"`
	// Folder is where the files are, on the machine of the target.
	Folder string `json:"folder,omitempty"`
	// Intact says that the files, read again, still have the digest Content.
	Intact bool `json:"intact"`
}

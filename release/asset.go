package release

// Asset is something other than a component or a file that a release introduces,
// changes or retires (ITIL: IT asset management).
type Asset struct {
	Name string `json:"name"`
	// Kind is the organization's own word: licence, device, contract.
	Kind   string      `json:"kind,omitempty"`
	Change AssetChange `json:"change"`
}

// AssetChange is what a release does to an asset.
type AssetChange string

// What may be done to an asset.
const (
	AssetIntroduced AssetChange = "introduce"
	AssetChanged    AssetChange = "change"
	AssetRetired    AssetChange = "retire"
)

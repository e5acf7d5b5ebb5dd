package release

// Probe is an HTTP request that tells whether a target serves.
type Probe struct {
	Name string `json:"name,omitempty"`
	// Path is asked for at the target's own URL.
	Path string `json:"path"`
	// Status is the expected HTTP status; zero stands for 200.
	Status int `json:"status,omitempty"`
	// Contains has to be in the answer's body. ${VERSION} stands for the version
	// that ought to answer.
	Contains string   `json:"contains,omitempty"`
	Timeout  Duration `json:"timeout,omitempty"`
}

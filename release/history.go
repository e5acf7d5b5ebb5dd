package release

// ExportedHistory is the history of one run of a workflow, as the DML keeps it: the JSON
// of Temporal's own tools, which its replayer reads.
type ExportedHistory struct {
	// Workflow, Run and Type are Temporal's names of the run.
	Workflow string `json:"workflow"`
	Run      string `json:"run"`
	Type     string `json:"type"`
	// Events is how many there are, from the first one on.
	Events int `json:"events"`
	Blob
}

package figures

import "time"

// Request asks for a portfolio.
type Request struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	Filter
}

// PageRequest asks for the rows of the releases of a portfolio, from after a start on.
type PageRequest struct {
	Request
	After Start `json:"after,omitzero"`
}

// Page is some rows, with the start after which the next page begins; nil when there is
// none.
type Page struct {
	Rows []Row  `json:"rows"`
	Next *Start `json:"next,omitempty"`
}

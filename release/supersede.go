package release

// Superseding is what became of an older release that this one supersedes.
type Superseding struct {
	Release string `json:"release"`
	// Done tells that the older one was closed for it.
	Done bool `json:"done,omitempty"`
	// Note says what happened, or why nothing did.
	Note string `json:"note,omitempty"`
}

// writeSupersedes says which older releases the authorization of the plan closes,
// and what became of them.
func writeSupersedes(w writer, r Record, p Plan) {
	if len(r.Supersedes) == 0 && len(p.Definition.Supersedes) > 0 {
		w("- Supersedes %s: the authorization of the plan closes what of it has not begun to deploy", cell(list(p.Definition.Supersedes)))
	}
	for _, s := range r.Supersedes {
		w("- Supersedes %s: %s", cell(s.Release), cell(s.Note))
	}
}

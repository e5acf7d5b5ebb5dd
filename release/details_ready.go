package release

// writeReadiness lists what was confirmed before the deployment.
func writeReadiness(w writer, confirmed []Confirmation) {
	if len(confirmed) == 0 {
		return
	}
	w("| ready | by | |")
	w("|---|---|---|")
	for _, c := range confirmed {
		w("| %s | %s | %s |", cell(c.Item+": "+c.Text), c.who(), cell(c.remark()))
	}
	w("")
}

// writeToBeReady lists what has to be there before the deployments in question, and
// how far that is.
func writeToBeReady(w writer, r Record, p Plan, in []PlannedEnvironment) {
	begun := false
	for _, e := range in {
		ready := Readiness{Items: p.Definition.ReadinessIn(e.Name, e.Purpose)}
		if record := r.Environment(e.Name); record != nil {
			ready.Confirmed = record.Readiness
		}
		for _, i := range ready.Items {
			if !begun {
				w("### Readiness\n")
				begun = true
			}
			w("- %s in %s: %s", cell(i.String()), e.Name, cell(ready.how(i, p.Authority())))
		}
	}
	if begun {
		w("")
	}
}

// how says how far an item is.
func (r Readiness) how(i ReadinessItem, a Authority) string {
	c, confirmed := r.confirmed(i.Name)
	switch {
	case confirmed && c.Failure != "":
		return "not there, " + c.remark()
	case confirmed:
		return "confirmed by " + c.who()
	case i.Automatic():
		return "its script looks before the deployment"
	}
	return "to be confirmed by " + a.Named(i.ConfirmedBy)
}

package release

import "slices"

// OpenErrors gives the known errors that a release leaves in an environment: those that
// it was shipped with, as early life support changed them, those that it found, and
// incidents that ended with a workaround and of which no known error was made. What was
// resolved is left out.
func (e EnvironmentRecord) OpenErrors(shipped []KnownError) []KnownError {
	open := append([]KnownError{}, shipped...)
	if e.Support == nil {
		return open
	}
	for _, found := range e.Support.KnownErrors {
		same := func(k KnownError) bool { return k.ID == found.ID }
		switch i := slices.IndexFunc(open, same); {
		case !found.Resolved.IsZero():
			open = slices.DeleteFunc(open, same)
		case i >= 0:
			open[i] = found.KnownError
		default:
			open = append(open, found.KnownError)
		}
	}
	for _, i := range e.Support.Incidents {
		if !i.Unrelated && i.Workaround != "" && i.KnownError == "" {
			open = append(open, KnownError{ID: i.ID, Summary: i.Summary, Workaround: i.Workaround})
		}
	}
	return open
}

// OpenErrors gives the known errors that the release leaves in any of its environments,
// each once: those that it was shipped with as long as early life support has nothing
// to say.
func (r *Record) OpenErrors(shipped []KnownError) []KnownError {
	var open []KnownError
	supported := false
	for _, e := range r.Environments {
		if e.Support == nil {
			continue
		}
		supported = true
		for _, k := range e.OpenErrors(shipped) {
			if !slices.Contains(open, k) {
				open = append(open, k)
			}
		}
	}
	if !supported {
		return shipped
	}
	return open
}

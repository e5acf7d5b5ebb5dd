package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// CalendarStatus is what the calendar knows of its own entries, and carries from
// run to run.
type CalendarStatus struct {
	// Entries are those that people added and that still matter.
	Entries []CalendarEntry `json:"entries"`
	// Count is how many were ever added, so that no id is used twice.
	Count int `json:"count"`
	// Loaded tells that the entries of the CMS are there.
	Loaded bool `json:"loaded,omitempty"`
	// Acts are the latest things that people did, and Acted how many there were.
	Acts  []Act `json:"acts,omitempty"`
	Acted int   `json:"acted,omitempty"`
}

// calendarActs is how many acts are kept; the CMS has all.
const calendarActs = 50

// Note keeps an act, and forgets the oldest.
func (s *CalendarStatus) Note(a Act) {
	s.Acts = append(s.Acts, a)
	s.Acts = slices.Clone(s.Acts[max(0, len(s.Acts)-calendarActs):])
	s.Acted++
}

// Add gives an entry its id and takes it in. Freezes that are over make room.
func (s *CalendarStatus) Add(e CalendarEntry, by CalendarMark) (CalendarEntry, error) {
	s.Entries = slices.DeleteFunc(s.Entries, func(e CalendarEntry) bool { return e.Over(by.At) })
	if len(s.Entries) >= calendarEntries {
		return e, Refusef("the calendar has %d entries already: remove what is not needed any more, or write lasting ones into slipway.yaml", len(s.Entries))
	}
	s.Count++
	e.ID, e.Source, e.Added = fmt.Sprintf("%s-%d", e.Kind(), s.Count), SourceCalendar, &by
	s.Entries = append(s.Entries, e)
	return e, nil
}

// Find gives an entry that can be removed, or refuses.
func (s *CalendarStatus) Find(id string, now time.Time) (CalendarEntry, error) {
	if Configured(id) {
		return CalendarEntry{}, Refusef("%s stands in slipway.yaml and is removed there: the workers read the file again when it changes", id)
	}
	i := slices.IndexFunc(s.Entries, func(e CalendarEntry) bool { return e.ID == id && !e.Over(now) })
	if i < 0 {
		return CalendarEntry{}, Refusef("the calendar has no entry %q: use %s", id, s.ids(now))
	}
	return s.Entries[i], nil
}

func (s *CalendarStatus) ids(now time.Time) string {
	var ids []string
	for _, e := range s.Entries {
		if !e.Over(now) {
			ids = append(ids, e.ID)
		}
	}
	return anyOf(ids)
}

// Remove takes an entry out, and gives it as it was with who removed it.
func (s *CalendarStatus) Remove(id string, by CalendarMark) (CalendarEntry, error) {
	e, err := s.Find(id, by.At)
	if err != nil {
		return e, err
	}
	s.Entries = slices.DeleteFunc(s.Entries, func(other CalendarEntry) bool { return other.ID == id })
	e.Removed = &by
	return e, nil
}

// CalendarDetails is the page of the calendar.
func CalendarDetails(s CalendarStatus, now time.Time) string {
	var page strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&page, format+"\n", args...) }
	w("## Calendar\n")
	w("Windows and freezes that people added. Those of slipway.yaml count beside them; `starter calendar` shows all.\n")
	var shown int
	for _, e := range s.Entries {
		if e.Over(now) {
			continue
		}
		if shown++; shown == 1 {
			w("| id | what | added by | at |")
			w("|---|---|---|---|")
		}
		w("| %s | %s | %s | %s |", e.ID, cell(e.String()), cell(e.Added.By), clock(e.Added.At))
	}
	if shown == 0 {
		w("There are none.")
	}
	w("\nTo add a freeze: *More Actions*, *Send a Signal*, `%s`, with a line like\n", ActAddFreeze)
	w("`%s`\n", verbatim(`{"by":"YOU","from":"2026-12-20T00:00:00Z","to":"2027-01-04T06:00:00Z","reason":"year end","environments":["production"]}`))
	writeCalendarActs(w, s.Acts)
	writeRefusals(w, s.Acts)
	writeEnd(w)
	return page.String()
}

// latestActs is how many the page shows.
const latestActs = 10

func writeCalendarActs(w writer, acts []Act) {
	counted := slices.DeleteFunc(slices.Clone(acts), func(a Act) bool { return !a.Counted })
	if len(counted) == 0 {
		return
	}
	w("### Latest changes\n")
	for _, a := range slices.Backward(counted[max(0, len(counted)-latestActs):]) {
		w("- %s, %s: %s", clock(a.At), cell(a.By), cell(a.Summary))
	}
	w("")
}

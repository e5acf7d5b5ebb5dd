package cms

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"slipway/release"
)

// calendarRows holds a window or freeze, under its id.
func calendarRows(e *release.Entry, c *release.CalendarEntry) []row {
	var (
		w      release.Window
		f      release.Freeze
		length any
	)
	added, removed := mark(c.Added), mark(c.Removed)
	reason := added.Reason
	if c.Window != nil {
		w, length = *c.Window, milliseconds(c.Window.Length)
	}
	if c.Freeze != nil {
		f, reason = *c.Freeze, c.Freeze.Reason
	}
	return []row{{
		table: "calendar", entry: e,
		is: []column{{"entry", c.ID}},
		has: []column{
			{"key", e.Key},
			{"kind", string(c.Kind())},
			{"environment", optional(c.Environment)},
			{"name", optional(w.Name)},
			{"rule", optional(w.Rule)},
			{"start", optional(w.Start)},
			{"zone", optional(w.Zone)},
			{"length_ms", length},
			{"begins", stamp(f.From)},
			{"ends", stamp(f.To)},
			{"reason", optional(reason)},
			{"added", stamp(added.At)},
			{"added_by", added.By},
			{"removed", stamp(removed.At)},
			{"removed_by", optional(removed.By)},
			{"removal", optional(removed.Reason)},
		},
		parts: []part{parts("calendar_environments", f.Environments, func(name string) []column { return []column{{"environment", name}} })},
	}}
}

func mark(m *release.CalendarMark) release.CalendarMark {
	if m == nil {
		return release.CalendarMark{}
	}
	return *m
}

// checkCalendar says what is missing in an entry of the calendar.
func checkCalendar(c *release.CalendarEntry) error {
	switch {
	case (c.Window == nil) == (c.Freeze == nil):
		return fmt.Errorf("entry %q of the calendar is not one of window and freeze", c.ID)
	case c.Added == nil || c.Added.By == "" || c.Added.At.IsZero():
		return fmt.Errorf("entry %q of the calendar does not say who added it, and when", c.ID)
	}
	return nil
}

// Calendar gives the windows and freezes that were added, in that order, without
// those that were removed or are over, and how many were ever added.
func (s *Store) Calendar(ctx context.Context, now time.Time) (entries []release.CalendarEntry, count int, err error) {
	err = s.view(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM calendar`).Scan(&count); err != nil {
			return err
		}
		entries, err = readCalendar(ctx, tx, now)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("cms: calendar: %w", err)
	}
	return entries, count, nil
}

func readCalendar(ctx context.Context, tx *sql.Tx, now time.Time) ([]release.CalendarEntry, error) {
	const counts = ` FROM calendar WHERE removed IS NULL AND (ends IS NULL OR ends > $1)`
	of := map[string][]string{}
	type member struct{ entry, environment string }
	members, err := query(ctx, tx, func(rows *sql.Rows) (m member, err error) {
		err = rows.Scan(&m.entry, &m.environment)
		return m, err
	}, `SELECT entry, environment FROM calendar_environments WHERE entry IN (SELECT entry`+counts+`) ORDER BY entry, position`, stamp(now))
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		of[m.entry] = append(of[m.entry], m.environment)
	}
	return query(ctx, tx, func(rows *sql.Rows) (release.CalendarEntry, error) {
		e, err := scanCalendar(rows)
		if e.Freeze != nil {
			e.Freeze.Environments = of[e.ID]
		}
		return e, err
	}, `SELECT entry, kind, coalesce(environment, ''), coalesce(name, ''), coalesce(rule, ''), coalesce(start, ''), coalesce(zone, ''),
		coalesce(length_ms, 0), begins, ends, coalesce(reason, ''), added, added_by`+counts+` ORDER BY added, entry`, stamp(now))
}

func scanCalendar(rows *sql.Rows) (release.CalendarEntry, error) {
	var (
		kind   release.CalendarKind
		reason string
		length int64
		w      release.Window
		f      release.Freeze
		added  release.CalendarMark
	)
	e := release.CalendarEntry{Source: release.SourceCalendar, Added: &added}
	err := rows.Scan(&e.ID, &kind, &e.Environment, &w.Name, &w.Rule, &w.Start, &w.Zone,
		&length, stored{&f.From}, stored{&f.To}, &reason, stored{&added.At}, &added.By)
	if kind == release.CalendarFreeze {
		f.Reason = reason
		e.Freeze = &f
		return e, err
	}
	w.Length, added.Reason = release.Duration(time.Duration(length)*time.Millisecond), reason
	e.Window = &w
	return e, err
}

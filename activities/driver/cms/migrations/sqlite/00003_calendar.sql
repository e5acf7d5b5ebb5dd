-- Change windows and freezes that people added while releases ran. Those of the
-- configuration are not here. What people asked of the calendar, counted or refused
-- with the reason, is in actions:
--   SELECT * FROM actions WHERE release = 'calendar'

-- +goose Up

-- A window has a rule (RFC 5545), its first opening in the local time of a zone, and
-- a length; a freeze has a beginning and an end. A row stays when its entry is
-- removed. Removal is why.
CREATE TABLE calendar (
    entry       TEXT PRIMARY KEY,
    key         TEXT NOT NULL,
    at          TEXT NOT NULL,
    kind        TEXT NOT NULL,
    environment TEXT, -- of a window; those of a freeze are in calendar_environments
    name        TEXT,
    rule        TEXT,
    start       TEXT,
    zone        TEXT,
    length_ms   INTEGER,
    begins      TEXT,
    ends        TEXT,
    reason      TEXT,
    added       TEXT NOT NULL,
    added_by    TEXT NOT NULL,
    removed     TEXT,
    removed_by  TEXT,
    removal     TEXT
) STRICT;

-- The environments of a freeze; one without any is of all.
CREATE TABLE calendar_environments (
    entry       TEXT NOT NULL REFERENCES calendar,
    position    INTEGER NOT NULL,
    environment TEXT NOT NULL,
    PRIMARY KEY (entry, position)
) STRICT, WITHOUT ROWID;

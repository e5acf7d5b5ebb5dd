-- +goose Up

-- Targets that hold something else than what their environment runs since a change
-- of the baseline, because they were set aside or the deployment was stopped before
-- them. Version and package are NULL when they hold nothing.
CREATE TABLE baseline_targets (
    key      TEXT NOT NULL REFERENCES baseline_changes (key),
    position INTEGER NOT NULL,
    target   TEXT NOT NULL,
    version  TEXT,
    package  TEXT REFERENCES packages,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

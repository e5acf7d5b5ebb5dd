-- +goose Up

-- Of many targets that held something else than they should, only the first are in
-- discrepancies: unlisted counts the others.
ALTER TABLE audits ADD COLUMN unlisted INTEGER NOT NULL DEFAULT 0;

-- What a step left for later ones.
CREATE TABLE step_outputs (
    key      TEXT NOT NULL REFERENCES steps (key),
    position INTEGER NOT NULL,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

-- Readiness before deployments, and who accepted discrepancies of audits.

-- +goose Up

-- What was confirmed to be there before a deployment: by a person, or by a script
-- when exit is not NULL. Failure is why the script did not find it there; then
-- the person, if any, accepted that for the reason in comment.
CREATE TABLE readiness (
    key         TEXT PRIMARY KEY,
    at          TEXT NOT NULL,
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    item        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    text        TEXT NOT NULL,
    confirmed   TEXT,
    person      TEXT,
    comment     TEXT,
    failure     TEXT,
    exit        INTEGER,
    timed_out   INTEGER,
    log         TEXT,
    log_size    INTEGER
) STRICT;
CREATE INDEX readiness_by_release ON readiness (release, environment, item);

-- Accepted is when somebody accepted the discrepancies that an audit found. How many
-- were accepted, by release:
--   SELECT audits.release, count(*) FROM audits JOIN discrepancies USING (key)
--   WHERE accepted IS NOT NULL GROUP BY 1
ALTER TABLE audits ADD COLUMN accepted TEXT;
ALTER TABLE audits ADD COLUMN accepted_by TEXT;
ALTER TABLE audits ADD COLUMN accepted_reason TEXT;

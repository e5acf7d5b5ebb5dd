-- Early life support in full, the review, what releases cost, and how things hang
-- together.

-- +goose Up

ALTER TABLE releases ADD COLUMN emergency INTEGER NOT NULL DEFAULT 0;

-- The requests for change that a release carries out.
CREATE TABLE release_rfcs (
    release  TEXT NOT NULL,
    started  TEXT NOT NULL,
    position INTEGER NOT NULL,
    rfc      TEXT NOT NULL,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES releases
) STRICT, WITHOUT ROWID;
CREATE INDEX release_rfcs_by_rfc ON release_rfcs (rfc);

-- Defect is the kind of fault, known_error and rfc what the incident led to.
ALTER TABLE incidents ADD COLUMN defect TEXT;
ALTER TABLE incidents ADD COLUMN assignee TEXT;
ALTER TABLE incidents ADD COLUMN assigned TEXT;
ALTER TABLE incidents ADD COLUMN known_error TEXT;
ALTER TABLE incidents ADD COLUMN rfc TEXT;
CREATE INDEX incidents_by_time ON incidents (opened);
CREATE INDEX incidents_by_item ON incidents (item);
CREATE INDEX actions_by_person ON actions (person, release);
CREATE INDEX audits_on_demand ON audits (audited) WHERE occasion = 'on demand';

-- Calls of today have an id, "call", in their early life support; a later row of the
-- same call replaces it.
DROP INDEX calls_by_release;
ALTER TABLE calls RENAME TO old_calls;
CREATE TABLE calls (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    call        TEXT NOT NULL,
    called      TEXT NOT NULL,
    key         TEXT NOT NULL,
    at          TEXT NOT NULL,
    item        TEXT,
    person      TEXT NOT NULL,
    summary     TEXT NOT NULL,
    assignee    TEXT,
    assigned    TEXT,
    resolved    TEXT,
    resolved_by TEXT,
    resolution  TEXT,
    PRIMARY KEY (release, environment, call, called)
) STRICT;
INSERT INTO calls (release, environment, call, called, key, at, item, person, summary)
SELECT release, environment, key, coalesce(called, at), key, at, item, person, summary FROM old_calls;
DROP TABLE old_calls;
CREATE INDEX calls_by_time ON calls (called);

-- Known errors that early life support found; open while resolved is NULL. Those that
-- are shipped with a release are in service_known_errors: the view known_errors has all.
CREATE TABLE found_errors (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    known_error TEXT NOT NULL,
    found       TEXT NOT NULL,
    key         TEXT NOT NULL,
    at          TEXT NOT NULL,
    service     TEXT NOT NULL,
    summary     TEXT NOT NULL,
    workaround  TEXT,
    incident    TEXT,
    person      TEXT NOT NULL,
    assignee    TEXT,
    assigned    TEXT,
    resolved    TEXT,
    resolved_by TEXT,
    resolution  TEXT,
    PRIMARY KEY (release, environment, known_error, found)
) STRICT;
CREATE INDEX found_errors_by_service ON found_errors (service);
CREATE INDEX services_by_service ON services (service);

CREATE VIEW known_errors AS
SELECT service, environment, release, known_error, summary, workaround, incident, person, found, resolved, resolution
FROM found_errors
UNION ALL
SELECT s.service, s.environment, s.release, k.known_error, k.summary, k.workaround, NULL, s.manager, s.at, NULL, NULL
FROM service_known_errors AS k JOIN services AS s USING (release, environment, package)
WHERE NOT EXISTS (
    SELECT 1 FROM found_errors AS f
    WHERE f.release = s.release AND f.environment = s.environment AND f.known_error = k.known_error);

-- Requests for change that early life support led to.
CREATE TABLE raised_rfcs (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    rfc         TEXT NOT NULL,
    raised      TEXT NOT NULL,
    key         TEXT NOT NULL,
    at          TEXT NOT NULL,
    title       TEXT NOT NULL,
    reason      TEXT,
    incident    TEXT,
    item        TEXT,
    person      TEXT NOT NULL,
    PRIMARY KEY (release, environment, rfc, raised)
) STRICT;

-- Early life support, one row each time it began. Until is when it ends as things are;
-- ended is NULL while it goes on. Back_out is why it asked for a back-out. Targets is how
-- many were probed, calm how many of them were up whenever somebody looked: of many targets
-- only those that were not have rows in support_targets.
CREATE TABLE supports (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    began       TEXT NOT NULL,
    key         TEXT NOT NULL,
    at          TEXT NOT NULL,
    until       TEXT,
    ended       TEXT,
    ended_by    TEXT,
    back_out    TEXT,
    extensions  INTEGER NOT NULL,
    targets     INTEGER NOT NULL,
    calm        INTEGER NOT NULL,
    report      TEXT,
    report_size INTEGER,
    PRIMARY KEY (release, environment, began)
) STRICT;
CREATE INDEX supports_by_time ON supports (began);

-- What the probes of each target measured. Unobserved is when nobody looked.
CREATE TABLE support_targets (
    release       TEXT NOT NULL,
    environment   TEXT NOT NULL,
    began         TEXT NOT NULL,
    position      INTEGER NOT NULL,
    target        TEXT NOT NULL,
    probes        INTEGER NOT NULL,
    failed        INTEGER NOT NULL,
    observed_ms   INTEGER NOT NULL,
    unobserved_ms INTEGER NOT NULL,
    down_ms       INTEGER NOT NULL,
    mean_ms       INTEGER NOT NULL,
    max_ms        INTEGER NOT NULL,
    PRIMARY KEY (release, environment, began, position),
    FOREIGN KEY (release, environment, began) REFERENCES supports
) STRICT, WITHOUT ROWID;

-- The times in which a target was seen not to serve.
CREATE TABLE downtimes (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    began       TEXT NOT NULL,
    position    INTEGER NOT NULL,
    target      TEXT NOT NULL,
    down_from   TEXT NOT NULL,
    down_until  TEXT NOT NULL,
    down_ms     INTEGER NOT NULL,
    reason      TEXT,
    PRIMARY KEY (release, environment, began, position),
    FOREIGN KEY (release, environment, began) REFERENCES supports
) STRICT, WITHOUT ROWID;

-- Latency by windows of time, of all targets together.
CREATE TABLE latencies (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    began       TEXT NOT NULL,
    position    INTEGER NOT NULL,
    window_from TEXT NOT NULL,
    window_to   TEXT NOT NULL,
    probes      INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    mean_ms     INTEGER NOT NULL,
    max_ms      INTEGER NOT NULL,
    PRIMARY KEY (release, environment, began, position),
    FOREIGN KEY (release, environment, began) REFERENCES supports
) STRICT, WITHOUT ROWID;

-- The exit criteria as they were last, met or not.
CREATE TABLE exit_criteria (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    began       TEXT NOT NULL,
    position    INTEGER NOT NULL,
    criterion   TEXT NOT NULL,
    wanted      TEXT NOT NULL,
    actual      TEXT NOT NULL,
    met         INTEGER NOT NULL,
    PRIMARY KEY (release, environment, began, position),
    FOREIGN KEY (release, environment, began) REFERENCES supports
) STRICT, WITHOUT ROWID;

-- Why early life support lasts longer than planned; person is NULL when the model's
-- policy extended it.
CREATE TABLE extensions (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    began       TEXT NOT NULL,
    position    INTEGER NOT NULL,
    extended    TEXT NOT NULL,
    until       TEXT NOT NULL,
    person      TEXT,
    reason      TEXT NOT NULL,
    PRIMARY KEY (release, environment, began, position),
    FOREIGN KEY (release, environment, began) REFERENCES supports
) STRICT, WITHOUT ROWID;

-- What a release waited for, once that is over: kind is gate, window, lease,
-- acceptance, hand-over, step and so on, needs is for whom or what in words.
CREATE TABLE waits (
    key         TEXT PRIMARY KEY,
    at          TEXT NOT NULL,
    release     TEXT NOT NULL,
    started     TEXT NOT NULL,
    kind        TEXT NOT NULL,
    gate        TEXT,
    environment TEXT,
    needs       TEXT NOT NULL,
    waited_from TEXT NOT NULL,
    waited_to   TEXT NOT NULL
) STRICT;
CREATE INDEX waits_by_release ON waits (release, started);

-- The people who ended a wait.
CREATE TABLE wait_people (
    key      TEXT NOT NULL REFERENCES waits,
    position INTEGER NOT NULL,
    person   TEXT NOT NULL,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

-- Lessons, risks, issues and improvements (which have an owner).
CREATE TABLE notes (
    release TEXT NOT NULL,
    started TEXT NOT NULL,
    note    TEXT NOT NULL,
    key     TEXT NOT NULL,
    at      TEXT NOT NULL,
    kind    TEXT NOT NULL,
    text    TEXT NOT NULL,
    person  TEXT NOT NULL,
    noted   TEXT NOT NULL,
    owner   TEXT,
    PRIMARY KEY (release, started, note)
) STRICT;

-- How satisfied people are, from 1 to 5; the latest of each.
CREATE TABLE ratings (
    release TEXT NOT NULL,
    started TEXT NOT NULL,
    person  TEXT NOT NULL,
    key     TEXT NOT NULL,
    at      TEXT NOT NULL,
    score   INTEGER NOT NULL,
    comment TEXT,
    rated   TEXT NOT NULL,
    PRIMARY KEY (release, started, person)
) STRICT;

-- What people spent on a release. Role is that of the rates of the configuration.
CREATE TABLE efforts (
    key     TEXT PRIMARY KEY,
    at      TEXT NOT NULL,
    release TEXT NOT NULL,
    started TEXT NOT NULL,
    person  TEXT NOT NULL,
    role    TEXT NOT NULL,
    hours   REAL NOT NULL,
    expense REAL NOT NULL,
    text    TEXT,
    logged  TEXT NOT NULL
) STRICT;
CREATE INDEX efforts_by_release ON efforts (release, started);

-- What looking back at a release found, one row a start that has ended. Report is the
-- whole report, in the DML. Closed_by closed the review; asked_until is until when
-- people were asked for ratings.
CREATE TABLE reviews (
    release     TEXT NOT NULL,
    started     TEXT NOT NULL,
    key         TEXT NOT NULL,
    at          TEXT NOT NULL,
    opened      TEXT,
    asked_until TEXT,
    closed      TEXT,
    closed_by   TEXT,
    comment     TEXT,
    missing     TEXT,
    report      TEXT,
    report_size INTEGER,
    PRIMARY KEY (release, started)
) STRICT;

-- The people who were asked for a rating.
CREATE TABLE review_asked (
    release  TEXT NOT NULL,
    started  TEXT NOT NULL,
    position INTEGER NOT NULL,
    person   TEXT NOT NULL,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES reviews
) STRICT, WITHOUT ROWID;

-- Performance targets against what was reached; actual is NULL when nothing was
-- measured.
CREATE TABLE performance (
    release  TEXT NOT NULL,
    started  TEXT NOT NULL,
    position INTEGER NOT NULL,
    measure  TEXT NOT NULL,
    unit     TEXT NOT NULL,
    at_most  REAL,
    at_least REAL,
    actual   REAL,
    met      INTEGER NOT NULL,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES reviews
) STRICT, WITHOUT ROWID;

-- What did not go as planned.
CREATE TABLE deviations (
    release  TEXT NOT NULL,
    started  TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    text     TEXT NOT NULL,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES reviews
) STRICT, WITHOUT ROWID;

-- The stages that a release went through, planned against actual. The name of a stage
-- ends with its environment, where it has one: 'deploy:production'.
CREATE TABLE stages (
    release     TEXT NOT NULL,
    started     TEXT NOT NULL,
    position    INTEGER NOT NULL,
    stage       TEXT NOT NULL,
    began       TEXT NOT NULL,
    ended       TEXT,
    expected_ms INTEGER,
    note        TEXT,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES reviews
) STRICT, WITHOUT ROWID;

-- When a release was verified in each environment; planned is NULL when nobody said.
CREATE TABLE went_live (
    release     TEXT NOT NULL,
    started     TEXT NOT NULL,
    position    INTEGER NOT NULL,
    environment TEXT NOT NULL,
    purpose     TEXT,
    live        TEXT NOT NULL,
    planned     TEXT,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES reviews
) STRICT, WITHOUT ROWID;

-- What runs now, as in baselines where until is NULL, found by what is asked for alone.
CREATE VIEW running AS
SELECT environment, service, runs, version, package, at AS since FROM baseline_changes AS c
WHERE runs IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM baseline_changes AS later
    WHERE later.environment = c.environment AND later.service = c.service AND (later.at, later.seq) > (c.at, c.seq));
CREATE INDEX baseline_changes_by_release ON baseline_changes (runs);

-- How things hang together, as edges from a kind and a name to another. Incidents are
-- named by release and environment, known errors by service: their ids are not unique.
CREATE VIEW relationships AS
SELECT 'release' AS from_kind, release AS from_name, 'of' AS relation, 'service' AS to_kind, service AS to_name FROM releases
UNION SELECT 'release', release, 'made', 'package', package FROM builds WHERE package IS NOT NULL
UNION SELECT 'package', package, 'contains', 'component', component FROM components WHERE package IS NOT NULL
UNION SELECT 'release', release, 'changes', 'ci', item FROM release_items
UNION SELECT 'release', release, 'goes to', 'environment', environment FROM release_environments
UNION SELECT 'release', release, 'carries out', 'rfc', rfc FROM release_rfcs
UNION SELECT 'service', service, 'runs in', 'environment', environment FROM running
UNION SELECT 'release', runs, 'runs in', 'environment', environment FROM running
UNION SELECT 'package', package, 'runs in', 'environment', environment FROM running WHERE package IS NOT NULL
UNION SELECT 'incident', release || '/' || environment || '/' || incident, 'of', 'release', release FROM incidents
UNION SELECT 'incident', release || '/' || environment || '/' || incident, 'in', 'environment', environment FROM incidents
UNION SELECT 'incident', release || '/' || environment || '/' || incident, 'about', 'ci', item FROM incidents WHERE item IS NOT NULL
UNION SELECT 'incident', release || '/' || environment || '/' || incident, 'led to', 'rfc', rfc FROM incidents WHERE rfc IS NOT NULL
UNION SELECT 'incident', i.release || '/' || i.environment || '/' || i.incident, 'known as', 'known-error', k.service || '/' || k.known_error
    FROM incidents AS i JOIN known_errors AS k USING (release, environment, known_error)
UNION SELECT 'rfc', rfc, 'raised by', 'release', release FROM raised_rfcs
UNION SELECT 'rfc', rfc, 'about', 'ci', item FROM raised_rfcs WHERE item IS NOT NULL
UNION SELECT 'known-error', service || '/' || known_error, 'of', 'service', service FROM known_errors
UNION SELECT 'known-error', service || '/' || known_error, 'known in', 'release', release FROM known_errors;

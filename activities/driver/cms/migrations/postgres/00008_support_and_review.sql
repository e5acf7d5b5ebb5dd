-- Early life support in full, the review, what releases cost, and how things hang
-- together.

-- +goose Up

ALTER TABLE releases ADD COLUMN emergency boolean NOT NULL DEFAULT FALSE;

CREATE TABLE release_rfcs (
    release  text COLLATE "C" NOT NULL,
    started  timestamptz NOT NULL,
    position bigint NOT NULL,
    rfc      text COLLATE "C" NOT NULL,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES releases
);
COMMENT ON TABLE release_rfcs IS 'The requests for change that a release carries out.';
CREATE INDEX release_rfcs_by_rfc ON release_rfcs USING hash (rfc);
CREATE INDEX audits_on_demand ON audits (audited) WHERE occasion = 'on demand';

ALTER TABLE incidents ADD COLUMN defect text COLLATE "C";
ALTER TABLE incidents ADD COLUMN assignee text COLLATE "C";
ALTER TABLE incidents ADD COLUMN assigned timestamptz;
ALTER TABLE incidents ADD COLUMN known_error text COLLATE "C";
ALTER TABLE incidents ADD COLUMN rfc text COLLATE "C";
CREATE INDEX incidents_by_time ON incidents (opened);
CREATE INDEX incidents_by_item ON incidents USING hash (item);
CREATE INDEX actions_by_person ON actions USING hash (person);
COMMENT ON TABLE incidents IS
'Incidents of early life support; open while resolved is NULL. Unrelated ones were not caused by
the release. Defect is the kind of fault, known_error and rfc what the incident led to.';

DROP INDEX calls_by_release;
ALTER TABLE calls
    ADD COLUMN call        text COLLATE "C",
    ADD COLUMN assignee    text COLLATE "C",
    ADD COLUMN assigned    timestamptz,
    ADD COLUMN resolved    timestamptz,
    ADD COLUMN resolved_by text COLLATE "C",
    ADD COLUMN resolution  text COLLATE "C";
UPDATE calls SET call = key, called = coalesce(called, at);
ALTER TABLE calls
    DROP CONSTRAINT calls_pkey,
    ALTER COLUMN key SET NOT NULL,
    ADD PRIMARY KEY (release, environment, call, called);
COMMENT ON TABLE calls IS
'Service desk calls of early life support. Calls of today have an id, "call", in it; a later row of
the same call replaces it. Of older ones the key stands there.';
CREATE INDEX calls_by_time ON calls (called);

CREATE TABLE found_errors (
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    known_error text COLLATE "C" NOT NULL,
    found       timestamptz NOT NULL,
    key         text COLLATE "C" NOT NULL,
    at          timestamptz NOT NULL,
    service     text COLLATE "C" NOT NULL,
    summary     text COLLATE "C" NOT NULL,
    workaround  text COLLATE "C",
    incident    text COLLATE "C",
    person      text COLLATE "C" NOT NULL,
    assignee    text COLLATE "C",
    assigned    timestamptz,
    resolved    timestamptz,
    resolved_by text COLLATE "C",
    resolution  text COLLATE "C",
    PRIMARY KEY (release, environment, known_error, found)
);
COMMENT ON TABLE found_errors IS
'Known errors that early life support found; open while resolved is NULL. Those that are shipped
with a release are in service_known_errors: the view known_errors has all.';
CREATE INDEX found_errors_by_service ON found_errors USING hash (service);
CREATE INDEX services_by_service ON services USING hash (service);

CREATE VIEW known_errors AS
SELECT service, environment, release, known_error, summary, workaround, incident, person, found, resolved, resolution
FROM found_errors
UNION ALL
SELECT s.service, s.environment, s.release, k.known_error, k.summary, k.workaround, NULL, s.manager, s.at, NULL, NULL
FROM service_known_errors AS k JOIN services AS s USING (release, environment, package)
WHERE NOT EXISTS (
    SELECT 1 FROM found_errors AS f
    WHERE f.release = s.release AND f.environment = s.environment AND f.known_error = k.known_error);
COMMENT ON VIEW known_errors IS
'Known errors of services, those that early life support found and those that were shipped.';

CREATE TABLE raised_rfcs (
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    rfc         text COLLATE "C" NOT NULL,
    raised      timestamptz NOT NULL,
    key         text COLLATE "C" NOT NULL,
    at          timestamptz NOT NULL,
    title       text COLLATE "C" NOT NULL,
    reason      text COLLATE "C",
    incident    text COLLATE "C",
    item        text COLLATE "C",
    person      text COLLATE "C" NOT NULL,
    PRIMARY KEY (release, environment, rfc, raised)
);
COMMENT ON TABLE raised_rfcs IS 'Requests for change that early life support led to.';

CREATE TABLE supports (
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    began       timestamptz NOT NULL,
    key         text COLLATE "C" NOT NULL,
    at          timestamptz NOT NULL,
    until       timestamptz,
    ended       timestamptz,
    ended_by    text COLLATE "C",
    back_out    text COLLATE "C",
    extensions  bigint NOT NULL,
    targets     bigint NOT NULL,
    calm        bigint NOT NULL,
    report      text COLLATE "C",
    report_size bigint,
    PRIMARY KEY (release, environment, began)
);
COMMENT ON TABLE supports IS
'Early life support, one row each time it began. Until is when it ends as things are; ended is
NULL while it goes on. Back_out is why it asked for a back-out. Targets is how many were
probed, calm how many of them were up whenever somebody looked: of many targets only those
that were not have rows in support_targets.';
CREATE INDEX supports_by_time ON supports (began);

CREATE TABLE support_targets (
    release       text COLLATE "C" NOT NULL,
    environment   text COLLATE "C" NOT NULL,
    began         timestamptz NOT NULL,
    position      bigint NOT NULL,
    target        text COLLATE "C" NOT NULL,
    probes        bigint NOT NULL,
    failed        bigint NOT NULL,
    observed_ms   bigint NOT NULL,
    unobserved_ms bigint NOT NULL,
    down_ms       bigint NOT NULL,
    mean_ms       bigint NOT NULL,
    max_ms        bigint NOT NULL,
    PRIMARY KEY (release, environment, began, position),
    FOREIGN KEY (release, environment, began) REFERENCES supports
);
COMMENT ON TABLE support_targets IS 'What the probes of each target measured. Unobserved is when nobody looked.';

CREATE TABLE downtimes (
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    began       timestamptz NOT NULL,
    position    bigint NOT NULL,
    target      text COLLATE "C" NOT NULL,
    down_from   timestamptz NOT NULL,
    down_until  timestamptz NOT NULL,
    down_ms     bigint NOT NULL,
    reason      text COLLATE "C",
    PRIMARY KEY (release, environment, began, position),
    FOREIGN KEY (release, environment, began) REFERENCES supports
);
COMMENT ON TABLE downtimes IS 'The times in which a target was seen not to serve.';

CREATE TABLE latencies (
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    began       timestamptz NOT NULL,
    position    bigint NOT NULL,
    window_from timestamptz NOT NULL,
    window_to   timestamptz NOT NULL,
    probes      bigint NOT NULL,
    failed      bigint NOT NULL,
    mean_ms     bigint NOT NULL,
    max_ms      bigint NOT NULL,
    PRIMARY KEY (release, environment, began, position),
    FOREIGN KEY (release, environment, began) REFERENCES supports
);
COMMENT ON TABLE latencies IS 'Latency by windows of time, of all targets together.';

CREATE TABLE exit_criteria (
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    began       timestamptz NOT NULL,
    position    bigint NOT NULL,
    criterion   text COLLATE "C" NOT NULL,
    wanted      text COLLATE "C" NOT NULL,
    actual      text COLLATE "C" NOT NULL,
    met         boolean NOT NULL,
    PRIMARY KEY (release, environment, began, position),
    FOREIGN KEY (release, environment, began) REFERENCES supports
);
COMMENT ON TABLE exit_criteria IS 'The exit criteria as they were last, met or not.';

CREATE TABLE extensions (
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    began       timestamptz NOT NULL,
    position    bigint NOT NULL,
    extended    timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    person      text COLLATE "C",
    reason      text COLLATE "C" NOT NULL,
    PRIMARY KEY (release, environment, began, position),
    FOREIGN KEY (release, environment, began) REFERENCES supports
);
COMMENT ON TABLE extensions IS
'Why early life support lasts longer than planned; person is NULL when the model''s policy
extended it.';

CREATE TABLE waits (
    key         text COLLATE "C" PRIMARY KEY,
    at          timestamptz NOT NULL,
    release     text COLLATE "C" NOT NULL,
    started     timestamptz NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    gate        text COLLATE "C",
    environment text COLLATE "C",
    needs       text COLLATE "C" NOT NULL,
    waited_from timestamptz NOT NULL,
    waited_to   timestamptz NOT NULL
);
COMMENT ON TABLE waits IS
'What a release waited for, once that is over: kind is gate, window, lease, acceptance,
hand-over, step and so on, needs is for whom or what in words.';
CREATE INDEX waits_by_release ON waits (release, started);

CREATE TABLE wait_people (
    key      text COLLATE "C" NOT NULL REFERENCES waits,
    position bigint NOT NULL,
    person   text COLLATE "C" NOT NULL,
    PRIMARY KEY (key, position)
);
COMMENT ON TABLE wait_people IS 'The people who ended a wait.';

CREATE TABLE notes (
    release text COLLATE "C" NOT NULL,
    started timestamptz NOT NULL,
    note    text COLLATE "C" NOT NULL,
    key     text COLLATE "C" NOT NULL,
    at      timestamptz NOT NULL,
    kind    text COLLATE "C" NOT NULL,
    text    text COLLATE "C" NOT NULL,
    person  text COLLATE "C" NOT NULL,
    noted   timestamptz NOT NULL,
    owner   text COLLATE "C",
    PRIMARY KEY (release, started, note)
);
COMMENT ON TABLE notes IS 'Lessons, risks, issues and improvements (which have an owner).';

CREATE TABLE ratings (
    release text COLLATE "C" NOT NULL,
    started timestamptz NOT NULL,
    person  text COLLATE "C" NOT NULL,
    key     text COLLATE "C" NOT NULL,
    at      timestamptz NOT NULL,
    score   bigint NOT NULL,
    comment text COLLATE "C",
    rated   timestamptz NOT NULL,
    PRIMARY KEY (release, started, person)
);
COMMENT ON TABLE ratings IS 'How satisfied people are, from 1 to 5; the latest of each.';

CREATE TABLE efforts (
    key     text COLLATE "C" PRIMARY KEY,
    at      timestamptz NOT NULL,
    release text COLLATE "C" NOT NULL,
    started timestamptz NOT NULL,
    person  text COLLATE "C" NOT NULL,
    role    text COLLATE "C" NOT NULL,
    hours   double precision NOT NULL,
    expense double precision NOT NULL,
    text    text COLLATE "C",
    logged  timestamptz NOT NULL
);
COMMENT ON TABLE efforts IS 'What people spent on a release. Role is that of the rates of the configuration.';
CREATE INDEX efforts_by_release ON efforts (release, started);

CREATE TABLE reviews (
    release     text COLLATE "C" NOT NULL,
    started     timestamptz NOT NULL,
    key         text COLLATE "C" NOT NULL,
    at          timestamptz NOT NULL,
    opened      timestamptz,
    asked_until timestamptz,
    closed      timestamptz,
    closed_by   text COLLATE "C",
    comment     text COLLATE "C",
    missing     text COLLATE "C",
    report      text COLLATE "C",
    report_size bigint,
    PRIMARY KEY (release, started)
);
COMMENT ON TABLE reviews IS
'What looking back at a release found, one row a start that has ended. Report is the whole
report, in the DML. Closed_by closed the review; asked_until is until when people were asked for
ratings.';

CREATE TABLE review_asked (
    release  text COLLATE "C" NOT NULL,
    started  timestamptz NOT NULL,
    position bigint NOT NULL,
    person   text COLLATE "C" NOT NULL,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES reviews
);
COMMENT ON TABLE review_asked IS 'The people who were asked for a rating.';

CREATE TABLE performance (
    release  text COLLATE "C" NOT NULL,
    started  timestamptz NOT NULL,
    position bigint NOT NULL,
    measure  text COLLATE "C" NOT NULL,
    unit     text COLLATE "C" NOT NULL,
    at_most  double precision,
    at_least double precision,
    actual   double precision,
    met      boolean NOT NULL,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES reviews
);
COMMENT ON TABLE performance IS 'Performance targets against what was reached; actual is NULL when nothing was measured.';

CREATE TABLE deviations (
    release  text COLLATE "C" NOT NULL,
    started  timestamptz NOT NULL,
    position bigint NOT NULL,
    kind     text COLLATE "C" NOT NULL,
    text     text COLLATE "C" NOT NULL,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES reviews
);
COMMENT ON TABLE deviations IS 'What did not go as planned.';

CREATE TABLE stages (
    release     text COLLATE "C" NOT NULL,
    started     timestamptz NOT NULL,
    position    bigint NOT NULL,
    stage       text COLLATE "C" NOT NULL,
    began       timestamptz NOT NULL,
    ended       timestamptz,
    expected_ms bigint,
    note        text COLLATE "C",
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES reviews
);
COMMENT ON TABLE stages IS
'The stages that a release went through, planned against actual. The name of a stage ends with
its environment, where it has one: ''deploy:production''.';

CREATE TABLE went_live (
    release     text COLLATE "C" NOT NULL,
    started     timestamptz NOT NULL,
    position    bigint NOT NULL,
    environment text COLLATE "C" NOT NULL,
    purpose     text COLLATE "C",
    live        timestamptz NOT NULL,
    planned     timestamptz,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES reviews
);
COMMENT ON TABLE went_live IS 'When a release was verified in each environment; planned is NULL when nobody said.';

CREATE VIEW running AS
SELECT environment, service, runs, version, package, at AS since FROM baseline_changes AS c
WHERE runs IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM baseline_changes AS later
    WHERE later.environment = c.environment AND later.service = c.service AND (later.at, later.seq) > (c.at, c.seq));
COMMENT ON VIEW running IS
'What runs now, as in baselines where until is NULL, found by what is asked for alone.';
CREATE INDEX baseline_changes_by_release ON baseline_changes USING hash (runs);

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
COMMENT ON VIEW relationships IS
'How things hang together, as edges from a kind and a name to another. Incidents are named by
release and environment, known errors by service: their ids are not unique.';

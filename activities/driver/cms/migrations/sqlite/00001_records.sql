-- The records of releases and deployments.
--
-- Times are RFC 3339 text in UTC with six decimals ('2026-03-01T09:30:00.000000Z'),
-- so that text order is time order; elapsed times are integer milliseconds;
-- yes and no are 1 and 0; digests are text ('sha256:...'). What does not apply is
-- NULL: a build without a failure, a release without an outcome.
--
-- In tables, "release" is the release that wrote the row, "key" names the write
-- and "at" is its time: a row gives way only to one that is at least as late.
-- Tables of parts have the columns of their whole, for USING, and a position.
-- The workflows of one release write on their own, in any order: only its items and
-- environments refer to releases.
--
-- A release that ended may be started again under the same id. No start takes
-- anything from an earlier one: each has its own row in releases, and rows of its
-- own in all other tables but packages. Keys are WORKFLOWID/FIRSTRUNID/STEP: what
-- comes before the step is the same in all that one start, or one run of a
-- deployment, wrote itself.

-- +goose Up

-- Releases, one row a start, with its latest state; open while closed is NULL.
CREATE TABLE releases (
    release   TEXT NOT NULL,
    started   TEXT NOT NULL,
    key       TEXT NOT NULL,
    at        TEXT NOT NULL,
    service   TEXT NOT NULL,
    version   TEXT NOT NULL,
    title     TEXT,
    model     TEXT NOT NULL,
    requester TEXT NOT NULL,
    manager   TEXT NOT NULL,
    phase     TEXT NOT NULL,
    outcome   TEXT,
    reason    TEXT,
    risk      INTEGER NOT NULL,
    plan      TEXT,
    package   TEXT,
    closed    TEXT,
    PRIMARY KEY (release, started)
) STRICT;
CREATE INDEX releases_by_service ON releases (service, closed);
CREATE INDEX releases_by_start ON releases (started);
CREATE INDEX releases_open ON releases (started) WHERE closed IS NULL;

-- The configuration items that a release changes.
CREATE TABLE release_items (
    release  TEXT NOT NULL,
    started  TEXT NOT NULL,
    position INTEGER NOT NULL,
    item     TEXT NOT NULL,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES releases
) STRICT, WITHOUT ROWID;
CREATE INDEX release_items_by_item ON release_items (item);

-- The environments that a release deploys to, in its order.
CREATE TABLE release_environments (
    release     TEXT NOT NULL,
    started     TEXT NOT NULL,
    position    INTEGER NOT NULL,
    environment TEXT NOT NULL,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES releases
) STRICT, WITHOUT ROWID;

-- Release packages of the DML: builds make them, baselines name them. The tag is
-- the one that was recorded last.
CREATE TABLE packages (
    package TEXT PRIMARY KEY,
    key     TEXT NOT NULL,
    at      TEXT NOT NULL,
    content TEXT NOT NULL,
    tag     TEXT NOT NULL,
    size    INTEGER NOT NULL,
    files   INTEGER NOT NULL
) STRICT;

-- Build records (provenance). A failed build has a failure and no package.
CREATE TABLE builds (
    key         TEXT PRIMARY KEY,
    at          TEXT NOT NULL,
    release     TEXT NOT NULL,
    number      INTEGER NOT NULL,
    builder     TEXT NOT NULL,
    started     TEXT,
    elapsed_ms  INTEGER NOT NULL,
    package     TEXT REFERENCES packages,
    record      TEXT,
    record_size INTEGER,
    failure     TEXT
) STRICT;
CREATE INDEX builds_by_release ON builds (release, number);
CREATE INDEX builds_by_package ON builds (package);

-- What a build took from controlled sources.
CREATE TABLE build_sources (
    key       TEXT NOT NULL REFERENCES builds,
    position  INTEGER NOT NULL,
    component TEXT NOT NULL,
    source    TEXT NOT NULL,
    sum       TEXT NOT NULL,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

-- The scripts of a build; log is the whole output, in the DML.
CREATE TABLE build_steps (
    key        TEXT NOT NULL REFERENCES builds,
    position   INTEGER NOT NULL,
    name       TEXT NOT NULL,
    started    TEXT,
    elapsed_ms INTEGER NOT NULL,
    exit       INTEGER NOT NULL,
    timed_out  INTEGER NOT NULL,
    log        TEXT,
    log_size   INTEGER,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

-- Test evidence about a package: one row a run of a suite. Passed when failure is
-- NULL.
CREATE TABLE tests (
    key        TEXT PRIMARY KEY,
    at         TEXT NOT NULL,
    release    TEXT NOT NULL,
    build      INTEGER NOT NULL,
    package    TEXT,
    suite      TEXT NOT NULL,
    kind       TEXT,
    passed     INTEGER NOT NULL,
    failed     INTEGER NOT NULL,
    skipped    INTEGER NOT NULL,
    failure    TEXT,
    started    TEXT,
    elapsed_ms INTEGER NOT NULL,
    exit       INTEGER NOT NULL,
    timed_out  INTEGER NOT NULL,
    log        TEXT,
    log_size   INTEGER
) STRICT;
CREATE INDEX tests_by_release ON tests (release, build);
CREATE INDEX tests_by_package ON tests (package);

-- The requirements that a run of a suite covers.
CREATE TABLE test_requirements (
    key         TEXT NOT NULL REFERENCES tests,
    position    INTEGER NOT NULL,
    requirement TEXT NOT NULL,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

-- The first test cases that failed.
CREATE TABLE test_failures (
    key       TEXT NOT NULL REFERENCES tests,
    position  INTEGER NOT NULL,
    test_case TEXT NOT NULL,
    message   TEXT,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

-- Everything that people did, whether it counted or was refused. Gate and decision
-- are those of votes, when they could be read.
CREATE TABLE actions (
    key      TEXT PRIMARY KEY,
    at       TEXT NOT NULL,
    release  TEXT NOT NULL,
    acted    TEXT,
    action   TEXT NOT NULL,
    person   TEXT,
    summary  TEXT,
    counted  INTEGER NOT NULL,
    refusal  TEXT,
    gate     TEXT,
    decision TEXT
) STRICT;
CREATE INDEX actions_by_release ON actions (release, acted);

-- All votes that were sent, counted or refused with the reason.
CREATE VIEW authorizations AS
SELECT key, release, gate, decision, person, acted, counted, refusal, summary
FROM actions
WHERE action = 'cab-authorization';

-- Gates, one row an opening; decision is NULL while the gate is open. Digest is
-- what the votes are bound to.
CREATE TABLE gates (
    release     TEXT NOT NULL,
    gate        TEXT NOT NULL,
    opened      TEXT NOT NULL,
    key         TEXT NOT NULL,
    at          TEXT NOT NULL,
    digest      TEXT NOT NULL,
    voter_group TEXT NOT NULL,
    quorum      INTEGER NOT NULL,
    rejections  INTEGER NOT NULL,
    deadline    TEXT,
    decision    TEXT,
    decided     TEXT,
    PRIMARY KEY (release, gate, opened)
) STRICT;

-- The votes that stand at a gate: the latest of each person that counted.
CREATE TABLE votes (
    release  TEXT NOT NULL,
    gate     TEXT NOT NULL,
    opened   TEXT NOT NULL,
    position INTEGER NOT NULL,
    person   TEXT NOT NULL,
    vote     TEXT NOT NULL,
    comment  TEXT,
    voted    TEXT,
    PRIMARY KEY (release, gate, opened, position),
    FOREIGN KEY (release, gate, opened) REFERENCES gates
) STRICT, WITHOUT ROWID;

-- Deployments, one row a run, with its latest state. A release that was started
-- again has several in an environment.
CREATE TABLE deployments (
    key         TEXT PRIMARY KEY,
    at          TEXT NOT NULL,
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT
) STRICT;
CREATE INDEX deployments_by_release ON deployments (release, environment, at);
CREATE INDEX deployments_by_environment ON deployments (environment, at);

-- What the targets of a deployment hold.
CREATE TABLE targets (
    key      TEXT NOT NULL REFERENCES deployments,
    position INTEGER NOT NULL,
    target   TEXT NOT NULL,
    state    TEXT NOT NULL,
    version  TEXT,
    message  TEXT,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

-- What became of the steps of deployments; target is NULL for a step that runs
-- once. back_out tells the undoing from the doing.
CREATE TABLE steps (
    key         TEXT PRIMARY KEY,
    at          TEXT NOT NULL,
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    step        TEXT NOT NULL,
    target      TEXT,
    wave        INTEGER NOT NULL,
    back_out    INTEGER NOT NULL,
    fate        TEXT NOT NULL,
    message     TEXT,
    started     TEXT,
    elapsed_ms  INTEGER NOT NULL,
    exit        INTEGER,
    timed_out   INTEGER,
    log         TEXT,
    log_size    INTEGER
) STRICT;
CREATE INDEX steps_by_deployment ON steps (release, environment, started);

-- Configuration audits: how many targets were looked at, and on what occasion.
CREATE TABLE audits (
    key         TEXT PRIMARY KEY,
    at          TEXT NOT NULL,
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    audited     TEXT,
    occasion    TEXT NOT NULL,
    targets     INTEGER NOT NULL
) STRICT;
CREATE INDEX audits_by_environment ON audits (environment, audited);

-- Targets that did not hold what they should.
CREATE TABLE discrepancies (
    key      TEXT NOT NULL REFERENCES audits,
    position INTEGER NOT NULL,
    target   TEXT NOT NULL,
    expected TEXT NOT NULL,
    found    TEXT NOT NULL,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

-- Changes of what runs where, from "at" on. "runs" is the release that runs then;
-- NULL says that nothing does any more. Seq puts changes of the same time in the
-- order of their writing.
CREATE TABLE baseline_changes (
    seq         INTEGER PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    at          TEXT NOT NULL,
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    service     TEXT NOT NULL,
    runs        TEXT,
    version     TEXT,
    package     TEXT REFERENCES packages
) STRICT;
CREATE INDEX baseline_changes_by_place ON baseline_changes (environment, service, at, seq);

-- What ran where, and when: current while until is NULL. What ran on 1 March:
--   SELECT * FROM baselines
--   WHERE since < '2026-03-02' AND (until > '2026-03-01T00:00:00.000000Z' OR until IS NULL)
CREATE VIEW baselines AS
SELECT environment, service, runs AS release, version, package, since, until, release AS set_by
FROM (
    SELECT *, at AS since, LEAD(at) OVER (PARTITION BY environment, service ORDER BY at, seq) AS until
    FROM baseline_changes
) AS history
WHERE runs IS NOT NULL AND (until > since OR until IS NULL);

-- Incidents of early life support; open while resolved is NULL. Unrelated ones
-- were not caused by the release.
CREATE TABLE incidents (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    incident    TEXT NOT NULL,
    opened      TEXT NOT NULL,
    key         TEXT NOT NULL,
    at          TEXT NOT NULL,
    severity    INTEGER NOT NULL,
    item        TEXT,
    summary     TEXT NOT NULL,
    person      TEXT NOT NULL,
    unrelated   INTEGER NOT NULL,
    resolved    TEXT,
    resolved_by TEXT,
    resolution  TEXT,
    workaround  TEXT,
    PRIMARY KEY (release, environment, incident, opened)
) STRICT;

-- Service desk calls of early life support.
CREATE TABLE calls (
    key         TEXT PRIMARY KEY,
    at          TEXT NOT NULL,
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    called      TEXT,
    item        TEXT,
    person      TEXT NOT NULL,
    summary     TEXT NOT NULL
) STRICT;
CREATE INDEX calls_by_release ON calls (release, environment, called);

-- The tables of version 7, with which the CMS began on PostgreSQL: those that seven
-- migrations made on SQLite, in types of PostgreSQL.
--
-- They are in the schema "slipway". Elapsed times are milliseconds; digests are text
-- ('sha256:...'). What does not apply is NULL: a build without a failure, a release
-- without an outcome. Texts are compared byte by byte, as on SQLite, so that the same
-- order comes out whatever the locale of the database. Indexes of what people write,
-- which may be long, are by hash.
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

CREATE TABLE releases (
    release   text COLLATE "C" NOT NULL,
    started   timestamptz NOT NULL,
    key       text COLLATE "C" NOT NULL,
    at        timestamptz NOT NULL,
    service   text COLLATE "C" NOT NULL,
    version   text COLLATE "C" NOT NULL,
    title     text COLLATE "C",
    model     text COLLATE "C" NOT NULL,
    requester text COLLATE "C" NOT NULL,
    manager   text COLLATE "C" NOT NULL,
    phase     text COLLATE "C" NOT NULL,
    outcome   text COLLATE "C",
    reason    text COLLATE "C",
    risk      bigint NOT NULL,
    plan      text COLLATE "C",
    package   text COLLATE "C",
    closed    timestamptz,
    PRIMARY KEY (release, started)
);
CREATE INDEX releases_by_service ON releases (service, closed);
CREATE INDEX releases_by_start ON releases (started);
CREATE INDEX releases_open ON releases (started) WHERE closed IS NULL;
COMMENT ON TABLE releases IS 'Releases, one row a start, with its latest state; open while closed is NULL.';

CREATE TABLE release_items (
    release  text COLLATE "C" NOT NULL,
    started  timestamptz NOT NULL,
    position bigint NOT NULL,
    item     text COLLATE "C" NOT NULL,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES releases
);
CREATE INDEX release_items_by_item ON release_items USING hash (item);
COMMENT ON TABLE release_items IS 'The configuration items that a release changes.';

CREATE TABLE release_environments (
    release     text COLLATE "C" NOT NULL,
    started     timestamptz NOT NULL,
    position    bigint NOT NULL,
    environment text COLLATE "C" NOT NULL,
    PRIMARY KEY (release, started, position),
    FOREIGN KEY (release, started) REFERENCES releases
);
COMMENT ON TABLE release_environments IS 'The environments that a release deploys to, in its order.';

CREATE TABLE packages (
    package text COLLATE "C" PRIMARY KEY,
    key     text COLLATE "C" NOT NULL,
    at      timestamptz NOT NULL,
    content text COLLATE "C" NOT NULL,
    tag     text COLLATE "C" NOT NULL,
    size    bigint NOT NULL,
    files   bigint NOT NULL
);
COMMENT ON TABLE packages IS
'Release packages of the DML: builds make them, baselines name them. The tag is the one that was
recorded last.';

CREATE TABLE builds (
    key         text COLLATE "C" PRIMARY KEY,
    at          timestamptz NOT NULL,
    release     text COLLATE "C" NOT NULL,
    number      bigint NOT NULL,
    builder     text COLLATE "C" NOT NULL,
    started     timestamptz,
    elapsed_ms  bigint NOT NULL,
    package     text COLLATE "C" REFERENCES packages,
    record      text COLLATE "C",
    record_size bigint,
    failure     text COLLATE "C"
);
CREATE INDEX builds_by_release ON builds (release, number);
CREATE INDEX builds_by_package ON builds (package);
COMMENT ON TABLE builds IS 'Build records (provenance). A failed build has a failure and no package.';

CREATE TABLE build_sources (
    key       text COLLATE "C" NOT NULL REFERENCES builds,
    position  bigint NOT NULL,
    component text COLLATE "C" NOT NULL,
    source    text COLLATE "C" NOT NULL,
    sum       text COLLATE "C" NOT NULL,
    kind      text COLLATE "C" NOT NULL DEFAULT '',
    master    text COLLATE "C",
    kept      boolean NOT NULL DEFAULT FALSE,
    signed_by text COLLATE "C",
    PRIMARY KEY (key, position)
);
CREATE INDEX build_sources_by_component ON build_sources USING hash (component);
COMMENT ON TABLE build_sources IS
'What a build took from controlled sources. Each component that a build took is a configuration
item: kind is that of its source (module, git, ...), master the digest of its master copy in the
DML, kept tells that it was taken from there and not from outside, and signed_by is the key that
signed the tag.';

CREATE TABLE build_steps (
    key        text COLLATE "C" NOT NULL REFERENCES builds,
    position   bigint NOT NULL,
    name       text COLLATE "C" NOT NULL,
    started    timestamptz,
    elapsed_ms bigint NOT NULL,
    exit       bigint NOT NULL,
    timed_out  boolean NOT NULL,
    log        text COLLATE "C",
    log_size   bigint,
    PRIMARY KEY (key, position)
);
COMMENT ON TABLE build_steps IS 'The scripts of a build; log is the whole output, in the DML.';

CREATE TABLE tests (
    key        text COLLATE "C" PRIMARY KEY,
    at         timestamptz NOT NULL,
    release    text COLLATE "C" NOT NULL,
    build      bigint NOT NULL,
    package    text COLLATE "C",
    suite      text COLLATE "C" NOT NULL,
    kind       text COLLATE "C",
    passed     bigint NOT NULL,
    failed     bigint NOT NULL,
    skipped    bigint NOT NULL,
    failure    text COLLATE "C",
    started    timestamptz,
    elapsed_ms bigint NOT NULL,
    exit       bigint NOT NULL,
    timed_out  boolean NOT NULL,
    log        text COLLATE "C",
    log_size   bigint
);
CREATE INDEX tests_by_release ON tests (release, build);
CREATE INDEX tests_by_package ON tests (package);
COMMENT ON TABLE tests IS 'Test evidence about a package: one row a run of a suite. Passed when failure is NULL.';

CREATE TABLE test_requirements (
    key         text COLLATE "C" NOT NULL REFERENCES tests,
    position    bigint NOT NULL,
    requirement text COLLATE "C" NOT NULL,
    PRIMARY KEY (key, position)
);
COMMENT ON TABLE test_requirements IS 'The requirements that a run of a suite covers.';

CREATE TABLE test_failures (
    key       text COLLATE "C" NOT NULL REFERENCES tests,
    position  bigint NOT NULL,
    test_case text COLLATE "C" NOT NULL,
    message   text COLLATE "C",
    PRIMARY KEY (key, position)
);
COMMENT ON TABLE test_failures IS 'The first test cases that failed.';

CREATE TABLE actions (
    key      text COLLATE "C" PRIMARY KEY,
    at       timestamptz NOT NULL,
    release  text COLLATE "C" NOT NULL,
    acted    timestamptz,
    action   text COLLATE "C" NOT NULL,
    person   text COLLATE "C",
    summary  text COLLATE "C",
    counted  boolean NOT NULL,
    refusal  text COLLATE "C",
    gate     text COLLATE "C",
    decision text COLLATE "C"
);
CREATE INDEX actions_by_release ON actions (release, acted);
COMMENT ON TABLE actions IS
'Everything that people did, whether it counted or was refused. Gate and decision are those of
votes, when they could be read.';

CREATE TABLE gates (
    release    text COLLATE "C" NOT NULL,
    gate       text COLLATE "C" NOT NULL,
    opened     timestamptz NOT NULL,
    key        text COLLATE "C" NOT NULL,
    at         timestamptz NOT NULL,
    digest     text COLLATE "C" NOT NULL,
    rejections bigint NOT NULL,
    deadline   timestamptz,
    decision   text COLLATE "C",
    decided    timestamptz,
    policy     text COLLATE "C" NOT NULL DEFAULT 'nobody',
    signed     boolean NOT NULL DEFAULT FALSE,
    escalated  timestamptz,
    reason     text COLLATE "C",
    PRIMARY KEY (release, gate, opened)
);
COMMENT ON TABLE gates IS
'Gates, one row an opening; decision is NULL while the gate is open. Digest is what the votes are
bound to. Policy is the same in words. Signed gates count signed votes only. Escalated is when
the gate was; reason is why it was voided.';

CREATE TABLE votes (
    release      text COLLATE "C" NOT NULL,
    gate         text COLLATE "C" NOT NULL,
    opened       timestamptz NOT NULL,
    position     bigint NOT NULL,
    person       text COLLATE "C" NOT NULL,
    vote         text COLLATE "C" NOT NULL,
    comment      text COLLATE "C",
    voted        timestamptz,
    signing_key  text COLLATE "C",
    issued       timestamptz,
    delegated_by text COLLATE "C",
    PRIMARY KEY (release, gate, opened, position),
    FOREIGN KEY (release, gate, opened) REFERENCES gates
);
COMMENT ON TABLE votes IS
'The votes that stand at a gate: the latest of each person that counted. Signing_key is the
fingerprint of the key that signed the vote, at the time issued. Delegated_by lists those in
whose place the voter voted too.';

CREATE TABLE deployments (
    key         text COLLATE "C" PRIMARY KEY,
    at          timestamptz NOT NULL,
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    state       text COLLATE "C" NOT NULL,
    reason      text COLLATE "C"
);
CREATE INDEX deployments_by_release ON deployments (release, environment, at);
CREATE INDEX deployments_by_environment ON deployments (environment, at);
COMMENT ON TABLE deployments IS
'Deployments, one row a run, with its latest state. A release that was started again has several
in an environment.';

CREATE TABLE targets (
    key      text COLLATE "C" NOT NULL REFERENCES deployments,
    position bigint NOT NULL,
    target   text COLLATE "C" NOT NULL,
    state    text COLLATE "C" NOT NULL,
    version  text COLLATE "C",
    message  text COLLATE "C",
    PRIMARY KEY (key, position)
);
COMMENT ON TABLE targets IS 'What the targets of a deployment hold.';

CREATE TABLE steps (
    key         text COLLATE "C" PRIMARY KEY,
    at          timestamptz NOT NULL,
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    step        text COLLATE "C" NOT NULL,
    target      text COLLATE "C",
    wave        bigint NOT NULL,
    back_out    boolean NOT NULL,
    fate        text COLLATE "C" NOT NULL,
    message     text COLLATE "C",
    started     timestamptz,
    elapsed_ms  bigint NOT NULL,
    exit        bigint,
    timed_out   boolean,
    log         text COLLATE "C",
    log_size    bigint
);
CREATE INDEX steps_by_deployment ON steps (release, environment, started);
COMMENT ON TABLE steps IS
'What became of the steps of deployments; target is NULL for a step that runs once. back_out
tells the undoing from the doing.';

CREATE TABLE audits (
    key             text COLLATE "C" PRIMARY KEY,
    at              timestamptz NOT NULL,
    release         text COLLATE "C" NOT NULL,
    environment     text COLLATE "C" NOT NULL,
    audited         timestamptz,
    occasion        text COLLATE "C" NOT NULL,
    targets         bigint NOT NULL,
    accepted        timestamptz,
    accepted_by     text COLLATE "C",
    accepted_reason text COLLATE "C",
    unlisted        bigint NOT NULL DEFAULT 0
);
CREATE INDEX audits_by_environment ON audits (environment, audited);
COMMENT ON TABLE audits IS
'Configuration audits: how many targets were looked at, and on what occasion. Accepted is when
somebody accepted the discrepancies that an audit found. Of many targets that held something
else than they should, only the first are in discrepancies: unlisted counts the others. How many
were accepted, by release:
  SELECT audits.release, count(*) FROM audits JOIN discrepancies USING (key)
  WHERE accepted IS NOT NULL GROUP BY 1';

CREATE TABLE discrepancies (
    key      text COLLATE "C" NOT NULL REFERENCES audits,
    position bigint NOT NULL,
    target   text COLLATE "C" NOT NULL,
    expected text COLLATE "C" NOT NULL,
    found    text COLLATE "C" NOT NULL,
    PRIMARY KEY (key, position)
);
COMMENT ON TABLE discrepancies IS 'Targets that did not hold what they should.';

CREATE TABLE baseline_changes (
    seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key         text COLLATE "C" NOT NULL UNIQUE,
    at          timestamptz NOT NULL,
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    service     text COLLATE "C" NOT NULL,
    runs        text COLLATE "C",
    version     text COLLATE "C",
    package     text COLLATE "C" REFERENCES packages
);
CREATE INDEX baseline_changes_by_place ON baseline_changes (environment, service, at, seq);
COMMENT ON TABLE baseline_changes IS
'Changes of what runs where, from "at" on. "runs" is the release that runs then; NULL says that
nothing does any more. Seq puts changes of the same time in the order of their writing.';

CREATE VIEW baselines AS
SELECT environment, service, runs AS release, version, package, since, until, release AS set_by
FROM (
    SELECT *, at AS since, LEAD(at) OVER (PARTITION BY environment, service ORDER BY at, seq) AS until
    FROM baseline_changes
) AS history
WHERE runs IS NOT NULL AND (until > since OR until IS NULL);
COMMENT ON VIEW baselines IS
'What ran where, and when: current while until is NULL. What ran on 1 March:
  SELECT * FROM baselines WHERE since < ''2026-03-02'' AND (until > ''2026-03-01'' OR until IS NULL)';

CREATE TABLE incidents (
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    incident    text COLLATE "C" NOT NULL,
    opened      timestamptz NOT NULL,
    key         text COLLATE "C" NOT NULL,
    at          timestamptz NOT NULL,
    severity    bigint NOT NULL,
    item        text COLLATE "C",
    summary     text COLLATE "C" NOT NULL,
    person      text COLLATE "C" NOT NULL,
    unrelated   boolean NOT NULL,
    resolved    timestamptz,
    resolved_by text COLLATE "C",
    resolution  text COLLATE "C",
    workaround  text COLLATE "C",
    PRIMARY KEY (release, environment, incident, opened)
);
COMMENT ON TABLE incidents IS
'Incidents of early life support; open while resolved is NULL. Unrelated ones were not caused by
the release.';

CREATE TABLE calls (
    key         text COLLATE "C" PRIMARY KEY,
    at          timestamptz NOT NULL,
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    called      timestamptz,
    item        text COLLATE "C",
    person      text COLLATE "C" NOT NULL,
    summary     text COLLATE "C" NOT NULL
);
CREATE INDEX calls_by_release ON calls (release, environment, called);
COMMENT ON TABLE calls IS 'Service desk calls of early life support.';

CREATE TABLE authorizations (
    release        text COLLATE "C" NOT NULL,
    started        timestamptz NOT NULL,
    seq            bigint NOT NULL,
    key            text COLLATE "C" NOT NULL,
    at             timestamptz NOT NULL,
    acted          timestamptz NOT NULL,
    gate           text COLLATE "C",
    decision       text COLLATE "C",
    person         text COLLATE "C",
    shown          text COLLATE "C",
    payload        text COLLATE "C" NOT NULL,
    payload_digest text COLLATE "C" NOT NULL,
    signature      text COLLATE "C",
    signing_key    text COLLATE "C",
    counted        boolean NOT NULL,
    refusal        text COLLATE "C",
    previous       text COLLATE "C" NOT NULL,
    hash           text COLLATE "C" NOT NULL,
    PRIMARY KEY (release, started, seq)
);
CREATE INDEX authorizations_by_person ON authorizations USING hash (person);
COMMENT ON TABLE authorizations IS
'The ledger: every vote that was sent to a start of a release, in its order, counted or refused
with the reason. Each has the hash of the one before it, and its own hash is over all from seq
to previous. Rows never change.';
COMMENT ON COLUMN authorizations.shown IS 'the digest that the gate showed';
COMMENT ON COLUMN authorizations.payload IS 'what was sent, cut when it is long';
COMMENT ON COLUMN authorizations.payload_digest IS 'of all of it';
COMMENT ON COLUMN authorizations.signing_key IS 'the fingerprint of the key; NULL when none was verified';

CREATE TABLE gate_requirements (
    release   text COLLATE "C" NOT NULL,
    gate      text COLLATE "C" NOT NULL,
    opened    timestamptz NOT NULL,
    position  bigint NOT NULL,
    asked     text COLLATE "C" NOT NULL,
    votes     bigint NOT NULL,
    mandatory boolean NOT NULL,
    PRIMARY KEY (release, gate, opened, position),
    FOREIGN KEY (release, gate, opened) REFERENCES gates
);
COMMENT ON TABLE gate_requirements IS
'Whom a gate asks: a group with how many of it have to authorize, or (mandatory) a person, group
or role without whom it is not authorized.';

CREATE TABLE notices (
    key     text COLLATE "C" PRIMARY KEY,
    at      timestamptz NOT NULL,
    release text COLLATE "C" NOT NULL,
    told    timestamptz,
    kind    text COLLATE "C" NOT NULL,
    gate    text COLLATE "C",
    text    text COLLATE "C" NOT NULL
);
CREATE INDEX notices_by_release ON notices (release, told);
COMMENT ON TABLE notices IS 'What people were told, and when.';

CREATE TABLE notice_recipients (
    key       text COLLATE "C" NOT NULL REFERENCES notices,
    position  bigint NOT NULL,
    person    text COLLATE "C" NOT NULL,
    unreached text COLLATE "C",
    PRIMARY KEY (key, position)
);
COMMENT ON TABLE notice_recipients IS 'To whom a notice went; unreached is why it could not be delivered.';

CREATE TABLE calendar (
    entry       text COLLATE "C" PRIMARY KEY,
    key         text COLLATE "C" NOT NULL,
    at          timestamptz NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    environment text COLLATE "C",
    name        text COLLATE "C",
    rule        text COLLATE "C",
    start       text COLLATE "C",
    zone        text COLLATE "C",
    length_ms   bigint,
    begins      timestamptz,
    ends        timestamptz,
    reason      text COLLATE "C",
    added       timestamptz NOT NULL,
    added_by    text COLLATE "C" NOT NULL,
    removed     timestamptz,
    removed_by  text COLLATE "C",
    removal     text COLLATE "C"
);
COMMENT ON TABLE calendar IS
'A window has a rule (RFC 5545), its first opening in the local time of a zone, and a length; a
freeze has a beginning and an end. A row stays when its entry is removed. Removal is why.';
COMMENT ON COLUMN calendar.environment IS 'of a window; those of a freeze are in calendar_environments';

CREATE TABLE calendar_environments (
    entry       text COLLATE "C" NOT NULL REFERENCES calendar,
    position    bigint NOT NULL,
    environment text COLLATE "C" NOT NULL,
    PRIMARY KEY (entry, position)
);
COMMENT ON TABLE calendar_environments IS 'The environments of a freeze; one without any is of all.';

CREATE TABLE readiness (
    key         text COLLATE "C" PRIMARY KEY,
    at          timestamptz NOT NULL,
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    item        text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    text        text COLLATE "C" NOT NULL,
    confirmed   timestamptz,
    person      text COLLATE "C",
    comment     text COLLATE "C",
    failure     text COLLATE "C",
    exit        bigint,
    timed_out   boolean,
    log         text COLLATE "C",
    log_size    bigint
);
CREATE INDEX readiness_by_release ON readiness (release, environment, item);
COMMENT ON TABLE readiness IS
'What was confirmed to be there before a deployment: by a person, or by a script when exit is not
NULL. Failure is why the script did not find it there; then the person, if any, accepted that
for the reason in comment.';

CREATE TABLE baseline_targets (
    key      text COLLATE "C" NOT NULL REFERENCES baseline_changes (key),
    position bigint NOT NULL,
    target   text COLLATE "C" NOT NULL,
    version  text COLLATE "C",
    package  text COLLATE "C" REFERENCES packages,
    PRIMARY KEY (key, position)
);
COMMENT ON TABLE baseline_targets IS
'Targets that hold something else than what their environment runs since a change of the
baseline, because they were set aside or the deployment was stopped before them. Version and
package are NULL when they hold nothing.';

CREATE TABLE step_outputs (
    key      text COLLATE "C" NOT NULL REFERENCES steps (key),
    position bigint NOT NULL,
    name     text COLLATE "C" NOT NULL,
    value    text COLLATE "C" NOT NULL,
    PRIMARY KEY (key, position)
);
COMMENT ON TABLE step_outputs IS 'What a step left for later ones.';

CREATE VIEW components AS
SELECT s.component, s.kind, s.source, s.sum, s.master, s.kept, s.signed_by,
    b.release, b.number AS build, b.package, coalesce(b.started, b.at) AS acquired, b.key, s.position
FROM build_sources AS s JOIN builds AS b USING (key);
COMMENT ON VIEW components IS
'Each component that a build took: a configuration item, with the release and the package that it
went into.';

CREATE VIEW running_components AS
SELECT r.environment, r.service, r.release, r.version, r.package, r.since,
    c.build, c.component, c.kind, c.source, c.sum, c.master, c.kept, c.signed_by, c.acquired, c.position
FROM baselines AS r JOIN components AS c
ON c.key = (SELECT key FROM builds WHERE package = r.package ORDER BY at DESC, key DESC LIMIT 1)
WHERE r.until IS NULL;
COMMENT ON VIEW running_components IS
'What runs where by component, by the build that made the package last. Where a source runs:
  SELECT environment, service, version FROM running_components WHERE source LIKE ''%mccutchen%''';

CREATE TABLE asset_reports (
    key         text COLLATE "C" PRIMARY KEY,
    at          timestamptz NOT NULL,
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    package     text COLLATE "C",
    against     text COLLATE "C",
    notes       text COLLATE "C"
);
CREATE INDEX asset_reports_by_release ON asset_reports (release, environment);
COMMENT ON TABLE asset_reports IS
'What a release introduced, changed and retired in an environment when it went live there.
"Against" is the release that ran there before, NULL when none did.';

CREATE TABLE asset_counts (
    key        text COLLATE "C" NOT NULL REFERENCES asset_reports,
    position   bigint NOT NULL,
    kind       text COLLATE "C" NOT NULL,
    introduced bigint,
    changed    bigint,
    retired    bigint,
    unchanged  bigint,
    PRIMARY KEY (key, position)
);
COMMENT ON TABLE asset_counts IS 'The counts by kind: components, files, and the kinds of declared assets. NULL is not known.';

CREATE TABLE asset_changes (
    key      text COLLATE "C" NOT NULL REFERENCES asset_reports,
    position bigint NOT NULL,
    asset    text COLLATE "C" NOT NULL,
    kind     text COLLATE "C",
    change   text COLLATE "C" NOT NULL,
    PRIMARY KEY (key, position)
);
COMMENT ON TABLE asset_changes IS 'The assets that the release declares, with what it does to them.';

CREATE TABLE services (
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    package     text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    at          timestamptz NOT NULL,
    service     text COLLATE "C" NOT NULL,
    title       text COLLATE "C",
    description text COLLATE "C",
    requester   text COLLATE "C" NOT NULL,
    manager     text COLLATE "C" NOT NULL,
    targets     bigint NOT NULL,
    PRIMARY KEY (release, environment, package)
);
COMMENT ON TABLE services IS
'The service catalogue''s descriptions, one row for each package that made a service up in an
environment. What is in service is what also runs: see the view catalogue.';

CREATE TABLE service_known_errors (
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    package     text COLLATE "C" NOT NULL,
    position    bigint NOT NULL,
    known_error text COLLATE "C" NOT NULL,
    summary     text COLLATE "C" NOT NULL,
    workaround  text COLLATE "C",
    PRIMARY KEY (release, environment, package, position),
    FOREIGN KEY (release, environment, package) REFERENCES services
);
COMMENT ON TABLE service_known_errors IS 'Known errors with their workarounds, those that early life support found among them.';

CREATE TABLE service_documents (
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    package     text COLLATE "C" NOT NULL,
    position    bigint NOT NULL,
    name        text COLLATE "C" NOT NULL,
    readers     text COLLATE "C",
    location    text COLLATE "C",
    PRIMARY KEY (release, environment, package, position),
    FOREIGN KEY (release, environment, package) REFERENCES services
);
COMMENT ON TABLE service_documents IS 'The documents that come with a service.';

CREATE TABLE service_assets (
    release     text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    package     text COLLATE "C" NOT NULL,
    position    bigint NOT NULL,
    asset       text COLLATE "C" NOT NULL,
    kind        text COLLATE "C",
    set_by      text COLLATE "C" NOT NULL,
    PRIMARY KEY (release, environment, package, position),
    FOREIGN KEY (release, environment, package) REFERENCES services
);
COMMENT ON TABLE service_assets IS
'The declared assets in service: what was introduced and not retired since. set_by is the release
that introduced or changed it last.';

CREATE VIEW catalogue AS
SELECT r.service, r.environment, r.release, r.version, r.package, r.since,
    s.title, s.description, s.requester, s.manager, s.targets
FROM baselines AS r LEFT JOIN services AS s USING (release, environment, package)
WHERE r.until IS NULL;
COMMENT ON VIEW catalogue IS
'The services that run, with what is known of them. A back-out needs no row of its own: what runs
again has its old one.';

-- +goose Up

-- Each component that a build took is a configuration item: kind is that of its source
-- (module, git, ...), master the digest of its master copy in the DML, kept tells that
-- it was taken from there and not from outside, and signed_by is the key that signed
-- the tag.
ALTER TABLE build_sources ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE build_sources ADD COLUMN master TEXT;
ALTER TABLE build_sources ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
ALTER TABLE build_sources ADD COLUMN signed_by TEXT;
UPDATE build_sources SET kind = substr(source, 1, instr(source, ' ') - 1);
CREATE INDEX build_sources_by_component ON build_sources (component);

CREATE VIEW components AS
SELECT s.component, s.kind, s.source, s.sum, s.master, s.kept, s.signed_by,
    b.release, b.number AS build, b.package, coalesce(b.started, b.at) AS acquired, b.key, s.position
FROM build_sources AS s JOIN builds AS b USING (key);

-- What runs where by component, by the build that made the package last. Where a source
-- runs:
--   SELECT environment, service, version FROM running_components WHERE source LIKE '%mccutchen%'
CREATE VIEW running_components AS
SELECT r.environment, r.service, r.release, r.version, r.package, r.since,
    c.build, c.component, c.kind, c.source, c.sum, c.master, c.kept, c.signed_by, c.acquired, c.position
FROM baselines AS r JOIN components AS c
ON c.key = (SELECT key FROM builds WHERE package = r.package ORDER BY at DESC, key DESC LIMIT 1)
WHERE r.until IS NULL;

-- What a release introduced, changed and retired in an environment when it went live
-- there; "against" is the release that ran there before, NULL when none did.
CREATE TABLE asset_reports (
    key         TEXT PRIMARY KEY,
    at          TEXT NOT NULL,
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    package     TEXT,
    against     TEXT,
    notes       TEXT
) STRICT;
CREATE INDEX asset_reports_by_release ON asset_reports (release, environment);

-- The counts by kind: components, files, and the kinds of declared assets. NULL is not
-- known.
CREATE TABLE asset_counts (
    key        TEXT NOT NULL REFERENCES asset_reports,
    position   INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    introduced INTEGER,
    changed    INTEGER,
    retired    INTEGER,
    unchanged  INTEGER,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

-- The assets that the release declares, with what it does to them.
CREATE TABLE asset_changes (
    key      TEXT NOT NULL REFERENCES asset_reports,
    position INTEGER NOT NULL,
    asset    TEXT NOT NULL,
    kind     TEXT,
    change   TEXT NOT NULL,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

-- The service catalogue's descriptions, one row for each package that made a service up
-- in an environment. What is in service is what also runs: see the view catalogue.
CREATE TABLE services (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    package     TEXT NOT NULL,
    key         TEXT NOT NULL,
    at          TEXT NOT NULL,
    service     TEXT NOT NULL,
    title       TEXT,
    description TEXT,
    requester   TEXT NOT NULL,
    manager     TEXT NOT NULL,
    targets     INTEGER NOT NULL,
    PRIMARY KEY (release, environment, package)
) STRICT;

-- Known errors with their workarounds, those that early life support found among them.
CREATE TABLE service_known_errors (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    package     TEXT NOT NULL,
    position    INTEGER NOT NULL,
    known_error TEXT NOT NULL,
    summary     TEXT NOT NULL,
    workaround  TEXT,
    PRIMARY KEY (release, environment, package, position),
    FOREIGN KEY (release, environment, package) REFERENCES services
) STRICT, WITHOUT ROWID;

CREATE TABLE service_documents (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    package     TEXT NOT NULL,
    position    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    readers     TEXT,
    location    TEXT,
    PRIMARY KEY (release, environment, package, position),
    FOREIGN KEY (release, environment, package) REFERENCES services
) STRICT, WITHOUT ROWID;

-- The declared assets in service: what was introduced and not retired since. set_by is
-- the release that introduced or changed it last.
CREATE TABLE service_assets (
    release     TEXT NOT NULL,
    environment TEXT NOT NULL,
    package     TEXT NOT NULL,
    position    INTEGER NOT NULL,
    asset       TEXT NOT NULL,
    kind        TEXT,
    set_by      TEXT NOT NULL,
    PRIMARY KEY (release, environment, package, position),
    FOREIGN KEY (release, environment, package) REFERENCES services
) STRICT, WITHOUT ROWID;

-- The services that run, with what is known of them. A back-out needs no row of its own:
-- what runs again has its old one.
CREATE VIEW catalogue AS
SELECT r.service, r.environment, r.release, r.version, r.package, r.since,
    s.title, s.description, s.requester, s.manager, s.targets
FROM baselines AS r LEFT JOIN services AS s USING (release, environment, package)
WHERE r.until IS NULL;

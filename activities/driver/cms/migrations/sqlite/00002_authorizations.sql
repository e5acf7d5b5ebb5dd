-- The ledger of votes, who is asked at gates, and what people were told.
--
-- Votes of releases that were started before there was a ledger stay in actions:
--   SELECT * FROM actions WHERE action = 'cab-authorization'

-- +goose Up

DROP VIEW authorizations;

-- The ledger: every vote that was sent to a start of a release, in its order,
-- counted or refused with the reason. Each has the hash of the one before it, and
-- its own hash is over all from seq to previous. Rows never change.
CREATE TABLE authorizations (
    release        TEXT NOT NULL,
    started        TEXT NOT NULL,
    seq            INTEGER NOT NULL,
    key            TEXT NOT NULL,
    at             TEXT NOT NULL,
    acted          TEXT NOT NULL,
    gate           TEXT,
    decision       TEXT,
    person         TEXT,
    shown          TEXT, -- the digest that the gate showed
    payload        TEXT NOT NULL, -- what was sent, cut when it is long
    payload_digest TEXT NOT NULL, -- of all of it
    signature      TEXT,
    signing_key    TEXT, -- the fingerprint of the key; NULL when none was verified
    counted        INTEGER NOT NULL,
    refusal        TEXT,
    previous       TEXT NOT NULL,
    hash           TEXT NOT NULL,
    PRIMARY KEY (release, started, seq)
) STRICT;
CREATE INDEX authorizations_by_person ON authorizations (person, acted);

-- Whom a gate asks: a group with how many of it have to authorize, or (mandatory)
-- a person, group or role without whom it is not authorized.
CREATE TABLE gate_requirements (
    release   TEXT NOT NULL,
    gate      TEXT NOT NULL,
    opened    TEXT NOT NULL,
    position  INTEGER NOT NULL,
    asked     TEXT NOT NULL,
    votes     INTEGER NOT NULL,
    mandatory INTEGER NOT NULL,
    PRIMARY KEY (release, gate, opened, position),
    FOREIGN KEY (release, gate, opened) REFERENCES gates
) STRICT, WITHOUT ROWID;
INSERT INTO gate_requirements
SELECT release, gate, opened, 1, voter_group, quorum, 0 FROM gates WHERE quorum > 0;

-- Policy is the same in words. Signed gates count signed votes only. Escalated is
-- when the gate was; reason is why it was voided.
ALTER TABLE gates ADD COLUMN policy TEXT NOT NULL DEFAULT 'nobody';
ALTER TABLE gates ADD COLUMN signed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gates ADD COLUMN escalated TEXT;
ALTER TABLE gates ADD COLUMN reason TEXT;
UPDATE gates SET policy = quorum || ' of group ' || voter_group WHERE quorum > 0;
ALTER TABLE gates DROP COLUMN quorum;
ALTER TABLE gates DROP COLUMN voter_group;

-- Signing_key is the fingerprint of the key that signed the vote, at the time
-- issued. Delegated_by lists those in whose place the voter voted too.
ALTER TABLE votes ADD COLUMN signing_key TEXT;
ALTER TABLE votes ADD COLUMN issued TEXT;
ALTER TABLE votes ADD COLUMN delegated_by TEXT;

-- What people were told, and when.
CREATE TABLE notices (
    key     TEXT PRIMARY KEY,
    at      TEXT NOT NULL,
    release TEXT NOT NULL,
    told    TEXT,
    kind    TEXT NOT NULL,
    gate    TEXT,
    text    TEXT NOT NULL
) STRICT;
CREATE INDEX notices_by_release ON notices (release, told);

-- To whom a notice went; unreached is why it could not be delivered.
CREATE TABLE notice_recipients (
    key       TEXT NOT NULL REFERENCES notices,
    position  INTEGER NOT NULL,
    person    TEXT NOT NULL,
    unreached TEXT,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

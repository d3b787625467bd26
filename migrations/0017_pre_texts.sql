-- What was said: texts by version, and notices served.
-- squawk-ignore-file require-concurrent-index-creation

-- texts: a text of the catalogue or of a law's rule as it was when it was served first, for ever. version: the first 64 bits of the SHA-256 of
-- its words. {name} in it stands for a parameter of a finding; no text holds anything of a person.
CREATE TABLE text_version (
    administration_id smallint NOT NULL,
    version bigint NOT NULL,
    code text COLLATE "C" NOT NULL,
    audience text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL,
    sentence text NOT NULL,
    remedy text NOT NULL,
    appeal text,
    hint text,
    grace text,
    first_served_at timestamptz NOT NULL,
    PRIMARY KEY (administration_id, version, code, audience, language)
);

-- texts: what was served to a party about decisions, written before it goes out: a row an answer, page, message or run of webhooks. standard:
-- of a message; event_kind: of what is told as having happened. digest: of all but the time: the same again is the same notice.
CREATE TABLE notice (
    notice_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    served_at timestamptz NOT NULL,
    means text COLLATE "C" NOT NULL,
    standard text COLLATE "C",
    event_kind text COLLATE "C",
    audience text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL,
    case_ids bigint[] NOT NULL,
    decision_ids bigint[] NOT NULL,
    text_versions bigint[] NOT NULL,
    digest bytea NOT NULL,
    UNIQUE (administration_id, digest)
);
-- The notices of a case (select_notices), and what goes with it (delete_beside).
CREATE INDEX notice_by_case ON notice USING gin (case_ids);

CALL let_readers_see('text_version');
CALL let_readers_see('notice');
-- Found by one of its cases.
CALL let_find_own('notice', true);

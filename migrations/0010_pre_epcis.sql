-- Visibility events (GS1 EPCIS): what was observed, by whom it was sent, and by which numbers it finds its cases.
-- A block index over match_key is made in one reading of the table; the new tables are empty.
-- squawk-ignore-file require-concurrent-index-creation

-- follow: one capture: so many events came, so many were taken. problems, arrivals: JSON, as the answer told them.
-- digests: SHA-256 of each event's canonical text, in the order of the message; salt: of their commitment in the log.
CREATE TABLE epcis_capture (
    capture_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    created_at timestamptz NOT NULL,
    is_success boolean NOT NULL,
    error_behaviour text NOT NULL,
    event_count integer NOT NULL,
    taken_count integer NOT NULL,
    repeated_count integer NOT NULL,
    problems text NOT NULL,
    arrivals text NOT NULL,
    refused text NOT NULL,
    digests bytea NOT NULL,
    salt bytea NOT NULL
);
CREATE INDEX epcis_capture_by_party ON epcis_capture (party_id, capture_id);

-- follow: the same message about the same fact is one event, however often it comes. Not cut by time: a repeat may come late.
CREATE TABLE epcis_claim (
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    content_key bytea NOT NULL,
    event_id bigint NOT NULL,
    PRIMARY KEY (administration_id, party_id, content_key)
);

-- follow: an event. event_id: in the order of record. content: its standard fields as JSON, packed. Fields of others (extensions, master
-- data of the instance) may name people: then is_sealed, and the whole event lies in the vault under the same id.
-- is_of_administration: sent by the administration, so that it counts in a case without a document of the sender.
CREATE TABLE epcis_event (
    event_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    capture_id bigint NOT NULL,
    event_uri text COLLATE "C" NOT NULL,
    event_at timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    biz_step_code text COLLATE "C",
    disposition_code text COLLATE "C",
    has_sensors boolean NOT NULL,
    is_of_administration boolean NOT NULL,
    is_sealed boolean NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (event_id)
) PARTITION BY RANGE (event_id);
CALL cut_by_time('epcis_event');
CREATE INDEX epcis_event_by_uri ON epcis_event (administration_id, event_uri);
CREATE INDEX epcis_event_by_time ON epcis_event (administration_id, event_at, event_id);

-- follow: every identifier of an event in its canonical form: to find the events of a thing, whichever way it was written. is_listed: a
-- single thing, not a class of goods nor a business transaction. A name too long for an index stands here as its SHA-256. By sender, as
-- epcis_key.
CREATE TABLE epcis_thing (
    administration_id smallint NOT NULL,
    name text COLLATE "C" NOT NULL,
    event_id bigint NOT NULL,
    party_id bigint NOT NULL,
    is_listed boolean NOT NULL,
    PRIMARY KEY (administration_id, name, party_id, event_id)
);
CREATE INDEX epcis_thing_of_party ON epcis_thing (party_id, name) WHERE is_listed;

-- follow: numbers by which an event finds a case: keyed hashes, as in match_key. By sender: one that sends a number again and again must
-- not hide what others send of it.
CREATE TABLE epcis_key (
    administration_id smallint NOT NULL,
    kind smallint NOT NULL,
    key_hash bytea NOT NULL,
    party_id bigint NOT NULL,
    event_id bigint NOT NULL,
    PRIMARY KEY (administration_id, kind, key_hash, party_id, event_id)
);

-- follow: words a party's events have used: kinds of event, steps, dispositions, places. Few, so that listing them costs nothing.
CREATE TABLE epcis_word (
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    kind smallint NOT NULL,
    word text COLLATE "C" NOT NULL,
    PRIMARY KEY (administration_id, party_id, kind, word)
);

-- follow: queries that a party has given a name. query: its parameters as they were sent (JSON).
CREATE TABLE epcis_query (
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    query text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (administration_id, party_id, name)
);

-- From a case to its keys. Keys come case after case, so a block index finds them at almost no cost to writers.
CREATE INDEX match_key_by_case ON match_key USING brin (case_id) WITH (pages_per_range = 16, autosummarize = on); -- codespell:ignore brin

CALL let_readers_see('epcis_capture');
CALL let_readers_see('epcis_claim');
CALL let_readers_see('epcis_event');
CALL let_readers_see('epcis_thing');
CALL let_readers_see('epcis_key');
CALL let_readers_see('epcis_word');
CALL let_readers_see('epcis_query');

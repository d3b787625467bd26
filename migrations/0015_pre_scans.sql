-- Scans of what is in flight: when lists change, and when goods are recalled.
-- squawk-ignore-file require-concurrent-index-creation

-- scans: goods that an officer or an agency asks for, named by data. rule: of `serai.journey.scans.rules.RecallRule`, nothing of people in it.
-- A recall is counted first; confirmed_at: since when its hits are tasks; ended_at: since when nothing is looked for any more.
CREATE TABLE recall (
    recall_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    declared_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    ended_at timestamptz,
    acting_user text NOT NULL,
    reference text COLLATE "C" NOT NULL,
    reason_code text COLLATE "C" NOT NULL,
    law_reference text,
    rule jsonb NOT NULL,
    UNIQUE (administration_id, party_id, reference)
);

-- scans: how far everybody and everything in flight has been looked at. kind list: held against the lists of a generation (subject_id); law: decided
-- again under its law what waited for one;
-- count: counted for a recall; recall: looked for until that ends; record, act: what is stored of decisions and acts held against the log,
-- round after round (started_at: of the round). Consignments up to after_id, of those before until_id (what came later
-- was screened by these lists when it came; a recall goes on to it). read_count: consignments looked at; hit_count: found among them.
CREATE TABLE scan (
    administration_id smallint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject_id bigint NOT NULL,
    after_id bigint NOT NULL,
    until_id bigint NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    read_count bigint NOT NULL,
    hit_count bigint NOT NULL,
    PRIMARY KEY (administration_id, kind, subject_id)
);

-- What is in flight: neither released (7) nor invalidated (8) as far as its own row says; what an arrival alone released is in `landing`
-- (select_in_flight). Ids count up, so it grows at one end and stays full.
CREATE INDEX consignment_in_flight ON declared_consignment (consignment_id) WHERE status NOT IN (7, 8);

CALL let_readers_see('recall');
CALL let_readers_see('scan');

-- Recordals of rights holders, what was detained for them, and to whom names were given.
-- squawk-ignore-file require-concurrent-index-creation

-- recordals: a right that customs is asked to enforce (EU: application for action), lodged by its holder. marks: words that are looked for in
-- descriptions of goods whose code begins as hs_prefixes say. seller_ids: whose parcels are authorised, as declarations name sellers.
-- granted_at: since when it stands; refused_at: it was not granted; ended_at: before its time. valid_to: the first instant out of force.
-- is_low: too many of its detentions were baseless. contact_*: of the holder's office, not of a person.
CREATE TABLE recordal (
    recordal_id bigint PRIMARY KEY,
    party_id bigint NOT NULL REFERENCES party,
    lodged_at timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    granted_at timestamptz,
    refused_at timestamptz,
    ended_at timestamptz,
    administration_id smallint NOT NULL,
    is_low boolean NOT NULL DEFAULT false,
    asks_small_consignments boolean NOT NULL,
    reference text COLLATE "C" NOT NULL,
    kind_code text COLLATE "C" NOT NULL,
    right_number text COLLATE "C" NOT NULL,
    evidence_link text COLLATE "C",
    contact_name text COLLATE "C" NOT NULL,
    contact_email text COLLATE "C" NOT NULL,
    lodging_user text NOT NULL,
    granting_user text,
    refusal_reason_code text COLLATE "C",
    ending_user text,
    marks text[] NOT NULL,
    hs_prefixes text[] NOT NULL,
    seller_ids text[] NOT NULL,
    content_hash bytea NOT NULL,
    UNIQUE (administration_id, party_id, reference)
);
CALL let_readers_see('recordal');

-- recordals: pictures of genuine and of false goods, each written anew as a JPEG without metadata.
CREATE TABLE recordal_picture (
    recordal_id bigint NOT NULL REFERENCES recordal,
    number smallint NOT NULL,
    width_px integer NOT NULL,
    height_px integer NOT NULL,
    administration_id smallint NOT NULL,
    picture_hash text COLLATE "C" NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (recordal_id, number)
);
CALL let_readers_see('recordal_picture');

-- recordals: goods that are detained for a right. recordal_id, holder_party_id: NULL: without a recordal. act_id: the measure. goods: what the
-- holder is told of them, no names. *_due_at: until when each may answer, set when each was told. outcome: how it ended. is_baseless: as the
-- priority of the recordal counts it; disputed_at, dispute_answer: the holder said that it was not, and what an officer found.
CREATE TABLE rights_detention (
    detention_id bigint PRIMARY KEY,
    recordal_id bigint REFERENCES recordal,
    holder_party_id bigint,
    case_id bigint NOT NULL,
    consignment_id bigint NOT NULL,
    act_id bigint NOT NULL,
    officer_party_id bigint NOT NULL,
    begun_at timestamptz NOT NULL,
    declarant_due_at timestamptz NOT NULL,
    holder_told_at timestamptz,
    holder_due_at timestamptz,
    holder_answered_at timestamptz,
    declarant_answered_at timestamptz,
    ended_at timestamptz,
    end_act_id bigint,
    disputed_at timestamptz,
    dispute_decided_at timestamptz,
    administration_id smallint NOT NULL,
    is_perishable boolean NOT NULL,
    is_baseless boolean,
    procedure text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    acting_user text NOT NULL,
    holder_answer text COLLATE "C",
    holder_user text,
    declarant_answer text COLLATE "C",
    declarant_user text,
    outcome text COLLATE "C",
    dispute_reason_code text COLLATE "C",
    dispute_answer text COLLATE "C",
    dispute_user text,
    goods jsonb NOT NULL,
    UNIQUE (administration_id, officer_party_id, reference)
);
-- One at a time on a parcel, and what a timer ends (select_open).
CREATE UNIQUE INDEX rights_detention_open ON rights_detention (consignment_id) WHERE ended_at IS NULL;
-- A holder's own, the newest first (select_detentions).
CREATE INDEX rights_detention_by_holder ON rights_detention (holder_party_id, detention_id);
-- How a recordal's detentions ended (count_ended).
CREATE INDEX rights_detention_by_recordal ON rights_detention (recordal_id, ended_at);
-- Of one case (select_detentions).
CREATE INDEX rights_detention_by_case ON rights_detention (case_id);
CALL let_readers_see('rights_detention');

-- recordals: that names of a parcel were given to a holder, and for which use alone.
CREATE TABLE rights_disclosure (
    disclosure_id bigint PRIMARY KEY,
    detention_id bigint NOT NULL REFERENCES rights_detention,
    party_id bigint NOT NULL,
    given_at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    use_code text COLLATE "C" NOT NULL,
    acting_user text NOT NULL
);
CREATE INDEX rights_disclosure_by_detention ON rights_disclosure (detention_id);
CALL let_readers_see('rights_disclosure');

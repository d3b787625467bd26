-- The parcel's way: submissions, cases, documents, consignments, goods items, charges, decisions, events, transport units,
-- and the law a decision rests on. Every table is written by one room; who, stands beside it.
-- Hot tables carry few indexes, and are cut by the time of their id.

-- By what a reference is found: half a hash of what it begins with, whose it is and for which kind of document; its last seven signs stand
-- beside it in the index. References count up: so they lie side by side there, in a third of the room, and fill its pages.
CREATE FUNCTION reference_head(party_id bigint, kind smallint, reference text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashtextextended(kind::text || left(reference, -7), party_id) >> 32)::integer;

-- advise: what a party has sent under a reference of its own. Not cut by time: a reference is used once, for ever. What the index finds
-- proves nothing: whoever looks one up compares the reference. place: 0; of references that the index cannot tell apart each has the
-- next, so that the same one meets itself there and no other. first_id: of the first version, null while that is the newest: it is the id of
-- a declaration's consignment, and of the case that the document began; what became of that stands in case_file.
CREATE TABLE submission (
    party_id bigint NOT NULL,
    document_id bigint NOT NULL,
    first_id bigint,
    administration_id smallint NOT NULL,
    kind smallint NOT NULL,
    version smallint NOT NULL,
    place smallint NOT NULL,
    reference text COLLATE "C" NOT NULL
);
-- No wider than sixteen bytes: then PostgreSQL splits a page where what counts up ends, and leaves the others full.
CREATE UNIQUE INDEX submission_by_reference
ON submission (reference_head(party_id, kind, reference), right(reference, 7), place);

-- A bulk declaration: an envelope with a reference and an MRN of its own. What its head says stands in the declarations themselves.
CREATE TABLE bulk_declaration (
    bulk_declaration_id bigint PRIMARY KEY,
    party_id bigint NOT NULL,
    received_at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    mrn text NOT NULL,
    reference text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    UNIQUE (administration_id, party_id, reference)
);

CREATE TABLE bulk_declaration_line (
    bulk_declaration_id bigint NOT NULL,
    document_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    reference text COLLATE "C" NOT NULL,
    PRIMARY KEY (bulk_declaration_id, reference)
);

CREATE FUNCTION instant_of(seconds integer) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_timestamp(1735689600 + seconds);

-- match: documents meet over keys: the keyed hash of scheme, issuer and number, in two halves. key_hash is what the index finds and locks,
-- and proves nothing: a row is a document's own key only if check_hash and kind are its own, too. What another number keeps out of here is
-- found in document_key. opened_s (seconds since 2025) ends a number's life: S10 numbers come back. Not cut by time. An administration's hashes are its own, so
-- the index is over nothing else: each byte of an entry at a random place counts.
CREATE TABLE match_key (
    key_hash bigint NOT NULL,
    check_hash bigint NOT NULL,
    case_id bigint NOT NULL,
    opened_s integer NOT NULL,
    administration_id smallint NOT NULL,
    kind smallint NOT NULL,
    PRIMARY KEY (key_hash)
);

-- match: every key of orders, payments and transport documents, whoever holds the key: they wait here for the declaration that lets them
-- count, and are found by document to see who else waits.
CREATE TABLE document_key (
    key_hash bigint NOT NULL,
    check_hash bigint NOT NULL,
    document_id bigint NOT NULL,
    case_id bigint NOT NULL,
    added_at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    kind smallint NOT NULL
);
CREATE INDEX document_key_by_key ON document_key (administration_id, key_hash);
CREATE INDEX document_key_by_document ON document_key (document_id);

-- match: numbers over which a case is held, since another declarant's declaration carries them as well (`linking/rivals`). Few.
CREATE TABLE disputed_number (
    key_hash bigint NOT NULL,
    check_hash bigint NOT NULL,
    case_id bigint NOT NULL,
    disputed_at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    kind smallint NOT NULL,
    PRIMARY KEY (administration_id, key_hash, check_hash, kind, case_id)
);
CREATE INDEX disputed_number_by_case ON disputed_number (case_id);

-- match: the row whose lock makes two documents of one case take turns. merged_into: the lower id that survived. A case that is nothing
-- but its own declaration (whose id it has) has no row until something further happens to it; the view `every_case` shows it all the same.
CREATE TABLE case_file (
    case_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    opened_at timestamptz NOT NULL,
    merged_into bigint
);
-- Only merged cases, which are few: from the case that survived to those it took in.
CREATE INDEX case_file_merged ON case_file (merged_into) WHERE merged_into IS NOT NULL;

-- advise: every accepted document but declarations, in every version; those stand on their consignments. The view `document` shows both.
-- The message itself is in the vault under document_id. Salts of its leaf lie with what they open: in the vault.
-- person_roles: bit by place in VAULT_ROLES; their vault ids count up from first_person_id. withdrawn_by: the act by which its sender
-- withdrew it; it stays, and counts no more.
CREATE TABLE supporting_document (
    document_id bigint NOT NULL,
    party_id bigint NOT NULL,
    case_id bigint NOT NULL,
    received_at timestamptz NOT NULL,
    first_person_id bigint NOT NULL,
    replaced_by bigint,
    withdrawn_by bigint,
    administration_id smallint NOT NULL,
    kind smallint NOT NULL,
    version smallint NOT NULL,
    person_roles smallint NOT NULL,
    is_confirmed boolean NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (document_id)
) PARTITION BY RANGE (document_id);
CALL cut_by_time('supporting_document');
CREATE INDEX supporting_document_by_case ON supporting_document (case_id);
-- How a platform or a payment provider finds its cases (list_of_party).
CREATE INDEX supporting_document_by_party ON supporting_document (party_id, case_id);

-- match: which document belongs to which case, how surely and why. What the case comes to stands in case_match.
CREATE TABLE document_link (
    document_id bigint NOT NULL,
    case_id bigint NOT NULL,
    linked_at timestamptz NOT NULL,
    score_ppm integer NOT NULL,
    administration_id smallint NOT NULL,
    detail text NOT NULL,
    PRIMARY KEY (document_id, case_id)
);

-- match: registered parties that an order, payment or transport document names. Once it counts, so do theirs.
CREATE TABLE document_party (
    document_id bigint NOT NULL,
    party_id bigint NOT NULL,
    role text NOT NULL,
    administration_id smallint NOT NULL,
    PRIMARY KEY (document_id, party_id, role)
);

-- follow: movement, master document, loading unit, receptacle: the tree above a consignment. arrived_at: by an officer's word, for
-- everything in it. has_reports: a party has reported an arrival (arrival_report). landed_at: everything in it has arrived, so that
-- lists of what is to land leave it out.
CREATE TABLE transport_unit (
    transport_unit_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    kind smallint NOT NULL,
    number text COLLATE "C" NOT NULL,
    parent_id bigint,
    scheduled_departure_at timestamptz,
    scheduled_arrival_at timestamptz,
    arrived_at timestamptz,
    landed_at timestamptz,
    has_reports boolean NOT NULL DEFAULT false,
    is_reaching boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    UNIQUE (administration_id, kind, number)
);
-- Arrivals whose consignments are not all decided again yet: taken up when a process starts.
CREATE INDEX transport_unit_reaching ON transport_unit (transport_unit_id) WHERE is_reaching;
CREATE INDEX transport_unit_by_parent ON transport_unit (parent_id);

-- release: an arrival as a party reported it: it counts for what that party has a part in, whatever else the unit carries.
-- replaced_at: the time that its newest amendment corrects.
CREATE TABLE arrival_report (
    transport_unit_id bigint NOT NULL REFERENCES transport_unit,
    party_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    arrived_at timestamptz NOT NULL,
    replaced_at timestamptz,
    is_reaching boolean NOT NULL,
    PRIMARY KEY (transport_unit_id, party_id)
);
CREATE INDEX arrival_report_reaching ON arrival_report (transport_unit_id) WHERE is_reaching;

-- A registration number (`serai.model.registration_number`) from what is kept of it, year, country and check character, and the id that it
-- is made of.
CREATE FUNCTION registration_number(mrn_ends text, consignment_id bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(mrn_ends, 4)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 60) & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 55) & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 50) & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 45) & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 40) & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 35) & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 30) & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 25) & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 20) & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 15) & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 10) & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 5) & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHIJKLMNOPQRSTUV', ((consignment_id >> 0) & 31)::integer + 1, 1)
    || right(mrn_ends, 1);

-- follow: a declared consignment: what was lodged last, and the decision that stands. One row whatever it holds; goods items, charges,
-- findings and the context of the decision are packed in `detail` (`serai.model.packed_detail`), which no SQL opens: amounts owed are
-- there alone. What a newer decision replaced is in `earlier_decision`. Texts last: fixed columns are found without walking through them.
-- person_roles: bit by place in VAULT_ROLES; their vault ids count up from first_person_id. salt: of the decision's commitment in the log.
-- reasons: the rules that spoke, bit by bit, the lowest byte first. quality_score and what follows: of the declaration as it came in, which checks it failed (bits), by which version of the formula.
CREATE TABLE declared_consignment (
    consignment_id bigint NOT NULL,
    case_id bigint NOT NULL,
    party_id bigint NOT NULL,
    document_id bigint NOT NULL,
    decision_id bigint NOT NULL,
    supersedes bigint,
    transport_unit_id bigint,
    -- the movement it is counted on in statistics_movement: only an amendment moves it, whatever becomes of the tree above
    movement_id bigint,
    first_person_id bigint NOT NULL,
    quality_bits bigint,
    received_at timestamptz NOT NULL,
    accepted_at timestamptz NOT NULL,
    expected_arrival_at timestamptz,
    arrived_at timestamptz,
    -- when the decision that stands was made
    changed_at timestamptz NOT NULL,
    law_on date NOT NULL,
    basis_id integer NOT NULL,
    administration_id smallint NOT NULL,
    version smallint NOT NULL,
    item_count smallint NOT NULL,
    lane smallint NOT NULL,
    status smallint NOT NULL,
    decision_kind smallint NOT NULL,
    person_roles smallint NOT NULL,
    quality_score smallint,
    quality_version smallint,
    -- the lane in which lists and sums show it: its own, but 5 for one in review because no law is loaded (bit 1 of the reasons of every
    -- law): no person can do anything about that one
    shown_lane smallint NOT NULL GENERATED ALWAYS AS (
        CASE WHEN lane = 2 AND get_byte(reasons || '\x00'::bytea, 0) & 1 <> 0 THEN 5 ELSE lane END) STORED,
    is_provisional boolean NOT NULL,
    mrn_ends text NOT NULL,
    reference text COLLATE "C" NOT NULL,
    house_document text COLLATE "C",
    logistics_channel_code text NOT NULL,
    consignee_country_code text NOT NULL,
    tax_territory_code text,
    form_code text,
    reasons bytea NOT NULL,
    salt bytea NOT NULL,
    detail bytea NOT NULL,
    PRIMARY KEY (consignment_id)
) PARTITION BY RANGE (consignment_id);
CALL cut_by_time('declared_consignment');
-- What belongs to a case that it did not open itself, which few do (the views `case_consignment` and `document`); others have its id.
CREATE INDEX consignment_by_case ON declared_consignment (case_id, consignment_id) WHERE case_id <> consignment_id;
-- A filer's list, in an order that no change of a row disturbs (list_of_party): in the order of cases, which is that of the consignments that
-- opened theirs.
CREATE INDEX consignment_by_party ON declared_consignment (party_id, consignment_id);
CREATE INDEX consignment_joined_by_party ON declared_consignment (party_id, case_id, consignment_id) WHERE case_id <> consignment_id;
-- What lies in a unit: arrivals, lists of a flight (select_unreached, list_on_units).
CREATE INDEX consignment_by_unit ON declared_consignment (transport_unit_id);
-- Decisions by id and in the order they were made (list_changed, decided_up, select_latest). Ids count up, so it grows at one end.
CREATE INDEX consignment_by_decision ON declared_consignment (decision_id);
-- Amended declarations, which are few: a first version's document has the consignment's own id.
CREATE INDEX consignment_amended ON declared_consignment (document_id) WHERE document_id <> consignment_id;
-- The parcels of the demo that are worth a look (select_named): none anywhere else.
CREATE INDEX consignment_named ON declared_consignment (reference) WHERE reference >= 'NAMED-' AND reference < 'NAMED.';
-- Those that wait for a document or for a law (list_by_lane, select_parcels_waiting, select_without_law); those that need a person have tasks.
CREATE INDEX consignment_waiting ON declared_consignment (administration_id, shown_lane, consignment_id) WHERE shown_lane IN (1, 5);

-- follow: decisions that a newer one replaced, moved here as they stood with the version of the declaration they were made on. Append only.
-- is_last_of_document: the newer one was made on another version. Channel and country as they were: an amendment changes the consignment's.
-- arrived_at: of a decision that an arrival made (`landing`), which its detail does not know; null otherwise.
CREATE TABLE earlier_decision (
    decision_id bigint NOT NULL,
    consignment_id bigint NOT NULL,
    case_id bigint NOT NULL,
    party_id bigint NOT NULL,
    document_id bigint NOT NULL,
    supersedes bigint,
    first_person_id bigint NOT NULL,
    quality_bits bigint,
    received_at timestamptz NOT NULL,
    accepted_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    arrived_at timestamptz,
    law_on date NOT NULL,
    basis_id integer NOT NULL,
    administration_id smallint NOT NULL,
    version smallint NOT NULL,
    lane smallint NOT NULL,
    status smallint NOT NULL,
    decision_kind smallint NOT NULL,
    person_roles smallint NOT NULL,
    quality_score smallint,
    quality_version smallint,
    is_provisional boolean NOT NULL,
    is_last_of_document boolean NOT NULL,
    logistics_channel_code text NOT NULL,
    consignee_country_code text NOT NULL,
    reasons bytea NOT NULL,
    salt bytea NOT NULL,
    detail bytea NOT NULL,
    PRIMARY KEY (decision_id)
) PARTITION BY RANGE (decision_id);
CALL cut_by_time('earlier_decision');
-- All decisions of a consignment (select_decisions).
CREATE INDEX earlier_decision_by_consignment ON earlier_decision (consignment_id);
-- Who has sent what in a case (the view `document`).
CREATE INDEX earlier_decision_by_case ON earlier_decision (case_id) WHERE is_last_of_document;
CREATE INDEX earlier_decision_by_document ON earlier_decision (document_id) WHERE is_last_of_document;

-- release: what has arrived, one narrow row each; the wide row of the consignment stays as it is. Without decision_id the arrival made no
-- difference to what was decided. With it the arrival alone made the next decision: that of the wide row, but released or with payment due.
-- Gone as soon as anything else is decided: then the wide row has it all. salt: of that decision's commitment in the log.
CREATE TABLE landing (
    consignment_id bigint NOT NULL,
    decision_id bigint,
    arrived_at timestamptz NOT NULL,
    decided_at timestamptz,
    administration_id smallint NOT NULL,
    status smallint,
    salt bytea,
    PRIMARY KEY (consignment_id),
    CHECK (num_nulls(decision_id, decided_at, status, salt) IN (0, 4))
) PARTITION BY RANGE (consignment_id);
CALL cut_by_time('landing');
-- Decisions by id and in the order they were made (as consignment_by_decision).
CREATE INDEX landing_by_decision ON landing (decision_id) WHERE decision_id IS NOT NULL;

-- follow: consignments as they stand, arrival and all. decision_kind 2: release. An arrival is the acceptance of what was declared before it.
CREATE VIEW consignment WITH (security_invoker = true) AS
SELECT declared.consignment_id, case_id, party_id, document_id, coalesce(landing.decision_id, declared.decision_id) AS decision_id,
    CASE WHEN landing.decision_id IS NULL THEN supersedes ELSE declared.decision_id END AS supersedes,
    transport_unit_id, movement_id, first_person_id, quality_bits, received_at,
    CASE WHEN landing.decision_id IS NOT NULL AND is_provisional THEN landing.arrived_at ELSE accepted_at END AS accepted_at,
    expected_arrival_at, coalesce(declared.arrived_at, landing.arrived_at) AS arrived_at,
    coalesce(landing.decided_at, changed_at) AS changed_at, law_on, basis_id, declared.administration_id, version, item_count, lane,
    coalesce(landing.status, declared.status) AS status,
    CASE WHEN landing.decision_id IS NULL THEN decision_kind ELSE 2::smallint END AS decision_kind, person_roles, quality_score,
    quality_version, shown_lane, is_provisional AND landing.decision_id IS NULL AS is_provisional,
    registration_number(mrn_ends, declared.consignment_id) AS mrn, reference, house_document,
    logistics_channel_code, consignee_country_code, tax_territory_code, form_code, reasons, coalesce(landing.salt, declared.salt) AS salt,
    detail
FROM declared_consignment AS declared
-- By index for each row, whatever the statistics say (OFFSET 0): most readers want few rows.
LEFT JOIN LATERAL (SELECT * FROM landing WHERE landing.consignment_id = declared.consignment_id OFFSET 0) AS landing ON true;
GRANT SELECT ON consignment TO serai_reader, serai_writer;

-- follow: consignments by the case they belong to, for every read of a case: most have the id of theirs.
CREATE VIEW case_consignment WITH (security_invoker = true) AS
SELECT consignment_id AS of_case_id, consignment.* FROM consignment WHERE case_id = consignment_id
UNION ALL
SELECT case_id, consignment.* FROM consignment WHERE case_id <> consignment_id;
GRANT SELECT ON case_consignment TO serai_reader, serai_writer;

-- decide: every decision ever made: what stands, and what was superseded. arrived_at: of one that an arrival made, on the
-- detail of the one before.
CREATE VIEW decision WITH (security_invoker = true) AS
SELECT decision_id, administration_id, case_id, consignment_id, document_id, decision_kind AS kind, basis_id, lane, status, reasons,
    is_provisional, supersedes, changed_at AS decided_at, detail, salt, NULL::timestamptz AS arrived_at, accepted_at
FROM declared_consignment
UNION ALL
SELECT landing.decision_id, landing.administration_id, case_id, landing.consignment_id, document_id, 2::smallint, basis_id, lane,
    landing.status, reasons, false, declared.decision_id, landing.decided_at, detail, landing.salt, landing.arrived_at,
    CASE WHEN is_provisional THEN landing.arrived_at ELSE accepted_at END
FROM landing JOIN declared_consignment AS declared ON declared.consignment_id = landing.consignment_id
WHERE landing.decision_id IS NOT NULL
UNION ALL
SELECT decision_id, administration_id, case_id, consignment_id, document_id, decision_kind, basis_id, lane, status, reasons,
    is_provisional, supersedes, changed_at, detail, salt, arrived_at, accepted_at
FROM earlier_decision;
GRANT SELECT ON decision TO serai_reader, serai_writer;

-- match: cases with a row of their own, and those that are one declaration.
CREATE VIEW every_case WITH (security_invoker = true) AS
SELECT case_id, administration_id, opened_at, merged_into FROM case_file
UNION ALL
SELECT consignment_id, administration_id, received_at, NULL FROM declared_consignment AS declared
WHERE case_id = consignment_id AND NOT EXISTS (SELECT FROM case_file WHERE case_file.case_id = declared.consignment_id);
GRANT SELECT ON every_case TO serai_reader, serai_writer;

-- advise: every accepted document in every version. A declaration's first version has the id of its consignment, and mostly of its case: it
-- is found by that id, others by partial indexes.
CREATE VIEW document WITH (security_invoker = true) AS
SELECT document_id, administration_id, party_id, kind, version, case_id, is_confirmed, role, received_at, person_roles, first_person_id,
    replaced_by, withdrawn_by, NULL::smallint AS quality_score, NULL::bigint AS quality_bits, NULL::smallint AS quality_version
FROM supporting_document
UNION ALL
SELECT consignment_id, administration_id, party_id, 1::smallint, version, consignment_id, true, 'declarant', received_at, person_roles,
    first_person_id, NULL, NULL, quality_score, quality_bits, quality_version
FROM declared_consignment WHERE document_id = consignment_id AND case_id = consignment_id
UNION ALL
SELECT consignment_id, administration_id, party_id, 1::smallint, version, case_id, true, 'declarant', received_at, person_roles,
    first_person_id, NULL, NULL, quality_score, quality_bits, quality_version
FROM declared_consignment WHERE document_id = consignment_id AND case_id <> consignment_id
UNION ALL
SELECT document_id, administration_id, party_id, 1::smallint, version, consignment_id, true, 'declarant', received_at, person_roles,
    first_person_id, NULL, NULL, quality_score, quality_bits, quality_version
FROM declared_consignment WHERE document_id <> consignment_id AND case_id = consignment_id
UNION ALL
SELECT document_id, administration_id, party_id, 1::smallint, version, case_id, true, 'declarant', received_at, person_roles,
    first_person_id, NULL, NULL, quality_score, quality_bits, quality_version
FROM declared_consignment WHERE document_id <> consignment_id AND case_id <> consignment_id
UNION ALL
SELECT document_id, administration_id, party_id, 1::smallint, version, case_id, true, 'declarant', received_at, person_roles,
    first_person_id, NULL, NULL, quality_score, quality_bits, quality_version
FROM earlier_decision WHERE is_last_of_document;
GRANT SELECT ON document TO serai_reader, serai_writer;

-- follow: movements by landing.
CREATE INDEX transport_unit_landing ON transport_unit (administration_id, scheduled_arrival_at) WHERE kind = 1;

-- follow: running sums of what was decided, so that pages never count the hot tables. hour_at: of a consignment's newest decision; a new
-- one takes the consignment out of the hour of the old. One process writes the rows of its node_id only, so processes never wait here.
-- Two sorts of rows: consignments by lane, status and destination (due -1, tax_type_code ''), and charges that stand, neither waived nor
-- claims, by destination, due, tax type and currency (lane and status -1). Small rows, changed often: room for that on each page.
CREATE TABLE statistics_hour (
    administration_id smallint NOT NULL,
    hour_at timestamptz NOT NULL,
    node_id smallint NOT NULL,
    lane smallint NOT NULL,
    status smallint NOT NULL,
    destination_country_code text COLLATE "C" NOT NULL,
    due smallint NOT NULL,
    tax_type_code text COLLATE "C" NOT NULL,
    currency_code text COLLATE "C" NOT NULL,
    row_count bigint NOT NULL,
    amount_minor bigint NOT NULL,
    PRIMARY KEY (administration_id, hour_at, node_id, lane, status, destination_country_code, due, tax_type_code, currency_code)
) WITH (fillfactor = 50);

-- follow: the same for each movement. Three sorts of rows: consignments by lane and status; consignments by country of dispatch, as first
-- declared (lane and status -1); what is due at the border, by currency (lane and status -1).
CREATE TABLE statistics_movement (
    administration_id smallint NOT NULL,
    transport_unit_id bigint NOT NULL,
    node_id smallint NOT NULL,
    lane smallint NOT NULL,
    status smallint NOT NULL,
    dispatch_country_code text COLLATE "C" NOT NULL,
    currency_code text COLLATE "C" NOT NULL,
    row_count bigint NOT NULL,
    amount_minor bigint NOT NULL,
    PRIMARY KEY (transport_unit_id, node_id, lane, status, dispatch_country_code, currency_code)
) WITH (fillfactor = 50);

-- follow: what changed, for whom: one row a batch, party and kind; ids count up. A run of events whose ids, cases and decisions all count up
-- is one entry: the first of each, and how many. era, then tx, order readers: a row is shown once every earlier transaction of the
-- present era has ended, so none is passed over. decision_ids: 0 where none was made.
CREATE TABLE event_batch (
    last_event_id bigint NOT NULL,
    party_id bigint NOT NULL,
    at timestamptz NOT NULL,
    era bigint NOT NULL DEFAULT present_era(),
    tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
    administration_id smallint NOT NULL,
    kind smallint NOT NULL,
    event_ids bigint[] NOT NULL,
    case_ids bigint[] NOT NULL,
    decision_ids bigint[] NOT NULL,
    counts bigint[] NOT NULL
) PARTITION BY RANGE (last_event_id);
CALL cut_by_time('event_batch');
-- A party's feed from a cursor on (select_events, claim_webhooks).
CREATE INDEX event_batch_by_party ON event_batch (party_id, era, tx, last_event_id);

-- follow: the events one by one.
CREATE VIEW event WITH (security_invoker = true) AS
SELECT run.event_id + place AS event_id, administration_id, party_id, run.case_id + place AS case_id, kind,
    run.decision_id + place AS decision_id, at, era, tx
FROM event_batch CROSS JOIN LATERAL unnest(event_ids, case_ids, decision_ids, counts) AS run (event_id, case_id, decision_id, run_count)
CROSS JOIN LATERAL generate_series(0, run_count - 1) AS place;
GRANT SELECT ON event TO serai_reader, serai_writer;

-- match: names under which parties appear on others' documents (platform, seller, EORI). One name, one party.
CREATE TABLE party_identifier (
    administration_id smallint NOT NULL,
    identifier text COLLATE "C" NOT NULL,
    party_id bigint NOT NULL REFERENCES party,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (administration_id, identifier)
);

-- follow: registered parties that a declaration names as platform or seller; each sees its part of the case.
CREATE TABLE case_party (
    party_id bigint NOT NULL,
    case_id bigint NOT NULL,
    consignment_id bigint NOT NULL,
    role text NOT NULL,
    administration_id smallint NOT NULL,
    named_at timestamptz NOT NULL,
    PRIMARY KEY (party_id, case_id, consignment_id, role)
);
CREATE INDEX case_party_by_case ON case_party (case_id);

-- Acts: what an officer or a party does that changes a decision or a status, in one shape (`serai.model.acts`). Append only: what is taken
-- back is named by another act's `reverses`. case_id: where the subject was then. parameters: by name, no words of people. leaf_id: the leaf
-- in the log that commits to it; salt: of that commitment, '' where a document or decision brought the act and its leaf is theirs.
-- has_words: why, in words, lies in the vault under act_id.
CREATE TABLE act (
    act_id bigint PRIMARY KEY,
    case_id bigint NOT NULL,
    subject_id bigint NOT NULL,
    party_id bigint NOT NULL,
    on_behalf_of bigint,
    expected_decision_id bigint,
    reverses bigint,
    leaf_id bigint NOT NULL,
    at timestamptz NOT NULL,
    due_at timestamptz,
    administration_id smallint NOT NULL,
    subject_number smallint NOT NULL,
    version smallint NOT NULL,
    has_words boolean NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject_kind text COLLATE "C" NOT NULL,
    acting_user text NOT NULL,
    reason_code text,
    law_reference text,
    reference text COLLATE "C",
    parameters jsonb NOT NULL,
    salt bytea NOT NULL
);
-- Acts of a case (select_acts, select_standing_acts).
CREATE INDEX act_by_case ON act (case_id);
-- A reference is used once by its party (insert_act); an act is taken back once.
CREATE UNIQUE INDEX act_by_reference ON act (administration_id, party_id, reference) WHERE reference IS NOT NULL;
CREATE UNIQUE INDEX act_reversed ON act (reverses) WHERE reverses IS NOT NULL;

-- Allowance drawn by a person (a pseudonym) under a law in a year; reservations are returned by a negative row.
CREATE TABLE quota_use (
    administration_id smallint NOT NULL,
    pseudonym bytea NOT NULL,
    quota text NOT NULL,
    year smallint NOT NULL,
    case_id bigint NOT NULL,
    decision_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    used_at timestamptz NOT NULL
);
CREATE INDEX quota_use_by_person ON quota_use (pseudonym, quota, year);

-- What a decision rests on: every component by its hash, for ever.
CREATE TABLE basis_component (
    component_hash bytea NOT NULL,
    administration_id smallint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    content bytea NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (component_hash, administration_id)
);

CREATE TABLE basis (
    basis_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    administration_id smallint NOT NULL,
    basis_hash bytea NOT NULL,
    program_code text NOT NULL,
    pack_versions text[] NOT NULL,
    currency_code text NOT NULL,
    engine_semantics smallint NOT NULL,
    component_hashes bytea[] NOT NULL,
    reason_set text[] NOT NULL,
    reason_law_references text[] NOT NULL,
    charge_set text[] NOT NULL,
    confirmed_until date,
    added_at timestamptz NOT NULL,
    UNIQUE (administration_id, basis_hash)
);

-- Which packs and lists are active: append only; the highest generation holds. Files are a source for `serai law load`, no more.
CREATE TABLE law_generation (
    generation_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    administration_id smallint NOT NULL,
    component_hashes bytea[] NOT NULL,
    activated_at timestamptz NOT NULL,
    note text NOT NULL
);

CALL let_readers_see('submission');
CALL let_readers_see('bulk_declaration');
CALL let_readers_see('bulk_declaration_line');
CALL let_readers_see('match_key');
CALL let_readers_see('document_key');
CALL let_readers_see('disputed_number');
CALL let_readers_see('case_file');
CALL let_readers_see('supporting_document');
CALL let_readers_see('document_link');
CALL let_readers_see('document_party');
CALL let_readers_see('transport_unit');
CALL let_readers_see('arrival_report');
CALL let_readers_see('declared_consignment');
CALL let_readers_see('landing');
CALL let_readers_see('earlier_decision');
CALL let_readers_see('statistics_hour');
CALL let_readers_see('statistics_movement');
CALL let_readers_see('event_batch');
CALL let_readers_see('act');
CALL let_readers_see('party_identifier');
CALL let_readers_see('case_party');
CALL let_readers_see('quota_use');
CALL let_readers_see('basis_component');
CALL let_readers_see('basis');
CALL let_readers_see('law_generation');
-- Found by what a reference begins with.
CALL let_find_own('submission', true);

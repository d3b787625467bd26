-- The parcel's way: submissions, cases, documents, consignments, goods items, charges, decisions, events, transport units,
-- and the law a decision rests on. Every table is written by one room; who, stands beside it.
-- Hot tables carry few indexes, and are cut by year of their id (milliseconds since 2025-01-01, shifted by 22 bits).

CREATE PROCEDURE cut_by_year(table_name text)
LANGUAGE plpgsql AS $$
DECLARE
    first_year CONSTANT integer := 2026;
    last_year CONSTANT integer := 2031;
BEGIN
    FOR year IN first_year .. last_year LOOP
        EXECUTE format(
            'CREATE TABLE %1$s_%2$s PARTITION OF %1$s FOR VALUES FROM (%3$s) TO (%4$s)', table_name, year,
            CASE WHEN year = first_year THEN 'MINVALUE' ELSE
                (((make_date(year, 1, 1) - date '2025-01-01')::bigint * 86400000) << 22)::text END,
            CASE WHEN year = last_year THEN 'MAXVALUE' ELSE
                (((make_date(year + 1, 1, 1) - date '2025-01-01')::bigint * 86400000) << 22)::text END);
    END LOOP;
END
$$;

-- advise: what a party has sent under a reference of its own. Not cut by time: a reference is used once, for ever.
CREATE TABLE submission (
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    kind smallint NOT NULL,
    reference text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    version smallint NOT NULL,
    document_id bigint NOT NULL,
    case_id bigint NOT NULL,
    accepted_at timestamptz NOT NULL,
    PRIMARY KEY (administration_id, party_id, kind, reference)
);

-- match: documents meet over keys. key_hash: keyed hash of scheme, issuer and number. opened_at ends a number's life: S10 numbers come back.
CREATE TABLE match_key (
    administration_id smallint NOT NULL,
    kind smallint NOT NULL,
    key_hash bytea NOT NULL,
    case_id bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    PRIMARY KEY (administration_id, kind, key_hash)
);

-- match: every key of orders, payments and transport documents, whoever holds the key: they wait here for the declaration that lets them
-- count, and are found by document to see who else waits.
CREATE TABLE document_key (
    administration_id smallint NOT NULL,
    kind smallint NOT NULL,
    key_hash bytea NOT NULL,
    document_id bigint NOT NULL,
    case_id bigint NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (administration_id, kind, key_hash, document_id)
);
CREATE INDEX document_key_by_document ON document_key (document_id);

-- match: the row whose lock makes two documents of one case take turns. merged_into: the lower id that survived.
CREATE TABLE case_file (
    case_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    opened_at timestamptz NOT NULL,
    merged_into bigint
);
-- Only merged cases, which are few: from the case that survived to those it took in.
CREATE INDEX case_file_merged ON case_file (merged_into) WHERE merged_into IS NOT NULL;

-- advise: every accepted document in every version. The message itself is in the vault under document_id.
-- Salts of its leaf lie with what they open: in the vault.
-- person_roles: bit by place in PERSON_ROLES; their vault ids count up from first_person_id.
CREATE TABLE document (
    document_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    kind smallint NOT NULL,
    version smallint NOT NULL,
    case_id bigint NOT NULL,
    is_confirmed boolean NOT NULL,
    role text NOT NULL,
    received_at timestamptz NOT NULL,
    person_roles smallint NOT NULL,
    first_person_id bigint NOT NULL,
    replaced_by bigint,
    PRIMARY KEY (document_id)
) PARTITION BY RANGE (document_id);
CALL cut_by_year('document');
CREATE INDEX document_by_case ON document (case_id);
-- What others than filers have sent: how a platform or a payment provider finds its cases. Declarations are found by `consignment`.
CREATE INDEX document_of_others ON document (party_id, case_id) WHERE kind <> 1;

-- match: which document belongs to which consignment, how surely and why.
CREATE TABLE document_link (
    case_id bigint NOT NULL,
    document_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    score_ppm integer NOT NULL,
    verdict text NOT NULL,
    detail text NOT NULL,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, document_id)
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

-- follow: a declared consignment in its newest version; what lists and pages sort by. Amounts owed are in `charge` alone.
CREATE TABLE consignment (
    consignment_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    case_id bigint NOT NULL,
    party_id bigint NOT NULL,
    document_id bigint NOT NULL,
    version smallint NOT NULL,
    mrn text NOT NULL,
    reference text COLLATE "C" NOT NULL,
    house_document text COLLATE "C",
    transport_unit_id bigint,
    channel_code text NOT NULL,
    consignee_country_code text NOT NULL,
    tax_territory_code text,
    form_code text,
    item_count smallint NOT NULL,
    law_on date NOT NULL,
    accepted_at timestamptz NOT NULL,
    expected_arrival_at timestamptz,
    arrived_at timestamptz,
    decision_id bigint NOT NULL,
    basis_id integer NOT NULL,
    lane smallint NOT NULL,
    status smallint NOT NULL,
    reason_bits bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    -- the movement it is counted on in flow_movement: only an amendment moves it, whatever becomes of the tree above
    movement_id bigint,
    PRIMARY KEY (consignment_id)
) PARTITION BY RANGE (consignment_id);
CALL cut_by_year('consignment');
CREATE INDEX consignment_by_case ON consignment (case_id);
-- A filer's list, in an order that no change of a row disturbs.
CREATE INDEX consignment_by_party ON consignment (party_id, case_id, consignment_id);
CREATE INDEX consignment_by_unit ON consignment (transport_unit_id);
-- The few that need a person: what officers look at first.
CREATE INDEX consignment_waiting ON consignment (administration_id, lane, consignment_id) WHERE lane > 0;

-- follow: movements by landing.
CREATE INDEX transport_unit_landing ON transport_unit (administration_id, scheduled_arrival_at) WHERE kind = 1;

-- follow: running sums of what was decided, so that pages never count the hot tables. hour_at: of a consignment's newest decision; a new
-- one takes the consignment out of the hour of the old. One process writes the rows of its node_id only, so processes never wait here.
-- Two sorts of rows: consignments by lane, status and destination (due -1, tax_type_code ''), and charges that stand, neither waived nor
-- claims, by destination, due, tax type and currency (lane and status -1). Small rows, changed often: room for that on each page.
CREATE TABLE flow_hour (
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
CREATE TABLE flow_movement (
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

-- assess: goods items in the version decided upon.
CREATE TABLE goods_item (
    consignment_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    decision_id bigint NOT NULL,
    sequence_number smallint NOT NULL,
    commodity_code text NOT NULL,
    origin_country_code text NOT NULL,
    customs_value_minor bigint,
    relief_code text,
    lane smallint NOT NULL,
    reason_bits bigint NOT NULL
) PARTITION BY RANGE (consignment_id);
CALL cut_by_year('goods_item');
CREATE INDEX goods_item_by_consignment ON goods_item (consignment_id);

-- assess: one row a charge. sequence_number 0: of the consignment. A correction is a reversing row (is_reversal, amount negative)
-- beside the new one; nothing is changed. charge_number: the rule's place in the program the basis names.
CREATE TABLE charge (
    consignment_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    decision_id bigint NOT NULL,
    sequence_number smallint NOT NULL,
    charge_number smallint NOT NULL,
    kind smallint NOT NULL,
    due smallint NOT NULL,
    is_waived boolean NOT NULL,
    is_reversal boolean NOT NULL,
    tax_type_code text NOT NULL,
    liable_code text NOT NULL,
    currency_code text NOT NULL,
    base_minor bigint NOT NULL,
    rate_numerator bigint NOT NULL,
    rate_denominator bigint NOT NULL,
    amount_minor bigint NOT NULL
) PARTITION BY RANGE (consignment_id);
CALL cut_by_year('charge');
CREATE INDEX charge_by_consignment ON charge (consignment_id);

-- decide: every decision ever made; superseded, never overwritten. context: what the store knew then, as it was read (JSON).
-- salt: of the decision's commitment in the log.
CREATE TABLE decision (
    decision_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    case_id bigint NOT NULL,
    consignment_id bigint NOT NULL,
    document_id bigint NOT NULL,
    kind smallint NOT NULL,
    basis_id integer NOT NULL,
    lane smallint NOT NULL,
    status smallint NOT NULL,
    reason_bits bigint NOT NULL,
    is_provisional boolean NOT NULL,
    supersedes bigint,
    decided_at timestamptz NOT NULL,
    context bytea NOT NULL,
    salt bytea NOT NULL,
    PRIMARY KEY (decision_id)
) PARTITION BY RANGE (decision_id);
CALL cut_by_year('decision');
CREATE INDEX decision_by_consignment ON decision (consignment_id);

-- decide: findings that were said with a decision, beyond the reason bits (missing rate, datum asked for ...).
CREATE TABLE finding (
    decision_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    sequence_number smallint NOT NULL,
    code text NOT NULL,
    pointer text NOT NULL,
    severity text NOT NULL,
    parameters text NOT NULL
);
CREATE INDEX finding_by_decision ON finding (decision_id);

-- follow: what changed, for whom. tx orders readers: a row is shown once every earlier transaction has ended, so none is passed over.
CREATE TABLE event (
    event_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    case_id bigint NOT NULL,
    kind smallint NOT NULL,
    decision_id bigint NOT NULL,
    at timestamptz NOT NULL,
    tx xid8 NOT NULL DEFAULT pg_current_xact_id()
) PARTITION BY RANGE (event_id);
CALL cut_by_year('event');
CREATE INDEX event_by_party ON event (party_id, tx, event_id);

-- release: payment made, put on account or secured, for one case. amount in minor units.
CREATE TABLE settlement_mark (
    mark_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    case_id bigint NOT NULL,
    kind text NOT NULL,
    currency_code text NOT NULL,
    amount_minor bigint NOT NULL,
    party_id bigint NOT NULL,
    reference text COLLATE "C" NOT NULL,
    marked_at timestamptz NOT NULL,
    UNIQUE (administration_id, party_id, reference)
);
CREATE INDEX settlement_mark_by_case ON settlement_mark (case_id);

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

-- Acts on a case: amendment, invalidation, presentation, partial release: numbered, with who. has_words: why, in words, lies in the vault
-- under act_id.
CREATE TABLE act (
    act_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    case_id bigint NOT NULL,
    party_id bigint NOT NULL,
    kind text NOT NULL,
    version smallint NOT NULL,
    has_words boolean NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX act_by_case ON act (case_id);

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
    component_hash bytea PRIMARY KEY,
    administration_id smallint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    content bytea NOT NULL,
    added_at timestamptz NOT NULL
);

CREATE TABLE basis (
    basis_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    administration_id smallint NOT NULL,
    basis_hash bytea NOT NULL,
    program_code text NOT NULL,
    currency_code text NOT NULL,
    engine_semantics smallint NOT NULL,
    component_hashes bytea[] NOT NULL,
    reason_set text[] NOT NULL,
    charge_set text[] NOT NULL,
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
CALL let_readers_see('match_key');
CALL let_readers_see('document_key');
CALL let_readers_see('case_file');
CALL let_readers_see('document');
CALL let_readers_see('document_link');
CALL let_readers_see('document_party');
CALL let_readers_see('transport_unit');
CALL let_readers_see('arrival_report');
CALL let_readers_see('consignment');
CALL let_readers_see('flow_hour');
CALL let_readers_see('flow_movement');
CALL let_readers_see('goods_item');
CALL let_readers_see('charge');
CALL let_readers_see('decision');
CALL let_readers_see('finding');
CALL let_readers_see('event');
CALL let_readers_see('settlement_mark');
CALL let_readers_see('act');
CALL let_readers_see('party_identifier');
CALL let_readers_see('case_party');
CALL let_readers_see('quota_use');
CALL let_readers_see('basis_component');
CALL let_readers_see('basis');
CALL let_readers_see('law_generation');

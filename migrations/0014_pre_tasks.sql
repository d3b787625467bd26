-- Whatever needs a person. One transaction, so no index is built beside the running work.
-- squawk-ignore-file require-concurrent-index-creation

-- tasks: one open row for a consignment that needs a person, closed in the transaction whose decision takes it out of the person's hands;
-- beside it one for each document that may belong to it and waits (document_id, how likely), closed when that is settled, and for each recall whose goods it may hold
-- (document_id is that recall); for a case whose custody is contradicted (document_id is the event) or whose stored record is not what the
-- log commits to (document_id is the decision), and for what an officer has asked for, a hearing or an appeal (document_id is the act). Queues, filters
-- and counts read it alone. kind: place in TASK_KINDS. lane: place in SHOWN_LANES, of a decision's task only. queue: that lane, or 16 and
-- the kind. rules: the
-- rules that spoke, by bit of the reason set of basis_id. transport_unit_id: what it lies in; when that lands is read there. value_minor:
-- of the goods, as held against the low-value limit; NULL: not known. owner_id: the account that has it in hand; due_at: by when it must be
-- done, where a law says so. movement_id, lands_at: the movement above it and when that lands, as scheduled (infinity: not known): queues are read in
-- that order. consignee_country_code: for whose market it is meant.
CREATE TABLE task (
    task_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    consignment_id bigint NOT NULL,
    party_id bigint NOT NULL,
    transport_unit_id bigint,
    movement_id bigint,
    owner_id bigint,
    value_minor bigint,
    opened_at timestamptz NOT NULL,
    lands_at timestamptz NOT NULL,
    due_at timestamptz,
    closed_at timestamptz,
    document_id bigint,
    score_ppm integer,
    basis_id integer,
    kind smallint NOT NULL,
    lane smallint,
    queue smallint NOT NULL GENERATED ALWAYS AS (coalesce(lane, 16 + kind)) STORED,
    currency_code text,
    consignee_country_code text NOT NULL,
    rules bytea NOT NULL,
    CHECK ((kind = 0) = (lane IS NOT NULL)),
    CHECK ((value_minor IS NULL) = (currency_code IS NULL)),
    CHECK (num_nulls(document_id, score_ppm) = CASE WHEN kind = 3 THEN 0 WHEN kind IN (4, 5, 6, 8, 9, 10, 11) THEN 1 ELSE 2 END)
);
-- One open task a consignment, and one for each document that may belong to it (open_tasks, close_tasks, place_tasks).
CREATE UNIQUE INDEX task_open ON task (consignment_id, document_id) NULLS NOT DISTINCT WHERE closed_at IS NULL;
-- A queue, in the order of its consignments (select_held, select_parcels_in_queue, list_by_lane, count_queues).
CREATE INDEX task_queue ON task (administration_id, queue, consignment_id) WHERE closed_at IS NULL;
-- The queue of an administration, the soonest landing first (select_queue, count_queue_parts).
CREATE INDEX task_by_landing ON task (administration_id, lands_at, task_id) WHERE closed_at IS NULL;
-- Tasks of a document, open or closed: what was settled is not asked again (open_possible_matches, close_possible_matches).
CREATE INDEX task_by_document ON task (document_id) WHERE document_id IS NOT NULL;

CALL let_readers_see('task');

-- queue: filters of the queue under a name that the account gave them. query: as it stands in the address, nothing of people in it.
CREATE TABLE saved_view (
    account_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    saved_at timestamptz NOT NULL,
    name text NOT NULL,
    query text NOT NULL,
    PRIMARY KEY (account_id, name),
    CHECK (length(name) BETWEEN 1 AND 40),
    CHECK (length(query) <= 400)
);

CALL let_readers_see('saved_view');

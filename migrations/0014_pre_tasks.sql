-- Whatever needs a person. One transaction, so no index is built beside the running work.
-- squawk-ignore-file require-concurrent-index-creation

-- tasks: one open row for a consignment that needs a person, closed in the transaction whose decision takes it out of the person's hands;
-- queues, filters and counts read it alone. kind: place in TASK_KINDS. lane: place in SHOWN_LANES, of a decision's task only. rules: the
-- rules that spoke, by bit of the reason set of basis_id. transport_unit_id: what it lies in; when that lands is read there. value_minor:
-- of the goods, as held against the low-value limit; NULL: not known. owner_id: the account that has it in hand; due_at: by when it must be
-- done, where a law says so.
CREATE TABLE task (
    task_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    consignment_id bigint NOT NULL,
    party_id bigint NOT NULL,
    transport_unit_id bigint,
    owner_id bigint,
    value_minor bigint,
    opened_at timestamptz NOT NULL,
    due_at timestamptz,
    closed_at timestamptz,
    basis_id integer,
    kind smallint NOT NULL,
    lane smallint,
    currency_code text,
    rules bytea NOT NULL,
    CHECK ((kind = 0) = (lane IS NOT NULL)),
    CHECK ((value_minor IS NULL) = (currency_code IS NULL))
);
-- One open task a consignment (open_tasks, close_tasks, place_tasks).
CREATE UNIQUE INDEX task_open ON task (consignment_id) WHERE closed_at IS NULL;
-- The queue of a lane, in the order of its consignments (select_held, select_parcels_in_task, list_by_lane).
CREATE INDEX task_queue ON task (administration_id, lane, consignment_id) WHERE closed_at IS NULL;

CALL let_readers_see('task');

-- What administrators do: parties and keys under a reference of whoever asks, so that asking twice makes one; who did what, and when.
-- And parcels whose law is not loaded, which lists and sums show apart from those that a person must judge.
-- One transaction, so no index is built beside the running work; nothing has been released that would wait for long.
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion, adding-field-with-default

ALTER TABLE party ADD COLUMN reference text COLLATE "C";
CREATE UNIQUE INDEX party_by_reference ON party (administration_id, reference);

-- The reference of a key is its label, too: its text is shown once and kept nowhere.
ALTER TABLE api_key ADD COLUMN reference text COLLATE "C";
CREATE UNIQUE INDEX api_key_by_reference ON api_key (party_id, reference);

-- kind: a word of ACT_KINDS. actor: key, account or operator of the machine. subject: what it was done to. Append only.
CREATE TABLE administering_act (
    act_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    kind text NOT NULL,
    actor text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX administering_act_newest ON administering_act (administration_id, act_id);
CALL let_readers_see('administering_act');

-- follow: the lane in which lists and sums show a consignment: its own, but 5 for one in review because no law is loaded (bit 1 of the
-- reasons of every law): no person can do anything about that one.
ALTER TABLE consignment ADD COLUMN flow_lane smallint NOT NULL
    GENERATED ALWAYS AS (CASE WHEN lane = 2 AND reason_bits & 1 <> 0 THEN 5 ELSE lane END) STORED;

-- The few that need a person: what officers look at first.
DROP INDEX consignment_waiting;
CREATE INDEX consignment_waiting ON consignment (administration_id, flow_lane, consignment_id) WHERE flow_lane > 0;

-- What was counted as review so far: a correction beside it, as of a process that there is not.
INSERT INTO flow_hour (administration_id, hour_at, node_id, lane, status, destination_country_code, due, tax_type_code, currency_code,
    row_count, amount_minor)
SELECT administration_id, date_trunc('hour', changed_at, 'UTC'), -1, moved.lane, status, consignee_country_code, -1, '', '',
    sum(moved.row_count), 0
FROM consignment CROSS JOIN (VALUES (2, -1), (5, 1)) AS moved (lane, row_count)
WHERE flow_lane = 5
GROUP BY administration_id, date_trunc('hour', changed_at, 'UTC'), moved.lane, status, consignee_country_code;

INSERT INTO flow_movement (administration_id, transport_unit_id, node_id, lane, status, dispatch_country_code, currency_code, row_count,
    amount_minor)
SELECT administration_id, movement_id, -1, moved.lane, status, '', '', sum(moved.row_count), 0
FROM consignment CROSS JOIN (VALUES (2, -1), (5, 1)) AS moved (lane, row_count)
WHERE flow_lane = 5 AND movement_id IS NOT NULL
GROUP BY administration_id, movement_id, moved.lane, status;

-- piece: earlier_columns
SELECT decision_id, consignment_id, supersedes, party_id, first_person_id, received_at, accepted_at, arrived_at,
    changed_at AS decided_at, law_on, basis_id, version, lane, status, decision_kind, person_roles, is_provisional, logistics_channel_code,
    consignee_country_code, reasons, detail
FROM earlier_decision

-- name: select_oldest_writing
-- When the oldest transaction that is writing began. What it decides may be of an hour that is over.
SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL

-- name: select_next
-- The oldest decision from an id on: hours without any are passed over at once.
SELECT min(decision_id) FROM (
    SELECT min(decision_id) AS decision_id FROM declared_consignment
    WHERE decision_id >= %(from_id)s AND administration_id = %(administration_id)s
    UNION ALL
    SELECT min(decision_id) FROM landing
    WHERE decision_id >= %(from_id)s AND administration_id = %(administration_id)s
    UNION ALL
    SELECT min(decision_id) FROM earlier_decision
    WHERE decision_id >= %(from_id)s AND administration_id = %(administration_id)s
) AS oldest

-- name: select_decided
-- Some decisions in the order of their ids. One that is replaced meanwhile keeps its id, so none is met twice or passed over.
(SELECT decision_id, consignment_id, supersedes, party_id, first_person_id, received_at, accepted_at, arrived_at, changed_at AS decided_at,
    law_on, basis_id, version, lane, status, decision_kind, person_roles, is_provisional, logistics_channel_code,
    consignee_country_code, reasons, detail
FROM declared_consignment
WHERE decision_id >= %(from_id)s AND decision_id < %(to_id)s AND administration_id = %(administration_id)s
ORDER BY decision_id LIMIT %(limit)s)
UNION ALL
(SELECT decision_id, consignment_id, supersedes, party_id, first_person_id, received_at, accepted_at, arrived_at, changed_at,
    law_on, basis_id, version, lane, status, decision_kind, person_roles, is_provisional, logistics_channel_code,
    consignee_country_code, reasons, detail
FROM (SELECT consignment_id FROM landing
    WHERE decision_id >= %(from_id)s AND decision_id < %(to_id)s AND administration_id = %(administration_id)s
    ORDER BY decision_id LIMIT %(limit)s) AS landed
JOIN consignment USING (consignment_id))
UNION ALL
(
-- here: earlier_columns
WHERE decision_id >= %(from_id)s AND decision_id < %(to_id)s AND administration_id = %(administration_id)s
ORDER BY decision_id LIMIT %(limit)s)
ORDER BY decision_id LIMIT %(limit)s

-- name: select_replaced
-- Also what an arrival has replaced: it stands on the wide row still.
-- here: earlier_columns
WHERE decision_id = ANY(%(decision_ids)s::bigint[]) AND administration_id = %(administration_id)s
UNION ALL
SELECT decision_id, consignment_id, supersedes, party_id, first_person_id, received_at, accepted_at, NULL::timestamptz, changed_at,
    law_on, basis_id, version, lane, status, decision_kind, person_roles, is_provisional, logistics_channel_code,
    consignee_country_code, reasons, detail
FROM declared_consignment AS declared
WHERE decision_id = ANY(%(decision_ids)s::bigint[]) AND administration_id = %(administration_id)s
    AND EXISTS (SELECT FROM landing WHERE landing.consignment_id = declared.consignment_id AND landing.decision_id IS NOT NULL)

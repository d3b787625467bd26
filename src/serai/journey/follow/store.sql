-- name: upsert_units
-- Sorted like every lock. A unit seen again learns what it did not know; what it knows stays.
INSERT INTO transport_unit (transport_unit_id, administration_id, kind, number, parent_id, scheduled_arrival_at, created_at)
SELECT transport_unit_id, %(administration_id)s, kind, number, NULL, scheduled_arrival_at, %(at)s
FROM unnest(%(unit_ids)s::bigint[], %(kinds)s::smallint[], %(numbers)s::text[], %(arrivals)s::timestamptz[])
    AS unit (transport_unit_id, kind, number, scheduled_arrival_at)
ORDER BY kind, number
ON CONFLICT (administration_id, kind, number) DO NOTHING

-- name: select_units
SELECT kind, number, transport_unit_id, parent_id, arrived_at
FROM unnest(%(kinds)s::smallint[], %(numbers)s::text[]) AS unit (sent_kind, sent_number)
JOIN transport_unit ON administration_id = %(administration_id)s AND kind = sent_kind AND number = sent_number COLLATE "C"
ORDER BY kind, number FOR SHARE OF transport_unit

-- name: set_parents
UPDATE transport_unit SET parent_id = child.parent_id
FROM unnest(%(unit_ids)s::bigint[], %(parent_ids)s::bigint[]) AS child (transport_unit_id, parent_id)
WHERE transport_unit.transport_unit_id = child.transport_unit_id AND transport_unit.parent_id IS NULL

-- name: replace_consignments
-- The newest decision stands on the consignment; the earlier ones stand in `decision`.
UPDATE consignment SET decision_id = changed.decision_id, document_id = changed.document_id, version = changed.version,
    basis_id = changed.basis_id, lane = changed.lane, status = changed.status, reason_bits = changed.reason_bits,
    law_on = changed.law_on, form_code = changed.form_code, item_count = changed.item_count, arrived_at = changed.arrived_at,
    accepted_at = changed.accepted_at, tax_territory_code = changed.tax_territory_code, changed_at = %(at)s
FROM unnest(%(consignment_ids)s::bigint[], %(decision_ids)s::bigint[], %(document_ids)s::bigint[], %(versions)s::smallint[],
    %(basis_ids)s::integer[], %(lanes)s::smallint[], %(statuses)s::smallint[], %(reason_bits)s::bigint[], %(law_days)s::date[],
    %(forms)s::text[], %(item_counts)s::smallint[], %(arrivals)s::timestamptz[], %(acceptances)s::timestamptz[],
    %(tax_territories)s::text[])
    AS changed (consignment_id, decision_id, document_id, version, basis_id, lane, status, reason_bits, law_on, form_code,
        item_count, arrived_at, accepted_at, tax_territory_code)
WHERE consignment.consignment_id = changed.consignment_id

-- name: select_consignments
SELECT consignment_id, case_id, party_id, document_id, version, mrn, reference, house_document, transport_unit_id, channel_code,
    consignee_country_code, tax_territory_code, form_code, item_count, law_on, accepted_at, expected_arrival_at, arrived_at,
    decision_id, basis_id, lane, status, reason_bits, changed_at
FROM consignment WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s

-- name: select_consignments_of_cases
SELECT consignment_id, case_id, party_id, document_id, version, mrn, reference, house_document, transport_unit_id, channel_code,
    consignee_country_code, tax_territory_code, form_code, item_count, law_on, accepted_at, expected_arrival_at, arrived_at,
    decision_id, basis_id, lane, status, reason_bits, changed_at
FROM consignment WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s
ORDER BY consignment_id

-- name: insert_act
INSERT INTO act (act_id, administration_id, case_id, party_id, kind, version, reason, at)
VALUES (%(act_id)s, %(administration_id)s, %(case_id)s, %(party_id)s, %(kind)s, %(version)s, %(reason)s, %(at)s)

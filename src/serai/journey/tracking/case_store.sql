Cases that events belong to, who has a part in them, and the decisions that are told as events.

-- name: cases_of_keys
-- Cases that declarations' and documents' keys have opened, and those that claim the number as well; the one that took a case in answers
-- for it.
WITH asked AS (
    SELECT * FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[])
        AS asked (asked_kind, asked_hash, asked_check)
)
SELECT match_key.kind, match_key.key_hash, match_key.check_hash, coalesce(merged_into, match_key.case_id), instant_of(opened_s)
FROM asked CROSS JOIN LATERAL (
    SELECT * FROM match_key
    WHERE administration_id = %(administration_id)s AND key_hash = asked_hash OFFSET 0
) AS match_key
LEFT JOIN case_file ON case_file.case_id = match_key.case_id
WHERE check_hash = asked_check AND kind = asked_kind
UNION ALL
SELECT disputed.kind, disputed.key_hash, disputed.check_hash, coalesce(merged_into, disputed.case_id), disputed_at
FROM asked CROSS JOIN LATERAL (
    SELECT * FROM disputed_number
    WHERE administration_id = %(administration_id)s AND key_hash = asked_hash OFFSET 0
) AS disputed
LEFT JOIN case_file ON case_file.case_id = disputed.case_id
WHERE check_hash = asked_check AND kind = asked_kind

-- name: families_of_cases
-- Cases with those that were merged into them.
SELECT case_id, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
UNION SELECT case_id, merged_into FROM case_file WHERE merged_into = ANY(%(case_ids)s::bigint[])

-- name: keys_of_cases
-- By the block index of cases, not through all keys of the administration.
SELECT case_id, kind, key_hash, check_hash, instant_of(opened_s)
FROM (SELECT * FROM match_key WHERE case_id = ANY(%(case_ids)s::bigint[]) OFFSET 0) AS match_key
WHERE administration_id = %(administration_id)s

-- name: consignments_of_cases
SELECT of_case_id, consignment_id, party_id, house_document FROM case_consignment
WHERE of_case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s
ORDER BY consignment_id

-- name: carriage_of_cases
-- Waybills that count, carriers that a declaration names, and whoever else has a part.
SELECT case_id, 'waybill', party_id, document_id FROM supporting_document
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s AND kind = %(waybill_kind)s
    AND is_confirmed AND withdrawn_by IS NULL
UNION ALL
SELECT case_id, role, party_id, 0 FROM case_party
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s
UNION ALL
SELECT DISTINCT case_id, 'sender', party_id, 0 FROM supporting_document
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s AND is_confirmed

-- name: select_open
-- Whose words of cases are open to a party: senders of documents that count there, by case; and, with 0 as case, those of
-- the senders that have mandated it for carriage or to declare.
WITH listed AS (
    SELECT case_id, root_id FROM unnest(%(case_ids)s::bigint[], %(root_ids)s::bigint[]) AS listed (case_id, root_id)
), family AS (
    SELECT root_id, array_agg(case_id) AS case_ids FROM listed GROUP BY root_id
)
SELECT DISTINCT root_id, document.party_id FROM listed JOIN family USING (root_id)
CROSS JOIN LATERAL (SELECT * FROM document WHERE document.case_id = listed.case_id OFFSET 0) AS document
WHERE document.administration_id = %(administration_id)s AND is_confirmed AND replaced_by IS NULL AND withdrawn_by IS NULL
    AND is_open_to(%(viewer_id)s, document.party_id, document_id, (%(kinds)s::text[])[kind], case_ids, document.administration_id, %(at)s)
UNION ALL
SELECT 0, sender_id FROM unnest(%(sender_ids)s::bigint[]) AS sent (sender_id)
WHERE is_open_to(%(viewer_id)s, sender_id, NULL, 'transport-document', '{}', %(administration_id)s::smallint, %(at)s)

-- name: units_of_cases
-- Numbers of everything that the consignments of cases lie in, up to the movement.
WITH RECURSIVE above AS (
    SELECT of_case_id, transport_unit.transport_unit_id, number, parent_id FROM case_consignment AS consignment
    JOIN transport_unit ON transport_unit.transport_unit_id = consignment.transport_unit_id
    WHERE of_case_id = ANY(%(case_ids)s::bigint[]) AND consignment.administration_id = %(administration_id)s
    UNION
    SELECT of_case_id, transport_unit.transport_unit_id, transport_unit.number, transport_unit.parent_id
    FROM above JOIN transport_unit ON transport_unit.transport_unit_id = above.parent_id
)
SELECT DISTINCT of_case_id, number FROM above

-- name: cases_of_units
-- Cases of what lies in units, each unit's first so many.
SELECT asked.number, coalesce(merged_into, consignment.case_id)
FROM unnest(%(numbers)s::text[]) AS asked (number)
CROSS JOIN LATERAL (
    WITH RECURSIVE below AS (
        SELECT transport_unit_id FROM transport_unit
        WHERE administration_id = %(administration_id)s AND kind = ANY(%(unit_kinds)s::smallint[])
            AND transport_unit.number = asked.number COLLATE "C"
        UNION
        SELECT transport_unit.transport_unit_id FROM below
        JOIN transport_unit ON transport_unit.parent_id = below.transport_unit_id
    )
    SELECT consignment.case_id FROM below JOIN consignment ON consignment.transport_unit_id = below.transport_unit_id
    LIMIT %(limit)s
) AS consignment
LEFT JOIN case_file ON case_file.case_id = consignment.case_id

-- name: kinds_of_units
-- As what a number is known, the largest first.
SELECT number, min(kind) FROM transport_unit
WHERE administration_id = %(administration_id)s AND kind = ANY(%(unit_kinds)s::smallint[])
    AND number = ANY(%(numbers)s::text[])
GROUP BY number

-- name: select_parts
-- Which of these parties has a part in which of these cases: a document that counts, or a declaration that names it.
WITH asked AS (
    SELECT DISTINCT party_id, case_id FROM unnest(%(party_ids)s::bigint[], %(case_ids)s::bigint[]) AS sent (party_id, case_id)
), family AS (
    SELECT party_id, case_id AS root_id, case_id FROM asked
    UNION SELECT asked.party_id, asked.case_id, case_file.case_id FROM asked JOIN case_file ON case_file.merged_into = asked.case_id
)
SELECT DISTINCT party_id, root_id FROM family
WHERE EXISTS (SELECT 1 FROM document WHERE document.case_id = family.case_id AND document.party_id = family.party_id AND is_confirmed)
    OR EXISTS (SELECT 1 FROM case_party WHERE case_party.case_id = family.case_id AND case_party.party_id = family.party_id)

-- name: select_with_roles
-- Which parties have one of these roles.
SELECT DISTINCT party_id FROM party_role
WHERE administration_id = %(administration_id)s AND party_id = ANY(%(party_ids)s::bigint[]) AND role = ANY(%(roles)s::text[])
    AND ended_at IS NULL

-- piece: decided_columns
decision.decision_id, decision.case_id, decision.lane, decision.status, decided_at, decision.supersedes, house_document, mrn

-- name: decided_up
-- Decisions to be told as events, in the order they were made: what Serai decided stands nowhere else.
SELECT
    -- here: decided_columns
FROM (SELECT * FROM decision WHERE administration_id = %(administration_id)s AND decision_id > %(after_id)s
        AND decision_id >= %(first_id)s AND decision_id < %(end_id)s
    ORDER BY decision_id LIMIT %(window)s) AS decision
JOIN consignment ON consignment.consignment_id = decision.consignment_id ORDER BY decision.decision_id

-- name: decided_down
SELECT
    -- here: decided_columns
FROM (SELECT * FROM decision WHERE administration_id = %(administration_id)s AND decision_id < %(after_id)s
        AND decision_id >= %(first_id)s AND decision_id < %(end_id)s
    ORDER BY decision_id DESC LIMIT %(window)s) AS decision
JOIN consignment ON consignment.consignment_id = decision.consignment_id ORDER BY decision.decision_id DESC

-- name: decided_on_cases
SELECT
    -- here: decided_columns
FROM case_consignment AS consignment
CROSS JOIN LATERAL (SELECT * FROM decision WHERE decision.consignment_id = consignment.consignment_id OFFSET 0) AS decision
WHERE of_case_id = ANY(%(case_ids)s::bigint[]) AND consignment.administration_id = %(administration_id)s
ORDER BY decision.decision_id LIMIT %(limit)s

-- name: decided_once
SELECT
    -- here: decided_columns
FROM decision JOIN consignment ON consignment.consignment_id = decision.consignment_id
WHERE decision.decision_id = ANY(%(decision_ids)s::bigint[]) AND decision.administration_id = %(administration_id)s
    -- Looked at again by whoever tells it; here so that nobody's answer comes later because it is somebody's.
    AND (%(party_id)s::bigint IS NULL OR EXISTS (
        SELECT 1 FROM (SELECT decision.case_id UNION SELECT case_file.case_id FROM case_file WHERE merged_into = decision.case_id) AS family
        WHERE EXISTS (SELECT 1 FROM document
                WHERE document.case_id = family.case_id AND document.party_id = %(party_id)s AND is_confirmed)
            OR EXISTS (SELECT 1 FROM case_party
                WHERE case_party.case_id = family.case_id AND case_party.party_id = %(party_id)s)))

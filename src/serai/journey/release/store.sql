-- name: place_consignments
-- A consignment that names no unit of its own goes where the transport document of its case says; it has arrived if that has.
WITH family AS (
    SELECT asked.case_id AS root, asked.case_id, house_document, unit_id
    FROM unnest(%(case_ids)s::bigint[], %(house_documents)s::text[], %(unit_ids)s::bigint[])
        AS asked (case_id, house_document, unit_id)
    UNION SELECT merged_into, case_file.case_id, house_document, unit_id
    FROM unnest(%(case_ids)s::bigint[], %(house_documents)s::text[], %(unit_ids)s::bigint[])
        AS asked (case_id, house_document, unit_id)
    JOIN case_file ON merged_into = asked.case_id
)
UPDATE declared_consignment AS consignment SET transport_unit_id = unit_id, arrived_at = coalesce(consignment.arrived_at, transport_unit.arrived_at)
FROM family JOIN transport_unit ON transport_unit.transport_unit_id = unit_id
CROSS JOIN LATERAL (SELECT consignment_id FROM case_consignment WHERE of_case_id = family.case_id OFFSET 0) AS its
WHERE consignment.consignment_id = its.consignment_id AND consignment.transport_unit_id IS NULL
    AND coalesce(consignment.house_document, family.house_document) = family.house_document
RETURNING consignment.consignment_id, consignment.transport_unit_id

-- name: lock_unit
-- Made if it is not there: an arrival may be reported before anything is filed.
INSERT INTO transport_unit (transport_unit_id, administration_id, kind, number, created_at)
VALUES (%(unit_id)s, %(administration_id)s, %(kind)s, %(number)s, %(at)s)
ON CONFLICT (administration_id, kind, number) DO UPDATE SET kind = excluded.kind
RETURNING transport_unit_id, arrived_at

-- piece: tree
-- A unit and everything in it.
SELECT transport_unit_id FROM transport_unit WHERE transport_unit_id = %(unit_id)s
UNION SELECT child.transport_unit_id FROM transport_unit AS child JOIN tree ON child.parent_id = tree.transport_unit_id

-- piece: has_part
-- One of some parties (a reporter and those whose mandate it has) has a part in a consignment's arrival that
-- declared it, that the declaration names as its carrier, or whose transport
-- document counts in its case.
consignment.party_id = ANY(%(party_ids)s::bigint[])
OR EXISTS (
    SELECT FROM case_party WHERE case_party.case_id = consignment.case_id AND case_party.consignment_id = consignment.consignment_id
        AND case_party.party_id = ANY(%(party_ids)s::bigint[]) AND case_party.role = 'carrier')
OR EXISTS (
    SELECT FROM document
    WHERE document.case_id IN (
        SELECT consignment.case_id UNION SELECT merged_into FROM case_file WHERE case_id = consignment.case_id AND merged_into IS NOT NULL
        UNION SELECT case_file.case_id FROM case_file WHERE merged_into = consignment.case_id)
        AND document.party_id = ANY(%(party_ids)s::bigint[]) AND document.is_confirmed AND document.kind = 4)

-- name: select_report
SELECT arrived_at FROM arrival_report WHERE transport_unit_id = %(unit_id)s AND party_id = %(party_id)s

-- name: report_arrival
-- What a party reports of a unit, locked before: its newest word. A repeat reaches what was declared since. Units that declarations
-- may name learn that there is something to ask for.
WITH RECURSIVE tree AS (
    -- here: tree
), locked AS (
    SELECT transport_unit.transport_unit_id FROM transport_unit JOIN tree USING (transport_unit_id)
    WHERE kind < 5 AND NOT has_reports OR transport_unit.transport_unit_id = %(unit_id)s AND NOT has_reports
    ORDER BY kind, number FOR UPDATE OF transport_unit
), noted AS (
    UPDATE transport_unit SET has_reports = true FROM locked WHERE transport_unit.transport_unit_id = locked.transport_unit_id
)
INSERT INTO arrival_report (transport_unit_id, party_id, administration_id, arrived_at, is_reaching)
VALUES (%(unit_id)s, %(party_id)s, %(administration_id)s, %(arrived_at)s, true)
ON CONFLICT (transport_unit_id, party_id) DO UPDATE SET is_reaching = true, arrived_at = excluded.arrived_at,
    replaced_at = CASE WHEN arrival_report.arrived_at = excluded.arrived_at THEN arrival_report.replaced_at
        ELSE arrival_report.arrived_at END

-- name: select_reports
-- What parties have reported of units, or of what these lie in.
WITH RECURSIVE above AS (
    SELECT transport_unit_id AS unit_id, transport_unit_id, parent_id FROM transport_unit WHERE transport_unit_id = ANY(%(unit_ids)s::bigint[])
    UNION SELECT above.unit_id, parent.transport_unit_id, parent.parent_id
    FROM above JOIN transport_unit AS parent ON parent.transport_unit_id = above.parent_id
)
SELECT unit_id, party_id, arrived_at FROM above JOIN arrival_report USING (transport_unit_id)

-- name: apply_reports
-- A party's transport document has begun to count: what that party reported before reaches the consignments of the case.
WITH RECURSIVE asked AS (
    SELECT case_id AS root, case_id, party_id FROM unnest(%(case_ids)s::bigint[], %(party_ids)s::bigint[]) AS sent (case_id, party_id)
    UNION SELECT merged_into, case_file.case_id, party_id
    FROM unnest(%(case_ids)s::bigint[], %(party_ids)s::bigint[]) AS sent (case_id, party_id) JOIN case_file ON merged_into = sent.case_id
), above AS (
    SELECT root, consignment_id, party_id, unit.transport_unit_id, unit.parent_id
    FROM (SELECT root, asked.party_id, consignment_id, consignment.transport_unit_id FROM asked CROSS JOIN LATERAL (SELECT * FROM case_consignment WHERE of_case_id = asked.case_id OFFSET 0) AS consignment
        WHERE arrived_at IS NULL AND status NOT IN (7, 8)) AS waiting
    JOIN transport_unit AS unit USING (transport_unit_id)
    UNION SELECT root, consignment_id, above.party_id, parent.transport_unit_id, parent.parent_id
    FROM above JOIN transport_unit AS parent ON parent.transport_unit_id = above.parent_id
), reported AS (
    SELECT root, consignment_id, min(arrived_at) AS arrived_at FROM above JOIN arrival_report USING (transport_unit_id, party_id)
    GROUP BY root, consignment_id
)
UPDATE declared_consignment AS consignment SET arrived_at = reported.arrived_at FROM reported
WHERE consignment.consignment_id = reported.consignment_id
RETURNING reported.root

-- name: select_carriers_of_cases
-- Whose transport documents count in cases, those merged into them included.
WITH family AS (
    SELECT case_id AS root, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
    UNION SELECT merged_into, case_id FROM case_file WHERE merged_into = ANY(%(case_ids)s::bigint[])
)
SELECT DISTINCT root, document.party_id FROM family
CROSS JOIN LATERAL (SELECT * FROM document WHERE document.case_id = family.case_id OFFSET 0) AS document
WHERE document.is_confirmed AND document.kind = 4 AND document.administration_id = %(administration_id)s

-- piece: unreached_by_report
-- What has not arrived, or arrived at the time that the report corrects; released (7) and withdrawn (8) stay as they are.
consignment.status NOT IN (7, 8)
AND (consignment.arrived_at IS NULL
    OR consignment.arrived_at = replaced_at AND consignment.arrived_at <> arrival_report.arrived_at)

-- name: select_party_unreached
-- Consignments on a unit or below it that the report of a party has yet to reach: those it has a part in. By index for each unit: whatever
-- else is stored is not looked at.
WITH RECURSIVE tree AS (
    -- here: tree
)
SELECT consignment_id FROM arrival_report CROSS JOIN tree
CROSS JOIN LATERAL (SELECT * FROM consignment WHERE transport_unit_id = tree.transport_unit_id OFFSET 0) AS consignment
WHERE arrival_report.transport_unit_id = %(unit_id)s AND arrival_report.party_id = %(party_id)s AND
    -- here: unreached_by_report
    AND (
        -- here: has_part
    )
ORDER BY consignment_id

-- name: select_still_party_unreached
-- Of those that were listed a moment ago, and are locked now.
SELECT consignment_id, arrival_report.arrived_at FROM arrival_report
CROSS JOIN unnest(%(consignment_ids)s::bigint[]) AS asked (asked_id)
CROSS JOIN LATERAL (SELECT * FROM consignment WHERE consignment_id = asked_id OFFSET 0) AS consignment
WHERE arrival_report.transport_unit_id = %(unit_id)s AND arrival_report.party_id = %(party_id)s AND
    -- here: unreached_by_report
ORDER BY consignment_id

-- name: end_party_reaching
UPDATE arrival_report SET is_reaching = false WHERE transport_unit_id = %(unit_id)s AND party_id = %(party_id)s

-- name: select_party_reaching
SELECT transport_unit_id, party_id FROM arrival_report
WHERE is_reaching AND administration_id = %(administration_id)s ORDER BY transport_unit_id, party_id

-- name: note_landed
-- Everything on the unit and below it has arrived.
WITH RECURSIVE tree AS (
    -- here: tree
)
UPDATE transport_unit SET landed_at = coalesce(landed_at, (
    SELECT arrived_at FROM arrival_report WHERE transport_unit_id = %(unit_id)s AND party_id = %(party_id)s))
WHERE transport_unit_id = %(unit_id)s AND EXISTS (SELECT FROM tree JOIN consignment USING (transport_unit_id))
    AND NOT EXISTS (SELECT FROM tree JOIN consignment USING (transport_unit_id) WHERE arrived_at IS NULL AND status NOT IN (7, 8))

-- name: note_not_landed
-- Something is on units that has not arrived.
UPDATE transport_unit SET landed_at = NULL WHERE transport_unit_id = ANY(%(unit_ids)s::bigint[]) AND landed_at IS NOT NULL

-- name: set_arrived
-- The unit and everything in it, in one order. is_reaching stays until every consignment on them is decided again.
WITH RECURSIVE tree AS (
    -- here: tree
), locked AS (
    SELECT transport_unit.transport_unit_id FROM transport_unit JOIN tree USING (transport_unit_id)
    ORDER BY kind, number FOR UPDATE OF transport_unit
)
UPDATE transport_unit SET arrived_at = %(arrived_at)s, is_reaching = true
FROM locked WHERE transport_unit.transport_unit_id = locked.transport_unit_id
    AND (transport_unit.arrived_at IS NULL OR transport_unit.arrived_at = %(replaced)s::timestamptz)

-- name: select_reaching
SELECT transport_unit_id FROM transport_unit
WHERE is_reaching AND administration_id = %(administration_id)s ORDER BY transport_unit_id

-- name: select_reaching_below
WITH RECURSIVE tree AS (
    -- here: tree
)
SELECT transport_unit_id FROM transport_unit JOIN tree USING (transport_unit_id) WHERE is_reaching ORDER BY transport_unit_id

-- name: select_unreached
-- Consignments on units that do not have their unit's arrival yet; released (7) and withdrawn (8) stay as they are.
SELECT consignment_id FROM transport_unit
CROSS JOIN LATERAL (SELECT * FROM consignment WHERE consignment.transport_unit_id = transport_unit.transport_unit_id OFFSET 0) AS consignment
WHERE transport_unit.transport_unit_id = ANY(%(unit_ids)s::bigint[]) AND status NOT IN (7, 8)
    AND consignment.arrived_at IS DISTINCT FROM transport_unit.arrived_at
ORDER BY consignment_id

-- name: select_still_unreached
SELECT consignment_id, transport_unit.arrived_at FROM unnest(%(consignment_ids)s::bigint[]) AS asked (asked_id)
CROSS JOIN LATERAL (SELECT * FROM consignment WHERE consignment_id = asked_id OFFSET 0) AS consignment
JOIN transport_unit USING (transport_unit_id)
WHERE transport_unit_id = ANY(%(unit_ids)s::bigint[]) AND status NOT IN (7, 8)
    AND consignment.arrived_at IS DISTINCT FROM transport_unit.arrived_at
ORDER BY consignment_id

-- name: select_cases
SELECT DISTINCT case_id FROM unnest(%(consignment_ids)s::bigint[]) AS asked (asked_id)
CROSS JOIN LATERAL (SELECT * FROM declared_consignment WHERE consignment_id = asked_id OFFSET 0) AS declared
WHERE administration_id = %(administration_id)s

-- name: correct_arrivals
-- What had arrived, and did so at another time. The wide row has the corrected one; what an arrival made keeps its own.
UPDATE declared_consignment AS consignment SET arrived_at = reached.arrived_at
FROM unnest(%(consignment_ids)s::bigint[], %(arrivals)s::timestamptz[]) AS reached (reached_id, arrived_at)
WHERE consignment_id = reached_id

-- name: end_reaching
UPDATE transport_unit SET is_reaching = false WHERE transport_unit_id = ANY(%(unit_ids)s::bigint[])

-- name: select_presentable
-- Consignments under a house document in cases, with whether a party has a part.
WITH family AS (
    SELECT case_id AS root, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
    UNION SELECT merged_into, case_id FROM case_file WHERE merged_into = ANY(%(case_ids)s::bigint[])
)
SELECT consignment_id,
    -- here: has_part
FROM family
CROSS JOIN LATERAL (SELECT * FROM case_consignment WHERE of_case_id = family.case_id OFFSET 0) AS consignment
WHERE house_document = %(house_document)s COLLATE "C" AND consignment.administration_id = %(administration_id)s
ORDER BY consignment_id

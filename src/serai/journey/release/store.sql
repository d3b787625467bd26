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
UPDATE consignment SET transport_unit_id = unit_id, arrived_at = coalesce(consignment.arrived_at, transport_unit.arrived_at)
FROM family JOIN transport_unit ON transport_unit.transport_unit_id = unit_id
WHERE consignment.case_id = family.case_id AND consignment.transport_unit_id IS NULL
    AND coalesce(consignment.house_document, family.house_document) = family.house_document

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

-- name: has_part_in_unit
-- Who reports must have filed a consignment that is on the unit or below it, or a transport document that counts in such a case.
WITH RECURSIVE tree AS (
    -- here: tree
)
SELECT EXISTS (
    SELECT FROM tree JOIN consignment USING (transport_unit_id)
    WHERE consignment.party_id = %(party_id)s OR EXISTS (
        SELECT FROM document
        WHERE document.case_id IN (
            SELECT consignment.case_id UNION SELECT merged_into FROM case_file WHERE case_id = consignment.case_id AND merged_into IS NOT NULL
            UNION SELECT case_file.case_id FROM case_file WHERE merged_into = consignment.case_id)
            AND document.party_id = %(party_id)s AND document.is_confirmed AND document.kind = 4))

-- name: claim_arrival
-- Somebody without a part in the unit: remembered for what that party files later, and for nothing else.
UPDATE transport_unit SET claimed_at = %(arrived_at)s, claimed_by = %(party_id)s
WHERE transport_unit_id = %(unit_id)s AND claimed_by IS NULL AND arrived_at IS NULL

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
SELECT consignment_id FROM consignment JOIN transport_unit USING (transport_unit_id)
WHERE transport_unit_id = ANY(%(unit_ids)s::bigint[]) AND status NOT IN (7, 8)
    AND consignment.arrived_at IS DISTINCT FROM transport_unit.arrived_at
ORDER BY consignment_id LIMIT %(limit)s

-- name: set_consignments_arrived
UPDATE consignment SET arrived_at = transport_unit.arrived_at FROM transport_unit
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[])
    AND transport_unit.transport_unit_id = consignment.transport_unit_id

-- name: end_reaching
UPDATE transport_unit SET is_reaching = false WHERE transport_unit_id = ANY(%(unit_ids)s::bigint[])

-- name: present_consignment
UPDATE consignment SET arrived_at = %(arrived_at)s WHERE consignment_id = %(consignment_id)s

-- name: select_presentable
-- Consignments under a house document in cases, with whether a party has a part: it filed, or sent a transport document that counts.
WITH family AS (
    SELECT case_id AS root, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
    UNION SELECT merged_into, case_id FROM case_file WHERE merged_into = ANY(%(case_ids)s::bigint[])
)
SELECT consignment_id, consignment.party_id = %(party_id)s OR EXISTS (
    SELECT FROM family JOIN document USING (case_id)
    WHERE document.party_id = %(party_id)s AND document.is_confirmed AND document.kind = 4)
FROM family JOIN consignment USING (case_id)
WHERE house_document = %(house_document)s COLLATE "C" AND consignment.administration_id = %(administration_id)s
ORDER BY consignment_id

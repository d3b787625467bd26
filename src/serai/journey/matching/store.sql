-- piece: family
-- Cases and those merged into them, each with the one that answers for it. By index for each: the planner does not know how many are
-- asked for, and reads whole tables once they have grown (as in the reads of what hangs on a family, which name no second condition that
-- an index knows: on a table without statistics it would be read whole for each case).
SELECT case_id AS root, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
UNION ALL SELECT merged_into, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (asked_id)
CROSS JOIN LATERAL (SELECT merged_into, case_id FROM case_file WHERE merged_into = asked_id OFFSET 0) AS gone

-- name: claim_keys
-- Sorted, so that batches do not wait for each other in a circle. The insert holds others off this key until commit.
INSERT INTO match_key (key_hash, check_hash, case_id, opened_s, administration_id, kind)
SELECT key_hash, check_hash, case_id, %(opened_s)s, %(administration_id)s, kind
FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[], %(case_ids)s::bigint[])
    AS sent (kind, key_hash, check_hash, case_id)
ORDER BY key_hash, case_id, check_hash
ON CONFLICT DO NOTHING
RETURNING key_hash

-- name: take_over_keys
-- A number that came back after its life: the key now belongs to the new case.
UPDATE match_key SET case_id = taken.case_id, opened_s = %(opened_s)s
FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[], %(case_ids)s::bigint[])
    AS taken (kind, key_hash, check_hash, case_id)
WHERE match_key.administration_id = %(administration_id)s AND match_key.key_hash = taken.key_hash
    AND match_key.check_hash = taken.check_hash AND match_key.kind = taken.kind

-- piece: unopened
-- Cases that are nothing but their declaration, sorted.
SELECT consignment_id, administration_id, received_at FROM unnest(%(case_ids)s::bigint[]) AS asked (asked_id)
CROSS JOIN LATERAL (SELECT * FROM declared_consignment WHERE consignment_id = asked_id OFFSET 0) AS declared
WHERE case_id = consignment_id AND NOT EXISTS (SELECT FROM case_file WHERE case_file.case_id = declared.consignment_id)
ORDER BY consignment_id

-- name: select_unopened
-- here: unopened

-- name: open_cases
-- They get the row that is locked; whoever comes second waits for the first.
INSERT INTO case_file (case_id, administration_id, opened_at)
-- here: unopened
ON CONFLICT DO NOTHING
RETURNING case_id

-- name: lock_cases
-- In the order of ids, after the keys: the order every writer keeps.
SELECT case_id, coalesce(merged_into, case_id) FROM case_file
WHERE case_id = ANY(%(case_ids)s::bigint[]) ORDER BY case_id FOR UPDATE

-- name: insert_links
INSERT INTO document_link (document_id, case_id, linked_at, score_ppm, administration_id, detail)
SELECT document_id, case_id, %(at)s, score_ppm, %(administration_id)s, detail
FROM unnest(%(case_ids)s::bigint[], %(document_ids)s::bigint[], %(scores_ppm)s::int[], %(details)s::text[])
    AS link (case_id, document_id, score_ppm, detail)
ON CONFLICT DO NOTHING

-- name: select_joins
-- How surely documents were put into their cases; what joined over an equal number has no row that says less.
SELECT document_id, score_ppm FROM document_link WHERE document_id = ANY(%(document_ids)s::bigint[]) AND score_ppm < 1000000

-- name: select_counting
-- The documents that count in cases and in those merged into them: of declarations the newest version of what stands.
WITH family AS (
    -- here: family
)
SELECT family.root, document.document_id, document.kind, 0 AS consignment_id, document.person_roles, document.first_person_id
FROM family CROSS JOIN LATERAL (SELECT * FROM document WHERE document.case_id = family.case_id AND kind <> 1
    OFFSET 0) AS document
WHERE document.administration_id = %(administration_id)s AND replaced_by IS NULL AND withdrawn_by IS NULL AND is_confirmed AND kind = ANY(%(kinds)s::smallint[])
UNION ALL
SELECT family.root, consignment.document_id, 1, consignment.consignment_id, consignment.person_roles, consignment.first_person_id
FROM family CROSS JOIN LATERAL (SELECT * FROM case_consignment WHERE of_case_id = family.case_id OFFSET 0) AS consignment
WHERE consignment.administration_id = %(administration_id)s AND consignment.status <> %(withdrawn)s
ORDER BY root, document_id

-- name: select_returns
-- The returns that count in cases and in those merged into them, the oldest first: no more may come back than went out.
WITH family AS (
    -- here: family
)
SELECT document.document_id, document.party_id
FROM family CROSS JOIN LATERAL (SELECT * FROM document WHERE document.case_id = family.case_id AND kind = %(kind)s
    OFFSET 0) AS document
WHERE document.administration_id = %(administration_id)s AND replaced_by IS NULL AND withdrawn_by IS NULL AND is_confirmed
ORDER BY document_id

-- name: insert_case_matches
INSERT INTO case_match (case_id, match_id, administration_id, verdict, score_ppm, said, awaited, matched_at)
SELECT case_id, match_id, %(administration_id)s, verdict, score_ppm, said, string_to_array(awaited, ' '), %(at)s
FROM unnest(%(case_ids)s::bigint[], %(match_ids)s::bigint[], %(verdicts)s::smallint[], %(scores_ppm)s::int[], %(said)s::text[],
    %(awaited)s::text[]) AS judged (case_id, match_id, verdict, score_ppm, said, awaited)

-- name: select_case_matches
-- The newest of each case, whichever of the cases that became one it was made for.
WITH family AS (
    -- here: family
)
SELECT DISTINCT ON (root) root, verdict, score_ppm, said, awaited, matched_at
FROM family JOIN case_match USING (case_id)
WHERE case_match.administration_id = %(administration_id)s ORDER BY root, match_id DESC

-- name: resolve_case
SELECT coalesce(merged_into, case_id) FROM every_case
WHERE case_id = %(case_id)s AND administration_id = %(administration_id)s

-- name: select_roots
SELECT case_id, coalesce(merged_into, case_id) FROM every_case
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s


-- name: select_identifiers
SELECT identifier, party_id FROM party_identifier
WHERE administration_id = %(administration_id)s AND identifier = ANY(%(identifiers)s::text[])

-- name: lock_keys
-- Whoever meets over a key takes turns, keys before cases: also those whose numbers have half a hash in common, of which one has the row.
-- By the index for each, whatever the statistics say, here and below.
SELECT kind, key_hash, check_hash, case_id, instant_of(opened_s)
FROM (
    SELECT * FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[])
        AS sent (sent_kind, sent_hash, sent_check) ORDER BY sent_hash
) AS sent
CROSS JOIN LATERAL (
    SELECT * FROM match_key WHERE administration_id = %(administration_id)s AND key_hash = sent_hash
    OFFSET 0 FOR UPDATE
) AS match_key
WHERE check_hash = sent_check AND kind = sent_kind

-- name: select_carriers
-- Who sent the documents that carry keys, and the cases these began in and are in now. Asked of keys of many only.
-- The first declaration of a number holds the key itself; a case that a document opened has its id.
WITH carried AS (
    SELECT document_key.kind, key_hash, check_hash, document_id, document_key.case_id
    FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[]) AS sent (sent_kind, sent_hash, sent_check)
    CROSS JOIN LATERAL (
        SELECT * FROM document_key WHERE administration_id = %(administration_id)s AND key_hash = sent_hash OFFSET 0
    ) AS document_key
    WHERE check_hash = sent_check AND kind = sent_kind AND added_at > %(since)s
    UNION SELECT match_key.kind, key_hash, check_hash, case_id, case_id
    FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[]) AS sent (sent_kind, sent_hash, sent_check)
    CROSS JOIN LATERAL (
        SELECT * FROM match_key WHERE administration_id = %(administration_id)s AND key_hash = sent_hash OFFSET 0
    ) AS match_key
    WHERE check_hash = sent_check AND kind = sent_kind AND instant_of(opened_s) > %(since)s
)
SELECT DISTINCT carried.kind, carried.key_hash, carried.check_hash, document.party_id, carried.case_id, coalesce(merged_into, carried.case_id)
FROM carried CROSS JOIN LATERAL (SELECT party_id FROM document WHERE document_id = carried.document_id OFFSET 0) AS document
LEFT JOIN case_file ON case_file.case_id = carried.case_id

-- name: select_waiting
-- Documents that carry a key, whichever case holds it: all orders, payments and transport documents, and
-- declarations that came when another case held it.
SELECT DISTINCT document_key.kind, document_key.key_hash, document_key.check_hash, document_key.case_id
FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[]) AS sent (sent_kind, sent_hash, sent_check)
CROSS JOIN LATERAL (
    SELECT * FROM document_key WHERE administration_id = %(administration_id)s AND key_hash = sent_hash OFFSET 0
) AS document_key
WHERE check_hash = sent_check AND kind = sent_kind AND added_at > %(since)s

-- name: select_document_keys
SELECT document_id, kind, key_hash, check_hash FROM document_key WHERE document_id = ANY(%(document_ids)s::bigint[])

-- name: select_waiting_of_party
SELECT document_id FROM supporting_document
WHERE party_id = %(party_id)s AND kind = ANY(%(kinds)s::smallint[]) AND administration_id = %(administration_id)s
    AND NOT is_confirmed AND replaced_by IS NULL AND withdrawn_by IS NULL AND document_id > %(after_id)s
ORDER BY document_id LIMIT %(limit)s

-- name: delete_document_keys
-- Of a document that was withdrawn: nobody meets over its numbers any more.
DELETE FROM document_key WHERE document_id = ANY(%(document_ids)s::bigint[])

-- name: select_members
-- What others than declarants sent and counts in cases and in those merged into them: documents in their newest versions, none withdrawn, with
-- the registered parties they name.
WITH family AS (
    -- here: family
)
SELECT family.root, document.document_id, document.party_id, document.kind, document.is_confirmed,
    ARRAY(SELECT role FROM document_party WHERE document_party.document_id = document.document_id ORDER BY party_id, role),
    ARRAY(SELECT party_id FROM document_party WHERE document_party.document_id = document.document_id ORDER BY party_id, role)
FROM family CROSS JOIN LATERAL (SELECT * FROM document WHERE document.case_id = family.case_id AND kind <> 1
    OFFSET 0) AS document
WHERE document.administration_id = %(administration_id)s AND document.replaced_by IS NULL AND document.withdrawn_by IS NULL
ORDER BY document.document_id

-- name: select_declared
-- Who declared in cases, which registered parties the declarations name, and whether their number is disputed.
WITH family AS (
    -- here: family
)
SELECT family.root, consignment.consignment_id, consignment.party_id,
    ARRAY(SELECT role FROM case_party WHERE case_party.case_id = consignment.case_id
        AND case_party.consignment_id = consignment.consignment_id ORDER BY party_id, role),
    ARRAY(SELECT case_party.party_id FROM case_party WHERE case_party.case_id = consignment.case_id
        AND case_party.consignment_id = consignment.consignment_id ORDER BY party_id, role),
    EXISTS (SELECT FROM disputed_number WHERE disputed_number.case_id = family.case_id)
FROM family CROSS JOIN LATERAL (SELECT * FROM case_consignment WHERE of_case_id = family.case_id OFFSET 0) AS consignment
WHERE consignment.administration_id = %(administration_id)s AND consignment.status <> %(withdrawn)s
ORDER BY consignment.consignment_id

-- name: select_entitled
-- Whose documents count in cases: who declared, whom declarations name, and whom a document names that counts.
WITH family AS (
    -- here: family
), declared AS (
    SELECT family.root, consignment.case_id, consignment.consignment_id, consignment.party_id
    FROM family CROSS JOIN LATERAL (SELECT * FROM case_consignment WHERE of_case_id = family.case_id OFFSET 0) AS consignment
    WHERE consignment.administration_id = %(administration_id)s AND consignment.status <> %(withdrawn)s
)
SELECT root, party_id, 'declarant' FROM declared
UNION SELECT root, case_party.party_id, case_party.role FROM declared JOIN case_party USING (case_id, consignment_id)
UNION SELECT family.root, document_party.party_id, document_party.role
FROM family CROSS JOIN LATERAL (SELECT * FROM document WHERE document.case_id = family.case_id AND kind <> 1 OFFSET 0) AS document
JOIN document_party USING (document_id)
WHERE document_party.role <> 'declarant' AND document.is_confirmed AND document.replaced_by IS NULL AND document.withdrawn_by IS NULL
    AND document.administration_id = %(administration_id)s AND EXISTS (SELECT FROM declared WHERE declared.root = family.root)

-- name: insert_document_parties
INSERT INTO document_party (document_id, party_id, role, administration_id)
SELECT document_id, party_id, role, %(administration_id)s
FROM unnest(%(document_ids)s::bigint[], %(party_ids)s::bigint[], %(roles)s::text[]) AS named (document_id, party_id, role)
ON CONFLICT DO NOTHING

-- name: confirm_documents
UPDATE supporting_document SET is_confirmed = true WHERE document_id = ANY(%(document_ids)s::bigint[])

-- piece: waiting_inside
family CROSS JOIN LATERAL (
    SELECT * FROM supporting_document WHERE supporting_document.case_id = family.case_id OFFSET 0) AS document
WHERE document.administration_id = %(administration_id)s AND document.kind = 4 AND NOT document.is_confirmed
    AND document.replaced_by IS NULL AND document.withdrawn_by IS NULL

-- name: select_disputed
-- Cases in which transport documents of several parties wait, and those whose number another declarant has as well.
WITH family AS (
    -- here: family
)
SELECT family.root, 'two-carriers' FROM
    -- here: waiting_inside
GROUP BY family.root HAVING count(DISTINCT document.party_id) > 1
UNION ALL SELECT DISTINCT family.root, 'two-declarants' FROM family JOIN disputed_number USING (case_id)

-- name: select_declaring
-- Cases whose declarations carry keys: one that holds a key without a document that does, and those that came when another held it.
WITH sent AS (
    SELECT * FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[]) AS sent (sent_kind, sent_hash, sent_check)
), carried AS (
    SELECT sent.*, document_key.case_id, supporting_document.document_id IS NOT NULL AS is_supporting FROM sent
    CROSS JOIN LATERAL (
        SELECT * FROM document_key WHERE administration_id = %(administration_id)s AND key_hash = sent_hash OFFSET 0
    ) AS document_key
    LEFT JOIN supporting_document ON supporting_document.document_id = document_key.document_id
    WHERE check_hash = sent_check AND document_key.kind = sent_kind
), declaring AS (
    SELECT sent_kind, sent_hash, sent_check, case_id FROM carried WHERE NOT is_supporting
    UNION SELECT sent_kind, sent_hash, sent_check, match_key.case_id FROM sent
    CROSS JOIN LATERAL (
        SELECT * FROM match_key WHERE administration_id = %(administration_id)s AND key_hash = sent_hash OFFSET 0
    ) AS match_key
    WHERE check_hash = sent_check AND kind = sent_kind AND NOT EXISTS (
        SELECT FROM carried WHERE is_supporting AND carried.sent_hash = sent.sent_hash AND carried.sent_check = sent.sent_check
            AND carried.sent_kind = sent.sent_kind AND carried.case_id = match_key.case_id)
)
SELECT DISTINCT sent_kind, sent_hash, sent_check, coalesce(merged_into, declaring.case_id)
FROM declaring LEFT JOIN case_file ON case_file.case_id = declaring.case_id

-- name: select_disputed_numbers
-- The numbers of cases that are disputed.
WITH family AS (
    -- here: family
)
SELECT DISTINCT kind, key_hash, check_hash FROM family JOIN disputed_number USING (case_id)

-- name: select_disputes
-- Cases in which these numbers are disputed, each as it was recorded and as it is called now.
SELECT kind, key_hash, check_hash, disputed.case_id, coalesce(merged_into, disputed.case_id)
FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[]) AS sent (sent_kind, sent_hash, sent_check)
CROSS JOIN LATERAL (
    SELECT * FROM disputed_number WHERE administration_id = %(administration_id)s AND key_hash = sent_hash OFFSET 0
) AS disputed
LEFT JOIN case_file ON case_file.case_id = disputed.case_id
WHERE check_hash = sent_check AND kind = sent_kind

-- name: select_disputed_of_sender
-- Disputed numbers that documents of a party carry.
SELECT DISTINCT disputed_number.kind, disputed_number.key_hash, disputed_number.check_hash
FROM disputed_number CROSS JOIN LATERAL (
    SELECT * FROM document_key WHERE document_key.administration_id = disputed_number.administration_id
        AND document_key.key_hash = disputed_number.key_hash OFFSET 0
) AS document_key
JOIN supporting_document ON supporting_document.document_id = document_key.document_id
WHERE disputed_number.administration_id = %(administration_id)s AND supporting_document.party_id = %(party_id)s
    AND document_key.check_hash = disputed_number.check_hash AND document_key.kind = disputed_number.kind

-- name: insert_disputes
INSERT INTO disputed_number (administration_id, kind, key_hash, check_hash, case_id, disputed_at)
SELECT %(administration_id)s, kind, key_hash, check_hash, case_id, %(at)s
FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[], %(case_ids)s::bigint[])
    AS disputed (kind, key_hash, check_hash, case_id)
ON CONFLICT DO NOTHING

-- name: delete_disputes
DELETE FROM disputed_number USING unnest(%(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[], %(case_ids)s::bigint[])
    AS settled (kind, key_hash, check_hash, case_id)
WHERE disputed_number.administration_id = %(administration_id)s AND disputed_number.kind = settled.kind
    AND disputed_number.key_hash = settled.key_hash AND disputed_number.check_hash = settled.check_hash
    AND disputed_number.case_id = settled.case_id

-- name: select_waiting_inside
WITH family AS (
    -- here: family
)
SELECT document.document_id FROM
    -- here: waiting_inside
    AND EXISTS (SELECT FROM family AS its CROSS JOIN LATERAL (SELECT FROM case_consignment WHERE of_case_id = its.case_id OFFSET 0) AS consignment)

-- name: unconfirm_documents
UPDATE supporting_document SET is_confirmed = false WHERE document_id = ANY(%(document_ids)s::bigint[])

-- name: insert_merged_cases
-- The case a document would have had alone: its id stands for the case it joined.
INSERT INTO case_file (case_id, administration_id, opened_at, merged_into)
SELECT case_id, %(administration_id)s, %(at)s, merged_into
FROM unnest(%(case_ids)s::bigint[], %(survivors)s::bigint[]) AS joined (case_id, merged_into)
ON CONFLICT DO NOTHING

-- name: merge_many
-- The cases themselves, and those that they took in before: each by an equality. With one condition for both, a table without
-- statistics has every case held against every pair. Nobody else changes them meanwhile: their roots are locked.
WITH gone AS (
    SELECT * FROM unnest(%(merged)s::bigint[], %(survivors)s::bigint[]) AS gone (merged, survivor)
),

moved AS (
    SELECT case_file.case_id, gone.survivor FROM gone INNER JOIN case_file ON case_file.case_id = gone.merged
    UNION ALL
    SELECT case_file.case_id, gone.survivor FROM gone INNER JOIN case_file ON case_file.merged_into = gone.merged
)

UPDATE case_file SET merged_into = moved.survivor
FROM moved
WHERE case_file.case_id = moved.case_id

-- name: select_parties
-- Everybody who has a part in cases: senders of documents that count, filers, and those a declaration names.
WITH family AS (
    -- here: family
)
SELECT root, party_id FROM family
CROSS JOIN LATERAL (SELECT party_id, is_confirmed FROM supporting_document WHERE supporting_document.case_id = family.case_id
    OFFSET 0) AS document WHERE is_confirmed
UNION SELECT root, party_id FROM family
CROSS JOIN LATERAL (SELECT party_id FROM case_consignment WHERE of_case_id = family.case_id OFFSET 0) AS declared
UNION SELECT root, party_id FROM family
CROSS JOIN LATERAL (SELECT party_id FROM case_party WHERE case_party.case_id = family.case_id OFFSET 0) AS taking_part

-- name: select_parts_of_case
-- Which of these parties have a part in the case that an id stands for, which comes with each: nothing where none has, or there is no such case.
-- CASE: behind a policy the index is not used for what a COALESCE gives.
WITH family AS (
    SELECT root, case_file.case_id FROM (
        SELECT CASE WHEN merged_into IS NULL THEN case_id ELSE merged_into END AS root FROM every_case
        WHERE case_id = %(case_id)s AND administration_id = %(administration_id)s
    ) AS asked
    CROSS JOIN LATERAL (SELECT root AS case_id UNION SELECT case_id FROM case_file WHERE merged_into = root) AS case_file
)
SELECT root, party_id FROM family
CROSS JOIN LATERAL (SELECT party_id, is_confirmed FROM supporting_document WHERE supporting_document.case_id = family.case_id
    OFFSET 0) AS document WHERE is_confirmed AND party_id = ANY(%(party_ids)s::bigint[])
UNION SELECT root, party_id FROM family
CROSS JOIN LATERAL (SELECT party_id FROM case_consignment WHERE of_case_id = family.case_id OFFSET 0) AS declared
WHERE party_id = ANY(%(party_ids)s::bigint[])
UNION SELECT root, party_id FROM family
CROSS JOIN LATERAL (SELECT party_id FROM case_party WHERE case_party.case_id = family.case_id OFFSET 0) AS taking_part
WHERE party_id = ANY(%(party_ids)s::bigint[])

-- name: replace_document
UPDATE supporting_document SET replaced_by = %(document_id)s WHERE document_id = %(replaced)s

-- name: select_holders
-- Cases that hold keys, and declarations that carry them.
SELECT place, match_key.case_id
FROM unnest(%(places)s::bigint[], %(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[])
    AS sent (place, sent_kind, sent_hash, sent_check)
CROSS JOIN LATERAL (
    SELECT * FROM match_key WHERE administration_id = %(administration_id)s AND key_hash = sent_hash OFFSET 0
) AS match_key
WHERE check_hash = sent_check AND kind = sent_kind AND instant_of(opened_s) > %(since)s

-- name: resolve_cases
-- As cases stand, without waiting for whoever is changing them.
SELECT case_id, coalesce(merged_into, case_id) FROM every_case WHERE case_id = ANY(%(case_ids)s::bigint[])

-- name: select_waiting_document
-- A document that counts nowhere yet: in which case it waits, and whose it is.
SELECT case_id, party_id FROM supporting_document
WHERE document_id = %(document_id)s AND administration_id = %(administration_id)s AND NOT is_confirmed AND replaced_by IS NULL
    AND withdrawn_by IS NULL

-- name: delete_link
DELETE FROM document_link WHERE document_id = %(document_id)s AND case_id = ANY(%(case_ids)s::bigint[])

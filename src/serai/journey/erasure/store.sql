-- What of a case must be known before somebody in it is erased, and what stands outside the vault that names or confirms them.

-- name: select_family
-- The case of documents as it is called today, and all that it took in.
WITH root AS (
    SELECT DISTINCT coalesce(merged_into, document.case_id) AS case_id
    FROM document LEFT JOIN case_file ON case_file.case_id = document.case_id
    WHERE document_id = ANY(%(document_ids)s::bigint[]) AND document.administration_id = %(administration_id)s
)
SELECT case_id FROM root
UNION SELECT case_file.case_id FROM case_file JOIN root ON merged_into = root.case_id
ORDER BY 1

-- name: select_events
SELECT kind, max(received_at) FROM document WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s
GROUP BY kind

-- name: select_standing
SELECT max(greatest(changed_at, accepted_at, arrived_at)), coalesce(bool_or(status <> ALL(%(final_statuses)s::smallint[])), false),
    EXISTS (SELECT FROM task WHERE closed_at IS NULL AND (
        consignment_id IN (SELECT consignment_id FROM case_consignment WHERE of_case_id = ANY(%(case_ids)s::bigint[]))
        OR document_id IN (SELECT document_id FROM document WHERE case_id = ANY(%(case_ids)s::bigint[]))))
FROM case_consignment WHERE of_case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s

-- name: select_messages
-- Whatever the vault holds of the case in words: documents in every version, why somebody acted, words before loading.
SELECT document_id, kind FROM document WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s
UNION SELECT act_id, 0 FROM act WHERE has_words AND case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s
UNION SELECT assessment_id, 0 FROM loading_assessment
WHERE has_words AND case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s
ORDER BY 1

-- name: select_sealed_events
SELECT DISTINCT event_id FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bytea[]) AS asked (asked_kind, asked_hash)
JOIN epcis_key ON kind = asked_kind AND key_hash = asked_hash AND epcis_key.administration_id = %(administration_id)s
JOIN epcis_event USING (event_id)
WHERE is_sealed
ORDER BY 1

-- name: forget_events
-- A hash of an event's content confirms a guess of what was erased from it: as a claim, as a digest of its capture, as its own name.
WITH claimed AS (
    DELETE FROM epcis_claim WHERE event_id = ANY(%(event_ids)s::bigint[]) AND administration_id = %(administration_id)s
), captured AS (
    UPDATE epcis_capture SET digests = decode(repeat('00', length(digests)), 'hex'), salt = ''
    WHERE capture_id IN (SELECT capture_id FROM epcis_event WHERE event_id = ANY(%(event_ids)s::bigint[]))
        AND administration_id = %(administration_id)s
)
UPDATE epcis_event SET event_uri = 'urn:uuid:' || gen_random_uuid()
WHERE event_id = ANY(%(event_ids)s::bigint[]) AND administration_id = %(administration_id)s AND event_uri LIKE 'ni:///%%'

-- name: forget_beneficiary
-- What a holder drew stays counted for statistics; under whom, nobody can tell any more.
WITH named AS (
    SELECT DISTINCT holder FROM cumulative_allowance_draw
    WHERE consignment_id IN (SELECT consignment_id FROM case_consignment WHERE of_case_id = ANY(%(case_ids)s::bigint[]))
        AND administration_id = %(administration_id)s
), changed AS (
    SELECT holder, decode(replace(gen_random_uuid()::text, '-', ''), 'hex') AS made FROM named
)
UPDATE cumulative_allowance_draw AS draw SET holder = made
FROM changed WHERE draw.holder = changed.holder AND draw.administration_id = %(administration_id)s
RETURNING changed.holder, period_on, cumulative_allowance

-- name: forget_permit_holders
-- A permit of the person, or one that goods of the person drew on, stays with what it gave; whose it is, nobody can tell any more, not even by
-- the hash of what it says.
UPDATE permit SET holder_hash = made, content_hash = made
FROM (
    SELECT permit_id AS held_id, decode(replace(gen_random_uuid()::text, '-', ''), 'hex') AS made FROM permit
    WHERE administration_id = %(administration_id)s AND holder_kind = 'person' AND (holder_hash = ANY(%(hashes)s::bytea[])
        OR permit_id IN (SELECT permit_id FROM permit_draw WHERE consignment_id IN (
            SELECT consignment_id FROM case_consignment WHERE of_case_id = ANY(%(case_ids)s::bigint[]))))
) AS held
WHERE permit_id = held_id

-- name: delete_allowances
DELETE FROM cumulative_allowance
USING unnest(%(key_hashes)s::bigint[], %(check_hashes)s::bigint[]) AS gone (gone_hash, gone_check)
WHERE key_hash = gone_hash AND check_hash = gone_check

-- name: forget_listed_names
-- Whom a listed entry resembled is as good as a name: it goes, and with it every verdict on the same person.
WITH gone AS (
    DELETE FROM party_hit
    WHERE consignment_id IN (SELECT consignment_id FROM case_consignment WHERE of_case_id = ANY(%(case_ids)s::bigint[]))
        AND role = ANY(%(roles)s::text[]) AND administration_id = %(administration_id)s
    RETURNING pair_hash
)
DELETE FROM name_verdict WHERE pair_hash IN (SELECT pair_hash FROM gone) AND administration_id = %(administration_id)s

-- name: select_act_texts
SELECT act_id, reference, parameters FROM act
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s
    AND (reference IS NOT NULL OR parameters ? 'account' OR kind = 'name-verdict')

-- name: erase_act_texts
-- With the salt of its commitment: the leaf confirms nothing any more.
UPDATE act SET reference = nullif(erased.reference, ''), parameters = erased.parameters::jsonb, salt = ''
FROM unnest(%(act_ids)s::bigint[], %(references)s::text[], %(parameters)s::text[]) AS erased (erased_id, reference, parameters)
WHERE act_id = erased_id AND administration_id = %(administration_id)s

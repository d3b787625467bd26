-- name: insert_units
-- In the order they were sorted in, like every lock. What is known already is left out.
INSERT INTO transport_unit (transport_unit_id, administration_id, kind, number, parent_id, scheduled_arrival_at, arrived_at,
    has_reports, has_orders, created_at)
SELECT * FROM unnest(%(transport_unit_id)s, %(administration_id)s, %(kind)s, %(number)s, %(parent_id)s, %(scheduled_arrival_at)s,
    %(arrived_at)s, %(has_reports)s, %(has_orders)s, %(created_at)s)
ON CONFLICT (administration_id, kind, number) DO NOTHING
RETURNING transport_unit_id

-- name: select_units
SELECT kind, number, transport_unit_id, parent_id, arrived_at, has_reports, has_orders
FROM (
    SELECT * FROM unnest(%(kinds)s::smallint[], %(numbers)s::text[]) AS sent (sent_kind, sent_number)
    ORDER BY sent_kind, sent_number COLLATE "C"
) AS sent
-- By the whole number for each, whatever the statistics say: by its kind it would read all units.
CROSS JOIN LATERAL (
    SELECT * FROM transport_unit
    WHERE administration_id = %(administration_id)s AND kind = sent_kind AND number = sent_number COLLATE "C" OFFSET 0 FOR SHARE
) AS transport_unit

-- name: set_parents
-- What hangs on something that has arrived has arrived with it.
UPDATE transport_unit SET parent_id = child.parent_id, arrived_at = coalesce(transport_unit.arrived_at, parent.arrived_at),
    has_reports = transport_unit.has_reports OR parent.has_reports, has_orders = transport_unit.has_orders OR parent.has_orders
FROM unnest(%(unit_ids)s::bigint[], %(parent_ids)s::bigint[]) AS child (transport_unit_id, parent_id)
JOIN transport_unit AS parent ON parent.transport_unit_id = child.parent_id
WHERE transport_unit.transport_unit_id = child.transport_unit_id AND transport_unit.parent_id IS NULL

-- name: replace_consignments
-- What stood moves to the earlier decisions, with the version of the declaration it was made on; the newest decision stands on the
-- consignment.
WITH changed AS (
    SELECT * FROM unnest(%(consignment_ids)s::bigint[], %(decision_ids)s::bigint[], %(document_ids)s::bigint[],
        %(versions)s::smallint[], %(basis_ids)s::integer[], %(lanes)s::smallint[], %(statuses)s::smallint[], %(reasons)s::bytea[],
        %(law_days)s::date[], %(forms)s::text[], %(item_counts)s::smallint[], %(arrivals)s::timestamptz[],
        %(acceptances)s::timestamptz[], %(tax_territories)s::text[], %(provisional)s::boolean[], %(person_roles)s::smallint[],
        %(first_person_ids)s::bigint[], %(scores)s::smallint[], %(score_bits)s::bigint[], %(salts)s::bytea[], %(details)s::bytea[])
        AS changed (changed_id, decision_id, document_id, version, basis_id, lane, status, reasons, law_on, form_code, item_count,
            arrived_at, accepted_at, tax_territory_code, is_provisional, person_roles, first_person_id, quality_score, quality_bits,
            salt, detail)
), landed AS (
    -- what an arrival made stands no more: the wide row has it all again
    DELETE FROM landing USING changed WHERE landing.consignment_id = changed_id RETURNING landing.*
), standing AS (
    SELECT declared.*, changed.document_id <> declared.document_id AS is_last_of_document, changed_id, landed.decision_id AS landed_id,
        landed.status AS landed_status, landed.arrived_at AS landed_at, landed.decided_at AS landed_decided_at, landed.salt AS landed_salt
    FROM changed JOIN declared_consignment AS declared ON declared.consignment_id = changed_id
    LEFT JOIN landed ON landed.consignment_id = changed_id
), earlier AS (
    INSERT INTO earlier_decision (decision_id, consignment_id, case_id, party_id, document_id, supersedes, first_person_id, reasons,
        quality_bits, received_at, accepted_at, changed_at, arrived_at, law_on, basis_id, administration_id, version, lane, status,
        decision_kind, person_roles, quality_score, quality_version, is_provisional, is_last_of_document, logistics_channel_code,
        consignee_country_code, salt, detail)
    SELECT decision_id, consignment_id, case_id, party_id, document_id, supersedes, first_person_id,
        reasons, quality_bits, received_at, accepted_at, changed_at, NULL, law_on, basis_id,
        administration_id, version, lane, status, decision_kind, person_roles,
        quality_score, quality_version, is_provisional, is_last_of_document AND landed_id IS NULL,
        logistics_channel_code, consignee_country_code, salt, detail
    FROM standing
    UNION ALL
    SELECT landed_id, consignment_id, case_id, party_id, document_id, decision_id, first_person_id,
        reasons, quality_bits, received_at, CASE WHEN is_provisional THEN landed_at ELSE accepted_at END, landed_decided_at, landed_at, law_on,
        basis_id, administration_id, version, lane, landed_status, 2, person_roles,
        quality_score, quality_version, false, is_last_of_document,
        logistics_channel_code, consignee_country_code, landed_salt, detail
    FROM standing WHERE landed_id IS NOT NULL
)
UPDATE declared_consignment AS consignment SET supersedes = coalesce(landed_id, consignment.decision_id), decision_id = changed.decision_id,
    document_id = changed.document_id, version = changed.version, basis_id = changed.basis_id, lane = changed.lane, status = changed.status,
    reasons = changed.reasons, law_on = changed.law_on, form_code = changed.form_code, item_count = changed.item_count,
    arrived_at = changed.arrived_at, accepted_at = changed.accepted_at, tax_territory_code = changed.tax_territory_code,
    decision_kind = %(kind)s, is_provisional = changed.is_provisional, salt = changed.salt, detail = changed.detail, changed_at = %(at)s,
    -- of a new version of the declaration only
    received_at = CASE WHEN consignment.document_id = changed.document_id THEN consignment.received_at ELSE %(at)s END,
    person_roles = coalesce(changed.person_roles, consignment.person_roles),
    first_person_id = coalesce(changed.first_person_id, consignment.first_person_id),
    quality_score = coalesce(changed.quality_score, consignment.quality_score),
    quality_bits = coalesce(changed.quality_bits, consignment.quality_bits),
    quality_version = CASE WHEN changed.quality_score IS NULL THEN consignment.quality_version ELSE %(quality_version)s END
FROM changed JOIN standing USING (changed_id) WHERE consignment.consignment_id = changed_id

-- piece: consignment_columns
consignment_id, case_id, party_id, document_id, version, mrn, reference, house_document, transport_unit_id, logistics_channel_code,
consignee_country_code, tax_territory_code, form_code, item_count, law_on, accepted_at, expected_arrival_at, arrived_at,
decision_id, basis_id, lane, status, reasons, changed_at, movement_id

-- name: select_consignments
SELECT
    -- here: consignment_columns
FROM (SELECT DISTINCT unnest(%(consignment_ids)s::bigint[])) AS asked (asked_id)
-- By index for each, whatever the statistics say: a few repeats must not read all consignments there are.
CROSS JOIN LATERAL (SELECT * FROM consignment WHERE consignment_id = asked_id OFFSET 0) AS consignment
WHERE administration_id = %(administration_id)s

-- name: select_released_at
-- When a consignment was first released, where that is not its newest decision.
SELECT min(released_at) FROM (
    SELECT changed_at AS released_at FROM earlier_decision
    WHERE consignment_id = %(consignment_id)s AND status = %(released)s AND administration_id = %(administration_id)s
    UNION ALL
    SELECT decided_at FROM landing
    WHERE consignment_id = %(consignment_id)s AND status = %(released)s AND administration_id = %(administration_id)s
) AS earlier

-- name: select_consignments_after
-- All of an administration in the order of their ids, some at a time.
SELECT
    -- here: consignment_columns
FROM consignment WHERE administration_id = %(administration_id)s AND consignment_id > %(after_id)s ORDER BY consignment_id
LIMIT %(limit)s

-- name: select_consignments_of_cases
SELECT
    -- here: consignment_columns
FROM (SELECT DISTINCT unnest(%(case_ids)s::bigint[])) AS asked (asked_id)
CROSS JOIN LATERAL (SELECT * FROM case_consignment WHERE of_case_id = asked_id OFFSET 0) AS consignment
WHERE administration_id = %(administration_id)s ORDER BY consignment_id

-- name: insert_act
-- A reference that its party has used before, or an act that was taken back before, inserts nothing.
INSERT INTO act (act_id, administration_id, case_id, subject_kind, subject_id, subject_number, kind, version, reason_code, parameters,
    party_id, acting_user, on_behalf_of, expected_decision_id, law_reference, due_at, reverses, reference, leaf_id, salt, has_words, at)
VALUES (%(act_id)s, %(administration_id)s, %(case_id)s, %(subject_kind)s, %(subject_id)s, %(subject_number)s, %(kind)s, %(version)s,
    %(reason_code)s, %(parameters)s::jsonb, %(party_id)s, %(acting_user)s, %(on_behalf_of)s, %(expected_decision_id)s,
    %(law_reference)s, %(due_at)s, %(reverses)s, %(reference)s, %(leaf_id)s, %(salt)s, %(has_words)s, %(at)s)
ON CONFLICT DO NOTHING
RETURNING act_id

-- name: insert_acts
-- Many acts that are new, as `insert_act` does one.
INSERT INTO act (act_id, administration_id, case_id, subject_kind, subject_id, subject_number, kind, version, reason_code, parameters,
    party_id, acting_user, on_behalf_of, expected_decision_id, law_reference, due_at, reverses, reference, leaf_id, salt, has_words, at)
SELECT act_id, %(administration_id)s, case_id, subject_kind, subject_id, subject_number, kind, version, reason_code, parameters::jsonb,
    party_id, acting_user, on_behalf_of, expected_decision_id, law_reference, due_at, reverses, reference, leaf_id, salt, has_words, at
FROM unnest(%(act_ids)s::bigint[], %(case_ids)s::bigint[], %(subject_ids)s::bigint[], %(party_ids)s::bigint[], %(grantor_ids)s::bigint[],
    %(expected_ids)s::bigint[], %(reversed_ids)s::bigint[], %(leaf_ids)s::bigint[], %(instants)s::timestamptz[],
    %(due_instants)s::timestamptz[], %(subject_numbers)s::smallint[], %(versions)s::smallint[], %(with_words)s::boolean[],
    %(kinds)s::text[], %(subject_kinds)s::text[], %(acting_users)s::text[], %(reason_codes)s::text[], %(law_references)s::text[],
    %(references)s::text[], %(parameters)s::text[], %(salts)s::bytea[])
    AS new (act_id, case_id, subject_id, party_id, on_behalf_of, expected_decision_id, reverses, leaf_id, at, due_at, subject_number,
        version, has_words, kind, subject_kind, acting_user, reason_code, law_reference, reference, parameters, salt)
ON CONFLICT DO NOTHING

-- piece: act_columns
act.act_id, act.case_id, act.kind, act.subject_id, act.party_id, act.acting_user, act.at, act.leaf_id, act.subject_number, act.version,
act.reason_code, act.parameters, act.on_behalf_of, act.expected_decision_id, act.law_reference, act.due_at, act.reverses, act.reference,
act.has_words,
-- What of a payment was ordered back, by orders that were not rejected (4), withdrawn (5) or sent back (6).
(SELECT coalesce(sum(part.amount_minor), 0)::bigint FROM refund_part AS part JOIN refund_order USING (refund_order_id)
    WHERE part.act_id = act.act_id AND part.administration_id = act.administration_id AND status NOT IN (4, 5, 6))

-- name: select_acts
-- All that was done in cases, in order; with the act that took each back.
SELECT later.act_id,
    -- here: act_columns
FROM act LEFT JOIN act AS later ON later.reverses = act.act_id
WHERE act.case_id = ANY(%(case_ids)s::bigint[]) AND act.administration_id = %(administration_id)s ORDER BY act.at, act.act_id

-- name: select_standing_acts
-- What was done in cases, and in those merged into them, and not taken back, of the kinds that bear on decisions.
WITH family AS (
    SELECT case_id AS root, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
    UNION SELECT merged_into, case_id FROM case_file WHERE merged_into = ANY(%(case_ids)s::bigint[])
)
SELECT root,
    -- here: act_columns
FROM family JOIN act USING (case_id)
WHERE act.administration_id = %(administration_id)s AND act.kind = ANY(%(kinds)s)
    AND NOT EXISTS (SELECT FROM act AS later WHERE later.reverses = act.act_id)
ORDER BY act.act_id

-- name: select_family_acts
-- What was done in cases, and in those merged into them, of some kinds, oldest first; with the act that took each back.
WITH family AS (
    SELECT case_id AS root, case_id FROM unnest(%(case_ids)s::bigint[]) AS asked (case_id)
    UNION SELECT merged_into, case_id FROM case_file WHERE merged_into = ANY(%(case_ids)s::bigint[])
)
SELECT root, later.act_id,
    -- here: act_columns
FROM family JOIN act USING (case_id) LEFT JOIN act AS later ON later.reverses = act.act_id
WHERE act.administration_id = %(administration_id)s AND act.kind = ANY(%(kinds)s) ORDER BY act.act_id

-- name: select_acts_with_end
-- What was done in cases, and in those they were merged into, of some kinds, with the instant at which it was taken back: for
-- decisions that are worked out again as they were made.
WITH RECURSIVE family AS (
    SELECT unnest(%(case_ids)s::bigint[]) AS case_id
    UNION SELECT merged_into FROM family JOIN case_file USING (case_id) WHERE merged_into IS NOT NULL
)
SELECT later.at,
    -- here: act_columns
FROM family JOIN act USING (case_id) LEFT JOIN act AS later ON later.reverses = act.act_id
WHERE act.administration_id = %(administration_id)s AND act.kind = ANY(%(kinds)s)
ORDER BY act.act_id

-- name: select_act
SELECT act.salt,
    -- here: act_columns
FROM act WHERE act.act_id = %(act_id)s AND act.administration_id = %(administration_id)s
    AND (%(party_id)s::bigint IS NULL OR act.party_id = %(party_id)s)

-- name: select_acts_after
-- Acts with leaves of their own in the order of their ids, some at a time.
SELECT act.salt,
    -- here: act_columns
FROM act WHERE act.administration_id = %(administration_id)s AND act.act_id > %(after_id)s AND act.salt <> '' ORDER BY act.act_id
LIMIT %(limit)s

-- name: select_act_by_reference
SELECT
    -- here: act_columns
FROM act WHERE act.administration_id = %(administration_id)s AND act.party_id = %(party_id)s
    AND act.reference = %(reference)s COLLATE "C"

-- name: insert_named
INSERT INTO case_party (party_id, case_id, consignment_id, role, administration_id, named_at)
SELECT party_id, case_id, consignment_id, role, %(administration_id)s, %(at)s
FROM unnest(%(party_ids)s::bigint[], %(case_ids)s::bigint[], %(consignment_ids)s::bigint[], %(roles)s::text[])
    AS named (party_id, case_id, consignment_id, role)
ON CONFLICT DO NOTHING

-- name: delete_named
-- By case first: that is what the index knows.
DELETE FROM case_party WHERE case_id = ANY(%(case_ids)s::bigint[]) AND consignment_id = ANY(%(consignment_ids)s::bigint[])

-- name: select_access
-- One statement whoever asks: another party's case is looked up as one that does not exist is.
WITH asked AS (
    SELECT coalesce(merged_into, case_id) AS case_id FROM every_case
    WHERE case_id = %(case_id)s AND administration_id = %(administration_id)s
), family AS (
    SELECT case_id FROM asked
    UNION SELECT case_file.case_id FROM case_file JOIN asked ON case_file.merged_into = asked.case_id
)
SELECT (SELECT case_id FROM asked), ARRAY(SELECT case_id FROM family ORDER BY case_id),
    ARRAY(SELECT DISTINCT document.kind FROM family
        CROSS JOIN LATERAL (SELECT * FROM document WHERE document.case_id = family.case_id OFFSET 0) AS document
        WHERE document.party_id = %(party_id)s AND document.is_confirmed),
    ARRAY(SELECT DISTINCT case_party.role FROM case_party JOIN family ON case_party.case_id = family.case_id
        WHERE case_party.party_id = %(party_id)s)

-- name: select_case_of_decision
-- For a party: where it has a part in the case, as `select_access` says; another's decision is as none. CASE: behind a policy the index
-- is not used for what a COALESCE gives.
SELECT case_id FROM decision WHERE decision_id = %(decision_id)s AND administration_id = %(administration_id)s
    AND (%(party_id)s::bigint IS NULL OR EXISTS (
        SELECT 1 FROM every_case AS asked
        CROSS JOIN LATERAL (
            SELECT coalesce(asked.merged_into, asked.case_id) AS case_id
            UNION SELECT case_file.case_id FROM case_file
                WHERE case_file.merged_into = CASE WHEN asked.merged_into IS NULL THEN asked.case_id ELSE asked.merged_into END
        ) AS family
        WHERE asked.case_id = decision.case_id AND (
            EXISTS (SELECT 1 FROM document
                WHERE document.case_id = family.case_id AND document.party_id = %(party_id)s AND is_confirmed)
            OR EXISTS (SELECT 1 FROM case_party
                WHERE case_party.case_id = family.case_id AND case_party.party_id = %(party_id)s))))

-- name: select_cases_of_reference
-- A party's own reference names one case; an administration may meet the same reference of several parties, and asks party by party.
SELECT DISTINCT coalesce(merged_into, first_id, document_id) AS case_id
FROM (
    SELECT party_id FROM party
    WHERE administration_id = %(administration_id)s AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s) OFFSET 0
) AS party
JOIN own_submission AS submission
    ON reference_head(submission.party_id, submission.kind, submission.reference) = reference_head(party.party_id, 1::smallint, %(reference)s::text)
    AND right(submission.reference, 7) = right(%(reference)s::text, 7) COLLATE "C"
    AND submission.party_id = party.party_id AND kind = 1 AND submission.reference = %(reference)s COLLATE "C"
LEFT JOIN case_file ON case_file.case_id = CASE WHEN first_id IS NULL THEN document_id ELSE first_id END
WHERE submission.administration_id = %(administration_id)s ORDER BY case_id LIMIT 2

-- name: select_events
-- Below the oldest transaction that still runs: no event can come in before one that was shown. Of earlier eras none runs.
-- Each batch has at least one, so no more batches are read than events are asked for; the first may be half told.
WITH batch AS (
    SELECT * FROM event_batch
    WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s
        AND (era, tx, last_event_id) > (%(after_era)s, %(after_tx)s::text::xid8, %(after_event_id)s)
        AND (era < (SELECT present_era()) OR tx < pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY era, tx, last_event_id LIMIT %(limit)s
)
SELECT era, tx::text::bigint, event_id + place, case_id + place, kind, decision_id + place, at
FROM batch CROSS JOIN LATERAL unnest(event_ids, case_ids, decision_ids, counts) AS run (event_id, case_id, decision_id, run_count)
CROSS JOIN LATERAL generate_series(0, run_count - 1) AS place
WHERE (era, tx, event_id + place) > (%(after_era)s, %(after_tx)s::text::xid8, %(after_event_id)s)
ORDER BY era, tx, event_id + place LIMIT %(limit)s

-- name: select_is_sender_of_person
-- Whether a party has sent a document whose person has been read. Not of another party: as if nobody had been.
SELECT EXISTS (
    SELECT 1 FROM own_vault_read CROSS JOIN LATERAL unnest(subject_ids, record_ids) AS named (subject_id, record_id)
    JOIN document ON document.document_id = named.record_id
    WHERE int8range(first_subject_id, last_subject_id, '[]') @> %(person_id)s::bigint
        AND named.subject_id = %(person_id)s AND own_vault_read.kind = 'person'
        AND own_vault_read.administration_id = %(administration_id)s
        AND document.administration_id = %(administration_id)s AND document.party_id = %(party_id)s
)

-- name: select_sent_by
SELECT document_id FROM document
WHERE document_id = ANY(%(document_ids)s::bigint[]) AND party_id = %(party_id)s AND administration_id = %(administration_id)s

-- piece: judged
-- Of the rows of a window those to show, and the last one looked at.
judged AS (
    SELECT a, b, consignment_id, (%(status)s::smallint IS NULL OR status = %(status)s)
        AND (%(lane)s::smallint IS NULL OR lane = %(lane)s) AS is_shown, lead(a) OVER (ORDER BY a, b) IS NULL AS is_last
    FROM seen
)
SELECT a, b, consignment_id, is_shown, (SELECT count(*) FROM seen) FROM judged
WHERE is_shown OR is_last ORDER BY a, b LIMIT %(limit)s

-- piece: by_case
-- A window of those that opened their cases, in the order of their own index, and one of the few that joined others'.
(SELECT case_id, consignment_id, status, lane FROM consignment
WHERE administration_id = %(administration_id)s AND case_id = consignment_id AND consignment_id >= %(after_a)s
    AND (consignment_id > %(after_a)s OR consignment_id > %(after_b)s)
ORDER BY consignment_id LIMIT %(window)s)
UNION ALL
(SELECT case_id, consignment_id, status, lane FROM consignment
WHERE administration_id = %(administration_id)s AND case_id <> consignment_id AND (case_id, consignment_id) > (%(after_a)s, %(after_b)s)
ORDER BY case_id, consignment_id LIMIT %(window)s)

-- piece: by_case_of_party
-- As `by_case`, of one party.
(SELECT case_id, consignment_id, status, lane FROM consignment
WHERE party_id = %(party_id)s AND case_id = consignment_id AND consignment_id >= %(after_a)s
    AND (consignment_id > %(after_a)s OR consignment_id > %(after_b)s)
ORDER BY consignment_id LIMIT %(window)s)
UNION ALL
(SELECT case_id, consignment_id, status, lane FROM consignment
WHERE party_id = %(party_id)s AND case_id <> consignment_id AND (case_id, consignment_id) > (%(after_a)s, %(after_b)s)
ORDER BY case_id, consignment_id LIMIT %(window)s)

-- name: list_by_case
-- Lists look through a window of rows whatever the filter finds in it, so a page costs the same in a full store. Each gives the keys of
-- the rows to show and of the last one looked at (a, b: the cursor), and how many it looked at.
WITH seen AS MATERIALIZED (
    SELECT case_id AS a, consignment_id AS b, consignment_id, status, lane FROM (
        -- here: by_case
    ) AS by_case
    ORDER BY case_id, consignment_id LIMIT %(window)s
),
-- here: judged

-- name: list_by_task
-- Those that have a task of a kind that is in no lane, each once.
WITH seen AS MATERIALIZED (
    SELECT queued.consignment_id AS a, 0::bigint AS b, queued.consignment_id, status, lane
    FROM (SELECT DISTINCT consignment_id FROM task
        WHERE administration_id = %(administration_id)s AND queue = %(queue)s AND closed_at IS NULL AND consignment_id > %(after_a)s
        ORDER BY consignment_id LIMIT %(window)s) AS queued
    CROSS JOIN LATERAL (SELECT status, lane FROM consignment WHERE consignment_id = queued.consignment_id OFFSET 0) AS consignment
),
-- here: judged

-- name: list_by_lane
-- Those that need a person have a task; those that wait for a document, or are in review for want of a law (shown as lane 5), an index.
WITH seen AS MATERIALIZED (
    SELECT * FROM (
        (SELECT queued.consignment_id AS a, 0::bigint AS b, queued.consignment_id, status
        FROM (SELECT consignment_id FROM task
            WHERE administration_id = %(administration_id)s AND queue = %(lane)s AND closed_at IS NULL AND consignment_id > %(after_a)s
            ORDER BY consignment_id LIMIT %(window)s) AS queued
        CROSS JOIN LATERAL (SELECT status FROM consignment WHERE consignment_id = queued.consignment_id OFFSET 0) AS consignment)
        UNION ALL (SELECT consignment_id, 0::bigint, consignment_id, status FROM consignment
        WHERE administration_id = %(administration_id)s AND shown_lane IN (1, 5)
            AND shown_lane = CASE %(lane)s WHEN 2 THEN 5 ELSE %(lane)s END AND consignment_id > %(after_a)s
        ORDER BY consignment_id LIMIT %(window)s)
    ) AS both_sorts
    ORDER BY a LIMIT %(window)s
), judged AS (
    SELECT a, b, consignment_id, %(status)s::smallint IS NULL OR status = %(status)s AS is_shown,
        lead(a) OVER (ORDER BY a) IS NULL AS is_last
    FROM seen
)
SELECT a, b, consignment_id, is_shown, (SELECT count(*) FROM seen) FROM judged
WHERE is_shown OR is_last ORDER BY a LIMIT %(limit)s

-- name: list_of_party
-- A party's cases: those it declared, those it sent another document to, those that name it. Three short windows, merged.
WITH mine AS (
    (SELECT case_id, consignment_id, status, lane FROM (
        -- here: by_case_of_party
    ) AS by_case)
    UNION (SELECT consignment.case_id, consignment_id, status, lane
    FROM (SELECT DISTINCT case_id FROM document
        WHERE party_id = %(party_id)s AND kind <> 1 AND is_confirmed AND case_id >= %(after_a)s) AS sent
    CROSS JOIN LATERAL (SELECT * FROM case_consignment WHERE of_case_id = sent.case_id OFFSET 0) AS consignment
    WHERE (consignment.case_id, consignment_id) > (%(after_a)s, %(after_b)s)
    ORDER BY consignment.case_id, consignment_id LIMIT %(window)s)
    UNION (SELECT consignment.case_id, consignment_id, status, lane
    FROM (SELECT DISTINCT case_id FROM case_party WHERE party_id = %(party_id)s AND case_id >= %(after_a)s) AS named
    CROSS JOIN LATERAL (SELECT * FROM case_consignment WHERE of_case_id = named.case_id OFFSET 0) AS consignment
    WHERE (consignment.case_id, consignment_id) > (%(after_a)s, %(after_b)s)
    ORDER BY consignment.case_id, consignment_id LIMIT %(window)s)
), seen AS MATERIALIZED (
    SELECT case_id AS a, consignment_id AS b, consignment_id, status, lane FROM mine
    ORDER BY case_id, consignment_id LIMIT %(window)s
),
-- here: judged

-- name: list_changed
-- A consignment changes when it is decided, and ids of decisions run in time. What changes while a client reads comes again at the end.
WITH seen AS MATERIALIZED (
    SELECT made.decision_id AS a, 0::bigint AS b, consignment_id, case_id, party_id, status, lane,
        consignment.decision_id = made.decision_id AND changed_at >= %(changed_since)s AS is_newest
    FROM (SELECT decision_id, consignment_id FROM decision
        WHERE administration_id = %(administration_id)s AND decision_id > %(after_a)s ORDER BY decision_id LIMIT %(window)s) AS made
    JOIN consignment USING (consignment_id)
), judged AS (
    SELECT a, b, consignment_id, is_newest AND (%(status)s::smallint IS NULL OR status = %(status)s)
        AND (%(lane)s::smallint IS NULL OR lane = %(lane)s)
        AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s
            OR EXISTS (SELECT 1 FROM document
                WHERE document.case_id = seen.case_id AND document.party_id = %(party_id)s AND is_confirmed)
            OR EXISTS (SELECT 1 FROM case_party
                WHERE case_party.case_id = seen.case_id AND case_party.party_id = %(party_id)s)) AS is_shown,
        lead(a) OVER (ORDER BY a) IS NULL AS is_last
    FROM seen
)
SELECT a, b, consignment_id, is_shown, (SELECT count(*) FROM seen) FROM judged
WHERE is_shown OR is_last ORDER BY a LIMIT %(limit)s

-- name: list_on_units
-- Everything below a movement or master document. What is not for the party is not counted either: to whom nothing on it belongs, it is not there.
WITH RECURSIVE below AS (
    SELECT transport_unit_id FROM transport_unit
    WHERE administration_id = %(administration_id)s
        AND (%(movement_id)s::text IS NULL OR kind = 1 AND number = %(movement_id)s COLLATE "C")
        AND (%(movement_id)s::text IS NOT NULL OR kind = 2 AND number = %(master_document)s COLLATE "C")
    UNION SELECT child.transport_unit_id FROM transport_unit AS child JOIN below ON child.parent_id = below.transport_unit_id
), seen AS MATERIALIZED (
    SELECT consignment_id AS a, 0::bigint AS b, consignment_id, case_id, party_id, status, lane, changed_at FROM consignment
    WHERE transport_unit_id = ANY(ARRAY(SELECT transport_unit_id FROM below)) AND administration_id = %(administration_id)s
        AND consignment_id > %(after_a)s
        AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s
            OR EXISTS (SELECT 1 FROM document
                WHERE document.case_id = consignment.case_id AND document.party_id = %(party_id)s AND is_confirmed)
            OR EXISTS (SELECT 1 FROM case_party
                WHERE case_party.case_id = consignment.case_id AND case_party.party_id = %(party_id)s))
    ORDER BY consignment_id LIMIT %(window)s
), judged AS (
    SELECT a, b, consignment_id, (%(status)s::smallint IS NULL OR status = %(status)s)
        AND (%(lane)s::smallint IS NULL OR lane = %(lane)s)
        AND (%(changed_since)s::timestamptz IS NULL OR changed_at >= %(changed_since)s) AS is_shown,
        lead(a) OVER (ORDER BY a) IS NULL AS is_last
    FROM seen
)
SELECT a, b, consignment_id, is_shown, (SELECT count(*) FROM seen) FROM judged
WHERE is_shown OR is_last ORDER BY a LIMIT %(limit)s

-- Recalls, what they have found, and what platforms have answered.

-- name: insert_recall
INSERT INTO recall (recall_id, administration_id, party_id, declared_at, acting_user, reference, reason_code, law_reference, rule, effect,
    ground_code)
VALUES (%(recall_id)s, %(administration_id)s, %(party_id)s, %(at)s, %(acting_user)s, %(reference)s, %(reason_code)s, %(law_reference)s,
    %(rule)s::jsonb, %(effect)s, %(ground_code)s)
ON CONFLICT (administration_id, party_id, reference) DO NOTHING

-- name: confirm_recall
UPDATE recall SET confirmed_at = coalesce(confirmed_at, %(at)s), confirming_user = coalesce(confirming_user, %(acting_user)s)
WHERE recall_id = %(recall_id)s AND administration_id = %(administration_id)s

-- name: end_recall
UPDATE recall SET ended_at = coalesce(ended_at, %(at)s)
WHERE recall_id = %(recall_id)s AND administration_id = %(administration_id)s

-- name: withdraw_recall
UPDATE recall SET ended_at = coalesce(ended_at, %(at)s), withdrawn_at = coalesce(withdrawn_at, %(at)s),
    withdrawal_reason_code = coalesce(withdrawal_reason_code, %(reason_code)s), withdrawing_user = coalesce(withdrawing_user, %(acting_user)s)
WHERE recall_id = %(recall_id)s AND administration_id = %(administration_id)s

-- name: set_undone
UPDATE recall SET undone_at = coalesce(undone_at, %(at)s)
WHERE recall_id = %(recall_id)s AND administration_id = %(administration_id)s

-- name: select_recalls
-- party_id null: of everybody. recall_id, reference null: all. With how far its counting and its looking have come.
SELECT recall.recall_id, recall.party_id, recall.declared_at, recall.confirmed_at, recall.ended_at, recall.acting_user, recall.reference,
    recall.reason_code, recall.law_reference, recall.rule::text, counted.read_count, counted.hit_count, counted.finished_at,
    looked.read_count, looked.hit_count, recall.effect, recall.ground_code, recall.confirming_user, recall.withdrawn_at,
    recall.withdrawal_reason_code, recall.withdrawing_user, recall.undone_at
FROM recall
LEFT JOIN scan AS counted ON counted.administration_id = recall.administration_id AND counted.kind = 'count'
    AND counted.subject_id = recall.recall_id
LEFT JOIN scan AS looked ON looked.administration_id = recall.administration_id AND looked.kind = 'recall'
    AND looked.subject_id = recall.recall_id
WHERE recall.administration_id = %(administration_id)s AND (%(party_id)s::bigint IS NULL OR recall.party_id = %(party_id)s)
    AND (%(recall_id)s::bigint IS NULL OR recall.recall_id = %(recall_id)s)
    AND (%(reference)s::text IS NULL OR recall.reference = %(reference)s)
ORDER BY recall.recall_id

-- name: count_hits
-- Of recalls that suspend: what was suspended and still is, what an officer looks at, what was released before, what is left to do.
SELECT recall_id, count(*) FILTER (WHERE act_id > 0), count(*) FILTER (WHERE act_id > 0 AND ended_by IS NULL),
    count(*) FILTER (WHERE sureness = 2 AND NOT is_released), count(*) FILTER (WHERE is_released), count(*) FILTER (WHERE act_id IS NULL)
FROM recall_hit WHERE recall_id = ANY(%(recall_ids)s::bigint[]) AND administration_id = %(administration_id)s GROUP BY recall_id

-- name: select_hits
-- What a recall has found: by its own table, and, of those that only make tasks, by its tasks.
SELECT found.consignment_id, declared.case_id, declared.reference, found.opened_at, found.closed_at, found.sureness, found.is_released,
    found.act_id, found.ended_by
FROM (
    SELECT task.consignment_id, task.opened_at, task.closed_at, 2::smallint AS sureness, false AS is_released, NULL::bigint AS act_id,
        NULL::bigint AS ended_by
    FROM task
    WHERE task.document_id = %(recall_id)s AND task.administration_id = %(administration_id)s AND task.consignment_id > %(after_id)s
        AND NOT EXISTS (SELECT FROM recall_hit WHERE recall_id = %(recall_id)s AND recall_hit.consignment_id = task.consignment_id)
    UNION ALL
    SELECT hit.consignment_id, hit.found_at,
        (SELECT max(closed_at) FROM task WHERE task.document_id = %(recall_id)s AND task.consignment_id = hit.consignment_id),
        hit.sureness, hit.is_released, hit.act_id, hit.ended_by
    FROM recall_hit AS hit
    WHERE hit.recall_id = %(recall_id)s AND hit.administration_id = %(administration_id)s AND hit.consignment_id > %(after_id)s
) AS found
JOIN declared_consignment AS declared ON declared.consignment_id = found.consignment_id
ORDER BY found.consignment_id LIMIT %(limit)s

-- name: select_to_reach
-- What was found and not acted on yet, what is certain first.
SELECT consignment_id, case_id, sureness FROM recall_hit
WHERE recall_id = %(recall_id)s AND act_id IS NULL AND administration_id = %(administration_id)s
ORDER BY sureness, consignment_id LIMIT %(limit)s

-- name: set_reached
UPDATE recall_hit SET act_id = reached.act_id, is_released = recall_hit.is_released OR reached.was_released
FROM unnest(%(consignment_ids)s::bigint[], %(act_ids)s::bigint[], %(were_released)s::boolean[]) AS reached (consignment_id, act_id, was_released)
WHERE recall_id = %(recall_id)s AND recall_hit.consignment_id = reached.consignment_id AND administration_id = %(administration_id)s

-- name: select_to_undo
SELECT consignment_id, case_id, coalesce(act_id, 0) FROM recall_hit
WHERE recall_id = %(recall_id)s AND ended_by IS NULL AND administration_id = %(administration_id)s
ORDER BY consignment_id LIMIT %(limit)s

-- name: set_ended
UPDATE recall_hit SET ended_by = ended.act_id, act_id = coalesce(recall_hit.act_id, 0), told_at = NULL
FROM unnest(%(consignment_ids)s::bigint[], %(act_ids)s::bigint[]) AS ended (consignment_id, act_id)
WHERE recall_id = %(recall_id)s AND recall_hit.consignment_id = ended.consignment_id AND administration_id = %(administration_id)s

-- name: select_to_tell
-- What its parties do not know yet: what is certain alone, and of what is possible only that nothing was meant.
SELECT consignment_id, case_id, sureness FROM recall_hit
WHERE recall_id = %(recall_id)s AND told_at IS NULL AND act_id IS NOT NULL AND administration_id = %(administration_id)s
ORDER BY consignment_id LIMIT %(limit)s

-- name: set_told
UPDATE recall_hit SET told_at = %(at)s
WHERE recall_id = %(recall_id)s AND consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s

-- name: select_platforms
SELECT DISTINCT party_id FROM party_role
WHERE party_id = ANY(%(party_ids)s::bigint[]) AND role = 'platform' AND ended_at IS NULL AND administration_id = %(administration_id)s

-- name: insert_take_downs
-- Each platform once, however many of its parcels are found.
INSERT INTO recall_take_down (recall_id, party_id, case_id, told_at, due_at, administration_id)
SELECT %(recall_id)s, asked.party_id, asked.case_id, %(at)s, %(due_at)s, %(administration_id)s
FROM unnest(%(party_ids)s::bigint[], %(case_ids)s::bigint[]) AS asked (party_id, case_id)
ON CONFLICT DO NOTHING
RETURNING party_id, case_id

-- name: select_take_downs
-- party_id null: of all platforms; by_party_id null: of everybody's recalls; recall_id null: of all. parcels: of this platform with such goods.
SELECT asked.recall_id, asked.party_id, asked.told_at, asked.due_at, asked.answered_at, asked.overdue_told_at, asked.answer,
    recall.reference, recall.reason_code, recall.ground_code, recall.rule::text, recall.withdrawn_at, party.name
FROM recall_take_down AS asked JOIN recall USING (recall_id) JOIN party ON party.party_id = asked.party_id
WHERE asked.administration_id = %(administration_id)s
    AND (%(party_id)s::bigint IS NULL OR asked.party_id = %(party_id)s)
    AND (%(by_party_id)s::bigint IS NULL OR recall.party_id = %(by_party_id)s)
    AND (%(recall_id)s::bigint IS NULL OR asked.recall_id = %(recall_id)s)
ORDER BY asked.told_at DESC, asked.recall_id DESC, asked.party_id LIMIT %(limit)s

-- name: answer_take_down
-- What was answered first stands.
UPDATE recall_take_down SET answered_at = %(at)s, answer = %(answer)s, answering_user = %(acting_user)s
WHERE recall_id = %(recall_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s AND answered_at IS NULL
RETURNING recall_id

-- name: select_overdue
SELECT asked.recall_id, asked.party_id, asked.case_id, recall.party_id FROM recall_take_down AS asked JOIN recall USING (recall_id)
WHERE asked.administration_id = %(administration_id)s AND answered_at IS NULL AND overdue_told_at IS NULL AND asked.due_at <= %(at)s
    AND recall.withdrawn_at IS NULL
ORDER BY asked.recall_id, asked.party_id LIMIT %(limit)s

-- name: set_overdue_told
UPDATE recall_take_down SET overdue_told_at = %(at)s
WHERE recall_id = %(recall_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s

-- name: select_recalls_of
-- Recalls that certainly mean goods of a parcel, for its buyer: the newest first.
SELECT recall.recall_id, recall.reason_code, recall.ground_code, recall.withdrawn_at, recall.declared_at, hit.is_released
FROM recall_hit AS hit JOIN recall USING (recall_id)
WHERE hit.consignment_id = %(consignment_id)s AND hit.sureness = 1 AND recall.confirmed_at IS NOT NULL
    AND hit.administration_id = %(administration_id)s
ORDER BY recall.recall_id DESC

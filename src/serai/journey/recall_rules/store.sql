-- Recalls that suspend, and what they have found.

-- name: select_in_force
SELECT recall_id, party_id, acting_user, law_reference, rule::text FROM recall
WHERE administration_id = %(administration_id)s AND effect = 'suspension' AND confirmed_at IS NOT NULL AND ended_at IS NULL
ORDER BY recall_id

-- name: insert_hits
-- What was found before stays as it is; but what was only possible and is certain now, as after an amendment, is begun anew.
INSERT INTO recall_hit (recall_id, consignment_id, case_id, found_at, act_id, administration_id, sureness, is_released)
SELECT found.recall_id, found.consignment_id, found.case_id, %(at)s, nullif(found.act_id, -1), %(administration_id)s, found.sureness,
    %(is_released)s
FROM unnest(%(recall_ids)s::bigint[], %(consignment_ids)s::bigint[], %(case_ids)s::bigint[], %(act_ids)s::bigint[], %(surenesses)s::smallint[])
    AS found (recall_id, consignment_id, case_id, act_id, sureness)
ON CONFLICT (recall_id, consignment_id) DO UPDATE SET sureness = excluded.sureness, act_id = excluded.act_id, told_at = NULL
WHERE excluded.sureness < recall_hit.sureness

-- name: select_known
-- Which of these some recall has found before, and how sure that was.
SELECT recall_id, consignment_id, sureness FROM recall_hit
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s

-- Recordals of rights holders, their pictures, and what was detained for them.

-- name: insert_recordal
INSERT INTO recordal (recordal_id, party_id, lodged_at, valid_to, administration_id, asks_small_consignments, reference, kind_code, right_number,
    evidence_link, contact_name, contact_email, lodging_user, marks, hs_prefixes, seller_ids, content_hash)
VALUES (%(recordal_id)s, %(party_id)s, %(at)s, %(valid_to)s, %(administration_id)s, %(asks_small_consignments)s, %(reference)s, %(kind_code)s,
    %(right_number)s, %(evidence_link)s, %(contact_name)s, %(contact_email)s, %(acting_user)s, %(marks)s, %(hs_prefixes)s, %(seller_ids)s,
    %(content_hash)s)
ON CONFLICT (administration_id, party_id, reference) DO NOTHING

-- name: select_recordals
-- party_id null: of everybody; recordal_id, reference null: all. The newest first.
SELECT recordal.recordal_id, recordal.party_id, party.name, lodged_at, valid_to, granted_at, refused_at, recordal.ended_at, is_low,
    asks_small_consignments, recordal.reference, kind_code, right_number, evidence_link, contact_name, contact_email, refusal_reason_code, marks,
    hs_prefixes, seller_ids, content_hash, extension_asked_at, extension_to, extension_decided_at, extension_is_late,
    extension_answer, extension_reason_code,
    (SELECT count(*) FROM recordal_picture AS picture WHERE picture.recordal_id = recordal.recordal_id)
FROM recordal JOIN party ON party.party_id = recordal.party_id
WHERE recordal.administration_id = %(administration_id)s AND (%(party_id)s::bigint IS NULL OR recordal.party_id = %(party_id)s)
    AND (%(recordal_id)s::bigint IS NULL OR recordal.recordal_id = %(recordal_id)s)
    AND (%(reference)s::text IS NULL OR recordal.reference = %(reference)s)
ORDER BY recordal.recordal_id DESC LIMIT %(limit)s

-- name: lock_recordal
-- party_id: only one of that holder; nobody else's is locked.
SELECT recordal_id FROM recordal WHERE recordal_id = %(recordal_id)s AND administration_id = %(administration_id)s
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
FOR UPDATE

-- name: grant_recordal
UPDATE recordal SET granted_at = coalesce(granted_at, %(at)s), granting_user = coalesce(granting_user, %(acting_user)s)
WHERE recordal_id = %(recordal_id)s AND administration_id = %(administration_id)s

-- name: refuse_recordal
UPDATE recordal SET refused_at = coalesce(refused_at, %(at)s), refusal_reason_code = coalesce(refusal_reason_code, %(reason_code)s),
    granting_user = coalesce(granting_user, %(acting_user)s)
WHERE recordal_id = %(recordal_id)s AND administration_id = %(administration_id)s

-- name: ask_extension
-- Of a recordal whose row is locked; it takes the place of one that was decided.
UPDATE recordal SET extension_asked_at = %(at)s, extension_to = %(extension_to)s, extension_is_late = %(is_late)s, extension_user = %(acting_user)s,
    extension_decided_at = NULL, extension_answer = NULL, extension_reason_code = NULL, extension_deciding_user = NULL
WHERE recordal_id = %(recordal_id)s AND administration_id = %(administration_id)s

-- name: decide_extension
UPDATE recordal SET extension_decided_at = %(at)s, extension_answer = %(answer)s, extension_reason_code = %(reason_code)s,
    extension_deciding_user = %(acting_user)s, valid_to = CASE WHEN %(answer)s = 'granted' THEN extension_to ELSE valid_to END
WHERE recordal_id = %(recordal_id)s AND administration_id = %(administration_id)s

-- name: end_recordal
UPDATE recordal SET ended_at = coalesce(ended_at, %(at)s), ending_user = coalesce(ending_user, %(acting_user)s)
WHERE recordal_id = %(recordal_id)s AND administration_id = %(administration_id)s

-- name: select_marks_in_force
-- What descriptions are searched for now.
SELECT recordal_id, marks, hs_prefixes, seller_ids, is_low FROM recordal
WHERE administration_id = %(administration_id)s AND granted_at IS NOT NULL AND ended_at IS NULL AND valid_to > %(at)s AND marks <> '{}'
ORDER BY recordal_id

-- name: insert_picture
-- The next number of a recordal whose row is locked.
INSERT INTO recordal_picture (recordal_id, number, width_px, height_px, administration_id, picture_hash, content)
SELECT %(recordal_id)s, coalesce(max(number), 0) + 1, %(width_px)s, %(height_px)s, %(administration_id)s, %(picture_hash)s, %(content)s
FROM recordal_picture WHERE recordal_id = %(recordal_id)s

-- name: select_picture
SELECT content FROM recordal_picture
WHERE recordal_id = %(recordal_id)s AND number = %(number)s AND administration_id = %(administration_id)s

-- Goods detained for rights, what was answered, and to whom names were given.

-- name: insert_detention
-- One at a time on a parcel.
INSERT INTO rights_detention (detention_id, recordal_id, holder_party_id, case_id, consignment_id, act_id, officer_party_id, begun_at,
    declarant_due_at, holder_due_at, administration_id, is_perishable, procedure, reference, acting_user, goods)
VALUES (%(detention_id)s, %(recordal_id)s, %(holder_party_id)s, %(case_id)s, %(consignment_id)s, %(act_id)s, %(officer_party_id)s, %(at)s,
    %(declarant_due_at)s, %(holder_due_at)s, %(administration_id)s, %(is_perishable)s, %(procedure)s, %(reference)s, %(acting_user)s,
    %(goods)s::jsonb)
ON CONFLICT DO NOTHING

-- name: select_detentions
-- Null: all of them. The newest first.
SELECT detention.detention_id, detention.recordal_id, detention.holder_party_id, detention.case_id, detention.consignment_id, act_id,
    officer_party_id, begun_at, declarant_due_at, holder_told_at, holder_due_at, holder_answered_at, declarant_answered_at,
    detention.ended_at, end_act_id, disputed_at, dispute_decided_at, is_perishable, is_baseless, procedure, detention.reference,
    holder_answer, declarant_answer, outcome, dispute_reason_code, dispute_answer, goods::text, recordal.reference,
    detention.extension_asked_at, detention.extension_decided_at, extension_days, detention.extension_reason_code, detention.extension_answer
FROM rights_detention AS detention LEFT JOIN recordal ON recordal.recordal_id = detention.recordal_id
WHERE detention.administration_id = %(administration_id)s
    AND (%(holder_party_id)s::bigint IS NULL OR (holder_party_id = %(holder_party_id)s AND holder_told_at IS NOT NULL))
    AND (%(detention_id)s::bigint IS NULL OR detention.detention_id = %(detention_id)s)
    AND (%(case_id)s::bigint IS NULL OR detention.case_id = %(case_id)s)
    AND (%(officer_party_id)s::bigint IS NULL OR (officer_party_id = %(officer_party_id)s AND detention.reference = %(reference)s))
    AND (NOT %(only_open)s OR detention.ended_at IS NULL)
ORDER BY detention.detention_id DESC LIMIT %(limit)s

-- name: case_of_detention
-- One row, whether there is such a detention or not: who may have it is asked of its case, and how many rows were read tells nothing.
SELECT (SELECT case_id FROM rights_detention WHERE detention_id = %(detention_id)s AND administration_id = %(administration_id)s)

-- name: lock_detention
-- holder_party_id: only where that holder was told of it; nobody else's is locked.
SELECT detention_id FROM rights_detention WHERE detention_id = %(detention_id)s AND administration_id = %(administration_id)s
    AND (%(holder_party_id)s::bigint IS NULL OR (holder_party_id = %(holder_party_id)s AND holder_told_at IS NOT NULL))
FOR UPDATE

-- name: tell_holder
UPDATE rights_detention SET holder_told_at = coalesce(holder_told_at, %(at)s), holder_due_at = coalesce(holder_due_at, %(due_at)s)
WHERE detention_id = %(detention_id)s AND administration_id = %(administration_id)s

-- name: set_recordal
-- Lodged after goods were detained without one.
UPDATE rights_detention SET recordal_id = %(recordal_id)s, holder_party_id = %(holder_party_id)s, procedure = 'standard', holder_due_at = NULL
WHERE detention_id = %(detention_id)s AND administration_id = %(administration_id)s AND recordal_id IS NULL

-- name: answer_as_holder
UPDATE rights_detention SET holder_answer = %(answer)s, holder_answered_at = %(at)s, holder_user = %(acting_user)s
WHERE detention_id = %(detention_id)s AND administration_id = %(administration_id)s

-- name: answer_as_declarant
UPDATE rights_detention SET declarant_answer = %(answer)s, declarant_answered_at = %(at)s, declarant_user = %(acting_user)s
WHERE detention_id = %(detention_id)s AND administration_id = %(administration_id)s

-- name: ask_extension
-- Once.
UPDATE rights_detention SET extension_asked_at = %(at)s, extension_days = %(days)s, extension_reason_code = %(reason_code)s,
    extension_user = %(acting_user)s
WHERE detention_id = %(detention_id)s AND administration_id = %(administration_id)s AND extension_asked_at IS NULL

-- name: decide_extension
UPDATE rights_detention SET extension_decided_at = %(at)s, extension_answer = %(answer)s, extension_deciding_user = %(acting_user)s,
    holder_due_at = %(holder_due_at)s
WHERE detention_id = %(detention_id)s AND administration_id = %(administration_id)s AND extension_answer IS NULL

-- name: end_detention
UPDATE rights_detention SET ended_at = %(at)s, outcome = %(outcome)s, is_baseless = %(is_baseless)s, end_act_id = %(end_act_id)s
WHERE detention_id = %(detention_id)s AND administration_id = %(administration_id)s AND ended_at IS NULL

-- name: dispute
UPDATE rights_detention SET disputed_at = %(at)s, dispute_reason_code = %(reason_code)s
WHERE detention_id = %(detention_id)s AND administration_id = %(administration_id)s AND disputed_at IS NULL

-- name: decide_dispute
UPDATE rights_detention SET dispute_answer = %(answer)s, dispute_decided_at = %(at)s, dispute_user = %(acting_user)s,
    is_baseless = is_baseless AND NOT %(is_upheld)s
WHERE detention_id = %(detention_id)s AND administration_id = %(administration_id)s AND dispute_decided_at IS NULL

-- name: count_ended
-- Of one recordal, those that have ended since a day, and how many of these were baseless.
SELECT count(*), count(*) FILTER (WHERE is_baseless) FROM rights_detention
WHERE recordal_id = %(recordal_id)s AND administration_id = %(administration_id)s AND ended_at >= %(since)s

-- name: set_low
UPDATE recordal SET is_low = %(is_low)s
WHERE recordal_id = %(recordal_id)s AND administration_id = %(administration_id)s AND is_low IS DISTINCT FROM %(is_low)s

-- name: insert_disclosure
INSERT INTO rights_disclosure (disclosure_id, detention_id, party_id, given_at, administration_id, use_code, acting_user)
VALUES (%(disclosure_id)s, %(detention_id)s, %(party_id)s, %(at)s, %(administration_id)s, %(use_code)s, %(acting_user)s)

-- name: select_disclosures
SELECT given_at, use_code FROM rights_disclosure
WHERE detention_id = %(detention_id)s AND administration_id = %(administration_id)s ORDER BY disclosure_id

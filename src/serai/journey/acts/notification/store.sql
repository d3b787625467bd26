-- Who was told of an act.

-- name: select_people
-- E-mail addresses are the sign-in names of a party's people.
SELECT party_id, sign_in_name, language FROM account
WHERE party_id = ANY(%(party_ids)s::bigint[]) AND administration_id = %(administration_id)s AND ended_at IS NULL
ORDER BY account_id

-- name: select_carriers
SELECT DISTINCT party_id FROM party_role
WHERE party_id = ANY(%(party_ids)s::bigint[]) AND role = ANY('{carrier,post}') AND ended_at IS NULL
    AND administration_id = %(administration_id)s

-- name: select_hooked
-- Whose webhook is told of such events. No kinds: of all.
SELECT DISTINCT party_id FROM webhook
WHERE party_id = ANY(%(party_ids)s::bigint[]) AND administration_id = %(administration_id)s AND state = 'active'
    AND (kinds = '{}' OR %(event_kind)s = ANY(kinds))

-- name: insert_act_notice
INSERT INTO act_notice (act_id, party_id, administration_id, case_id, consignment_id, told_at, due_at, next_look_at, event_kind)
VALUES (%(act_id)s, %(party_id)s, %(administration_id)s, %(case_id)s, %(consignment_id)s, %(at)s, %(due_at)s, %(at)s, %(event_kind)s)
ON CONFLICT DO NOTHING

-- name: set_proven
-- What proved it first counts.
UPDATE act_notice SET proven_at = %(at)s, proven_by = %(by)s
WHERE act_id = %(act_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s AND proven_at IS NULL

-- name: set_unproven
-- What came back proves nothing, and is told in another way at once.
UPDATE act_notice SET proven_at = NULL, proven_by = NULL, due_at = %(at)s, next_look_at = %(at)s, asked_at = NULL
WHERE act_id = %(act_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s AND proven_by = 'email'

-- name: set_due_now
UPDATE act_notice SET due_at = least(due_at, %(at)s)
WHERE act_id = %(act_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s AND proven_at IS NULL

-- name: select_looks
-- What nothing has proven yet, and what its party has been served since: by a webhook the event itself; where no period begins by it, a
-- page or answer about the case, too.
SELECT act_id, party_id, case_id, consignment_id, event_kind, told_at, served.means, served.served_at FROM act_notice
LEFT JOIN LATERAL (
    SELECT means, served_at FROM own_notice AS notice
    WHERE notice.case_ids && ARRAY[act_notice.case_id] AND notice.party_id = act_notice.party_id
        AND notice.administration_id = %(administration_id)s AND notice.served_at >= act_notice.told_at
        AND (notice.event_kind = act_notice.event_kind
            OR (act_notice.event_kind <> %(hearing)s AND notice.means = ANY('{page,answer,message}')))
    ORDER BY served_at LIMIT 1
) AS served ON true
WHERE act_notice.administration_id = %(administration_id)s AND proven_at IS NULL AND next_look_at <= %(at)s
ORDER BY next_look_at LIMIT %(limit)s

-- name: put_off_look
UPDATE act_notice SET next_look_at = %(next_look_at)s
WHERE act_id = %(act_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s

-- name: select_untold
-- Whose time has ended, and of whom officers were not asked yet.
SELECT act_id, party_id, case_id, consignment_id, event_kind, told_at, NULL, NULL FROM act_notice
WHERE administration_id = %(administration_id)s AND proven_at IS NULL AND asked_at IS NULL AND due_at <= %(at)s
ORDER BY act_id LIMIT %(limit)s

-- name: set_asked
UPDATE act_notice SET asked_at = %(at)s
WHERE act_id = %(act_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s

-- name: is_all_proven
SELECT NOT EXISTS (
    SELECT FROM act_notice WHERE act_id = %(act_id)s AND administration_id = %(administration_id)s AND proven_at IS NULL
)

-- name: select_of_acts
SELECT act_id, party_id, name, told_at, due_at, proven_at, proven_by FROM act_notice JOIN party USING (party_id)
WHERE act_id = ANY(%(act_ids)s::bigint[]) AND act_notice.administration_id = %(administration_id)s
ORDER BY act_id, party_id

-- Notices by e-mail.

-- name: insert_notice
INSERT INTO mail_notice (notice_id, administration_id, case_id, act_id, party_id, kind, means, language, words_version, sealed, check_text, return_token, state, state_at,
    detail, queued_at, send_by, tries_count, next_try_at, tried_at, leased_until, holder)
VALUES (%(notice_id)s, %(administration_id)s, %(case_id)s, %(act_id)s, %(party_id)s, %(kind)s, %(means)s, %(language)s, %(words_version)s, %(sealed)s, %(check_text)s,
    %(return_token)s, %(state)s, %(at)s, '', %(at)s, %(send_by)s, 0, %(at)s, %(at)s, %(at)s, 0)

-- name: claim_notices
-- For one process at a time: whoever holds the lease. What was written by a clock that has been set back since does not count, as with webhooks.
WITH due AS (
    SELECT notice_id FROM mail_notice
    WHERE administration_id = %(administration_id)s AND state = 'queued' AND (next_try_at <= %(at)s OR tried_at > %(until)s)
        AND (leased_until <= %(at)s OR leased_until > %(beyond)s)
    ORDER BY next_try_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE mail_notice SET leased_until = %(until)s, holder = %(holder)s FROM due WHERE mail_notice.notice_id = due.notice_id
RETURNING mail_notice.notice_id, kind, means, language, sealed, check_text, return_token, queued_at, send_by, tries_count, holder

-- name: claim_left
-- What a process that ended was handing over.
WITH left_over AS (
    SELECT notice_id FROM mail_notice
    WHERE administration_id = %(administration_id)s AND state = 'handing-over' AND (leased_until <= %(at)s OR leased_until > %(beyond)s)
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE mail_notice SET leased_until = %(until)s, holder = %(holder)s FROM left_over WHERE mail_notice.notice_id = left_over.notice_id
RETURNING mail_notice.notice_id, kind, means, language, sealed, check_text, return_token, queued_at, send_by, tries_count, holder

-- name: move_held
-- By whoever holds it. forgets: to whom it went is needed no more.
UPDATE mail_notice SET
    state = %(state)s, state_at = %(at)s, detail = %(detail)s, sealed = CASE WHEN %(forgets)s THEN NULL ELSE sealed END,
    tries_count = tries_count + %(tried_count)s, next_try_at = %(next_try_at)s, tried_at = %(at)s,
    leased_until = CASE WHEN %(keeps)s THEN %(until)s ELSE %(at)s END, holder = CASE WHEN %(keeps)s THEN holder ELSE 0 END
WHERE notice_id = %(notice_id)s AND administration_id = %(administration_id)s AND holder = %(holder)s AND state = ANY(%(before)s)

-- name: settle_notice
-- What came back of it, or is proven otherwise. What came back proves nothing any more, whatever was reported before.
UPDATE mail_notice SET state = %(state)s, state_at = %(at)s, detail = %(detail)s,
    notified_at = CASE WHEN %(notified_at)s::timestamptz IS NOT NULL THEN coalesce(notified_at, %(notified_at)s) END
WHERE (return_token = %(return_token)s OR notice_id = %(notice_id)s) AND administration_id = %(administration_id)s AND state = ANY(%(before)s)

-- name: select_deliveries
SELECT notice_id, state, state_at, detail, queued_at, notified_at FROM mail_notice
WHERE notice_id = ANY(%(notice_ids)s::bigint[]) AND administration_id = %(administration_id)s

-- name: select_notices_of_cases
SELECT notice_id, state, state_at, detail, queued_at, notified_at FROM mail_notice
WHERE case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s ORDER BY notice_id

-- name: select_notices_of_acts
SELECT act_id, party_id, notice_id, state, state_at, detail, queued_at, notified_at FROM mail_notice
WHERE act_id = ANY(%(act_ids)s::bigint[]) AND administration_id = %(administration_id)s ORDER BY notice_id

-- name: select_to_follow
-- Queued, on its way or taken by a server says nothing new.
SELECT notice_id, act_id, party_id, case_id, state, state_at FROM mail_notice
WHERE administration_id = %(administration_id)s AND act_id IS NOT NULL AND followed_state <> state
    AND state <> ALL('{queued,handing-over,sent}')
ORDER BY notice_id LIMIT %(limit)s

-- name: set_followed
UPDATE mail_notice SET followed_state = %(state)s WHERE notice_id = %(notice_id)s AND administration_id = %(administration_id)s

-- name: is_ours
-- One statement whether it is there or not. What never left is no message of ours.
SELECT EXISTS (
    SELECT FROM mail_notice WHERE notice_id = %(notice_id)s AND check_text = %(check_text)s AND administration_id = %(administration_id)s
        AND state <> ALL('{queued,expired,refused}')
)

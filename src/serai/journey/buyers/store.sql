-- name: select_cases_of_keys
-- By index for each key, whatever the statistics say: there are few, and mostly none is there.
WITH met AS (
    SELECT DISTINCT held.case_id
    FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bigint[], %(check_hashes)s::bigint[]) AS asked (kind, key_hash, check_hash)
    CROSS JOIN LATERAL (SELECT * FROM match_key WHERE match_key.key_hash = asked.key_hash OFFSET 0) AS held
    WHERE held.check_hash = asked.check_hash AND held.kind = asked.kind AND held.administration_id = %(administration_id)s
), root AS (
    SELECT DISTINCT coalesce(merged_into, met.case_id) AS case_id FROM met LEFT JOIN case_file ON case_file.case_id = met.case_id
)
SELECT case_id FROM root
UNION SELECT gone.case_id FROM root CROSS JOIN LATERAL (SELECT * FROM case_file WHERE merged_into = root.case_id OFFSET 0) AS gone
LIMIT 50

-- name: insert_buyer_session
INSERT INTO buyer_session (session_id, administration_id, session_hash, consignment_id, person_id, document_id, opened_at, expires_at, confirmed_at)
VALUES (%(session_id)s, %(administration_id)s, %(session_hash)s, %(consignment_id)s, %(person_id)s, %(document_id)s, %(at)s, %(expires_at)s,
    %(confirmed_at)s)

-- name: select_buyer_session
SELECT session_id, consignment_id, person_id, document_id, opened_at, expires_at, confirmed_at FROM buyer_session
WHERE session_hash = %(session_hash)s AND administration_id = %(administration_id)s AND expires_at > %(at)s AND ended_at IS NULL

-- name: end_buyer_session
UPDATE buyer_session SET ended_at = %(at)s
WHERE session_hash = %(session_hash)s AND administration_id = %(administration_id)s AND ended_at IS NULL

-- name: delete_ended_buyer_sessions
DELETE FROM buyer_session WHERE administration_id = %(administration_id)s AND expires_at <= %(before)s

-- name: put_code
-- A new code takes the place of the one before, which holds no more.
INSERT INTO buyer_code (session_id, administration_id, code_hash, notice_id, expires_at, tries_count)
VALUES (%(session_id)s, %(administration_id)s, %(code_hash)s, %(notice_id)s, %(expires_at)s, 0)
ON CONFLICT (session_id) DO UPDATE SET code_hash = excluded.code_hash, notice_id = excluded.notice_id, expires_at = excluded.expires_at,
    tries_count = 0, used_at = NULL

-- name: take_code_try
-- The row stays locked to the end of the transaction, so of two that type the right code at once one is let in.
UPDATE buyer_code SET tries_count = tries_count + 1
WHERE session_id = %(session_id)s AND administration_id = %(administration_id)s AND used_at IS NULL AND expires_at > %(at)s
    AND tries_count < %(tries_count_max)s
RETURNING code_hash, notice_id

-- name: use_code
UPDATE buyer_code SET used_at = %(at)s WHERE session_id = %(session_id)s AND administration_id = %(administration_id)s

-- name: insert_subject_access
INSERT INTO subject_access (access_id, administration_id, person_id, at, shown_count, withheld_count, ground)
VALUES (%(access_id)s, %(administration_id)s, %(person_id)s, %(at)s, %(shown_count)s, %(withheld_count)s, %(ground)s)

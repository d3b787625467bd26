-- Parties, keys, people's accounts, sessions and one-use links.

-- name: insert_party
-- A party is never deleted: what it filed names it for ever.
INSERT INTO party (party_id, administration_id, name, created_at)
VALUES (%(party_id)s, %(administration_id)s, %(name)s, %(at)s)

-- name: insert_party_of_reference
-- Nothing happens when the reference was used before; the caller sees that no row came back.
INSERT INTO party (party_id, administration_id, name, created_at, reference)
VALUES (%(party_id)s, %(administration_id)s, %(name)s, %(at)s, %(reference)s)
ON CONFLICT (administration_id, reference) DO NOTHING

-- name: select_party
SELECT party_id, administration_id, name FROM party
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s AND ended_at IS NULL

-- name: select_registered
-- Parties as administrators see them: one by number or by reference, else a page by number.
SELECT
    party_id, reference, name, created_at, ended_at,
    ARRAY(
        SELECT party_role.role FROM party_role
        WHERE party_role.party_id = party.party_id AND party_role.ended_at IS NULL ORDER BY party_role.role
    ) AS roles
FROM party
WHERE administration_id = %(administration_id)s AND party_id > %(after_id)s
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
    AND (%(reference)s::text IS NULL OR reference = %(reference)s)
ORDER BY party_id LIMIT %(limit)s

-- name: insert_identifier
-- A name stands for one party: one that is taken stays with its party, and the caller sees that no row came back.
INSERT INTO party_identifier (administration_id, identifier, party_id, added_at)
VALUES (%(administration_id)s, %(identifier)s, %(party_id)s, %(at)s) ON CONFLICT DO NOTHING

-- name: delete_identifier
DELETE FROM party_identifier
WHERE administration_id = %(administration_id)s AND identifier = %(identifier)s AND party_id = %(party_id)s

-- name: select_identifiers_of_party
SELECT identifier, party_id, added_at FROM party_identifier
WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s ORDER BY identifier

-- name: select_identifier
SELECT identifier, party_id, added_at FROM party_identifier
WHERE administration_id = %(administration_id)s AND identifier = %(identifier)s

-- name: insert_party_role
-- Given again after it was taken away: the same row, open once more.
INSERT INTO party_role (party_id, role, administration_id, created_at)
VALUES (%(party_id)s, %(role)s, %(administration_id)s, %(at)s)
ON CONFLICT (party_id, role) DO UPDATE SET ended_at = NULL

-- name: end_party_role
UPDATE party_role SET ended_at = %(at)s
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s AND role = %(role)s AND ended_at IS NULL

-- name: insert_api_key
-- Of a reference that the party used before, nothing is made; the caller sees that no row came back.
INSERT INTO api_key (key_id, administration_id, party_id, key_hash, scopes, created_at, expires_at, reference, person, jwk)
VALUES (
    %(key_id)s, %(administration_id)s, %(party_id)s, %(key_hash)s, %(scopes)s, %(at)s, %(expires_at)s, %(reference)s, %(person)s, %(jwk)s
)
ON CONFLICT (party_id, reference) DO NOTHING

-- name: select_published_key
-- One is enough to know that anybody could come in.
SELECT key_id FROM api_key
WHERE administration_id = %(administration_id)s AND reference LIKE %(reference_like)s AND revoked_at IS NULL
LIMIT 1

-- name: select_keys_of_party
-- Without what would open anything.
SELECT key_id, reference, person, scopes, created_at, expires_at, revoked_at FROM api_key
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s
ORDER BY key_id

-- name: revoke_api_key
-- The first revocation counts.
UPDATE api_key SET revoked_at = coalesce(revoked_at, %(at)s)
WHERE key_id = %(key_id)s AND administration_id = %(administration_id)s
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
RETURNING revoked_at

-- name: select_api_key
-- One row with all that a request needs to know of its key. Another administration's opens nothing here.
SELECT
    api_key.key_id, api_key.administration_id, api_key.party_id, api_key.key_hash, api_key.scopes,
    api_key.expires_at, api_key.revoked_at, api_key.person, api_key.jwk, party.name AS party_name, party.ended_at AS party_ended_at,
    ARRAY(
        SELECT party_role.role FROM party_role
        WHERE party_role.party_id = api_key.party_id AND party_role.ended_at IS NULL
    ) AS roles
FROM api_key JOIN party USING (party_id)
WHERE api_key.key_id = %(key_id)s AND api_key.administration_id = %(administration_id)s
    AND party.administration_id = %(administration_id)s

-- name: use_assertion
-- Of two that show one assertion the second finds it used.
INSERT INTO client_assertion (key_id, jti_hash, administration_id, expires_at)
VALUES (%(key_id)s, %(jti_hash)s, %(administration_id)s, %(expires_at)s) ON CONFLICT DO NOTHING

-- name: delete_ended_assertions
DELETE FROM client_assertion WHERE administration_id = %(administration_id)s AND expires_at <= %(at)s

-- name: insert_account
-- Nothing happens when the name is taken; the caller sees that no row came back.
INSERT INTO account (account_id, administration_id, sign_in_name, person, password_hash, roles, created_at)
VALUES (%(account_id)s, %(administration_id)s, %(sign_in_name)s, %(person)s, %(password_hash)s, %(roles)s, %(at)s)
ON CONFLICT (administration_id, sign_in_name) DO NOTHING
RETURNING account_id

-- piece: account_columns
account_id, administration_id, sign_in_name, person, password_hash, roles, created_at, ended_at, second_factor, second_factor_step, party_id, member_role, locked_at,
EXISTS (SELECT FROM passkey WHERE passkey.account_id = account.account_id) AS has_passkey

-- name: select_account
SELECT
    -- here: account_columns
FROM account
WHERE administration_id = %(administration_id)s AND sign_in_name = %(sign_in_name)s AND ended_at IS NULL

-- name: select_account_by_id
SELECT
    -- here: account_columns
FROM account
WHERE administration_id = %(administration_id)s AND account_id = %(account_id)s AND ended_at IS NULL

-- name: select_account_to_sign_in
-- Held against a change until the session is written: a change that comes after it ends the session, too.
SELECT
    -- here: account_columns
FROM account
WHERE administration_id = %(administration_id)s AND sign_in_name = %(sign_in_name)s AND ended_at IS NULL
FOR SHARE

-- name: change_password
UPDATE account SET password_hash = %(password_hash)s WHERE account_id = %(account_id)s

-- name: set_second_factor
-- Not over one that was used: whoever signs in beside finds it confirmed.
UPDATE account SET second_factor = %(second_factor)s
WHERE account_id = %(account_id)s AND second_factor_step IS NULL

-- name: use_second_factor
-- A code counts once: of two uses of one step, the row lock lets one win.
UPDATE account SET second_factor_step = %(step)s
WHERE account_id = %(account_id)s AND second_factor IS NOT NULL
    AND (second_factor_step IS NULL OR second_factor_step < %(step)s)

-- name: forget_second_factor
UPDATE account SET second_factor = NULL, second_factor_step = NULL WHERE account_id = %(account_id)s

-- name: forget_passkeys
DELETE FROM passkey WHERE account_id = %(account_id)s

-- name: change_roles
UPDATE account SET roles = %(roles)s WHERE account_id = %(account_id)s

-- name: lock_account
-- The first time counts.
UPDATE account SET locked_at = coalesce(locked_at, %(at)s) WHERE account_id = %(account_id)s

-- name: unlock_account
UPDATE account SET locked_at = NULL WHERE account_id = %(account_id)s

-- name: end_account_links
-- Before the sessions: who enters by a link at this moment has the row, and has written the session when we get it.
UPDATE one_use_link SET used_at = %(at)s WHERE account_id = %(account_id)s AND used_at IS NULL

-- name: end_account_sessions
UPDATE page_session SET ended_at = %(at)s
WHERE account_id = %(account_id)s AND ended_at IS NULL AND expires_at > %(at)s

-- name: select_accounts
SELECT
    -- here: account_columns
FROM account
WHERE administration_id = %(administration_id)s AND party_id IS NULL
ORDER BY sign_in_name

-- name: select_openings
-- Where accounts of the administration's people are signed in now, and when somebody was last.
SELECT account_id, count(*) FILTER (
        WHERE page_session.ended_at IS NULL AND page_session.expires_at > %(at)s AND used_at > %(idle_since)s
    )::integer AS open_count, max(used_at) AS used_at
FROM page_session JOIN account USING (account_id)
WHERE page_session.administration_id = %(administration_id)s AND account.party_id IS NULL AND NOT awaits_second_factor
GROUP BY account_id

-- name: count_administrators
SELECT count(*)::integer AS count FROM account
WHERE administration_id = %(administration_id)s AND ended_at IS NULL AND locked_at IS NULL AND %(role)s = ANY(roles)
    AND account_id <> %(account_id)s

-- name: end_account
-- The first end counts. Sessions and links look at it, so nothing else needs to change.
UPDATE account SET ended_at = coalesce(ended_at, %(at)s)
WHERE administration_id = %(administration_id)s AND sign_in_name = %(sign_in_name)s
RETURNING ended_at

-- name: insert_page_session
INSERT INTO page_session (session_hash, administration_id, account_id, created_at, expires_at, used_at, awaits_second_factor)
VALUES (
    %(session_hash)s, %(administration_id)s, %(account_id)s, %(at)s, %(expires_at)s, %(at)s, %(awaits_second_factor)s
)

-- name: select_page_session
SELECT
    account.account_id, account.administration_id, account.sign_in_name, account.person, account.language, account.roles,
    page_session.used_at, page_session.expires_at, account.party_id, account.member_role,
    ARRAY(
        SELECT party_role.role FROM party_role
        WHERE party_role.party_id = account.party_id AND party_role.ended_at IS NULL
    ) AS party_roles
FROM page_session JOIN account USING (account_id) LEFT JOIN party ON party.party_id = account.party_id
WHERE
    page_session.session_hash = %(session_hash)s AND page_session.expires_at > %(at)s
    AND page_session.used_at > %(idle_since)s AND page_session.awaits_second_factor = %(awaits_second_factor)s
    AND page_session.administration_id = %(administration_id)s AND account.administration_id = %(administration_id)s
    AND page_session.ended_at IS NULL AND account.ended_at IS NULL AND account.locked_at IS NULL
    AND (account.party_id IS NULL OR party.ended_at IS NULL)

-- name: select_sessions_of_account
SELECT session_hash, created_at, used_at FROM page_session
WHERE account_id = %(account_id)s AND administration_id = %(administration_id)s AND ended_at IS NULL AND expires_at > %(at)s
    AND NOT awaits_second_factor
ORDER BY created_at DESC

-- name: end_other_sessions
UPDATE page_session SET ended_at = %(at)s
WHERE account_id = %(account_id)s AND administration_id = %(administration_id)s AND ended_at IS NULL AND expires_at > %(at)s
    AND session_hash <> %(session_hash)s

-- name: choose_account_language
-- Of the account behind an open session, by whoever is signed in.
UPDATE account SET language = %(language)s
WHERE account_id = %(account_id)s AND administration_id = %(administration_id)s AND ended_at IS NULL

-- name: use_page_session
-- Whoever was a moment quicker has said it already.
UPDATE page_session SET used_at = %(at)s WHERE session_hash = %(session_hash)s AND used_at < %(at)s

-- name: take_sign_in_try
-- One more than may be is refused, and its time stays that of the last one taken.
INSERT INTO sign_in_try (administration_id, subject_hash, tries_count, last_at)
VALUES (%(administration_id)s, %(subject_hash)s, 1, %(at)s)
ON CONFLICT (administration_id, subject_hash) DO UPDATE SET
    tries_count = CASE
        WHEN sign_in_try.last_at <= %(forgotten_before)s THEN 1 ELSE least(sign_in_try.tries_count, %(most)s) + 1
    END,
    last_at = CASE
        WHEN sign_in_try.last_at > %(forgotten_before)s AND sign_in_try.tries_count >= %(most)s
            THEN sign_in_try.last_at
        ELSE %(at)s
    END
RETURNING tries_count, last_at

-- name: forget_sign_in_tries
DELETE FROM sign_in_try
WHERE administration_id = %(administration_id)s
    AND (subject_hash = %(account_hash)s OR last_at <= %(forgotten_before)s)

-- name: forget_tries_of_account
DELETE FROM sign_in_try WHERE administration_id = %(administration_id)s AND subject_hash = %(account_hash)s

-- name: give_network_try_back
UPDATE sign_in_try SET tries_count = tries_count - 1
WHERE administration_id = %(administration_id)s AND subject_hash = %(network_hash)s AND tries_count > 0

-- name: end_page_session
UPDATE page_session SET ended_at = %(at)s WHERE session_hash = %(session_hash)s AND ended_at IS NULL

-- name: insert_one_use_link
INSERT INTO one_use_link (link_hash, administration_id, account_id, created_at, expires_at)
VALUES (%(link_hash)s, %(administration_id)s, %(account_id)s, %(at)s, %(expires_at)s)

-- name: use_one_use_link
-- The row lock lets one of two simultaneous uses win.
UPDATE one_use_link SET used_at = %(at)s
WHERE link_hash = %(link_hash)s AND administration_id = %(administration_id)s AND used_at IS NULL AND expires_at > %(at)s
RETURNING account_id, administration_id

-- name: select_actor_names
SELECT api_key.key_id, NULL::bigint AS account_id, party.party_id, party.name
FROM api_key JOIN party USING (party_id)
WHERE api_key.key_id = any(%(key_ids)s) AND api_key.administration_id = %(administration_id)s
UNION ALL
SELECT NULL, account.account_id, account.party_id, coalesce(party.name, account.sign_in_name)
FROM account LEFT JOIN party ON party.party_id = account.party_id
WHERE account.account_id = any(%(account_ids)s) AND account.administration_id = %(administration_id)s

-- name: insert_administering_act
INSERT INTO administering_act (act_id, administration_id, kind, actor, subject, detail, at)
VALUES (%(act_id)s, %(administration_id)s, %(kind)s, %(actor)s, %(subject)s, %(detail)s, %(at)s)

-- name: select_administering_acts
-- The newest first.
SELECT act_id, kind, actor, subject, detail, at, leaf_id, salt FROM administering_act
WHERE administration_id = %(administration_id)s AND act_id < %(before_id)s
ORDER BY act_id DESC LIMIT %(limit)s

-- name: select_administering_act
SELECT act_id, kind, actor, subject, detail, at, leaf_id, salt FROM administering_act
WHERE administration_id = %(administration_id)s AND act_id = %(act_id)s

-- name: select_unlogged_acts
-- One process at a time: what another holds is not waited for.
SELECT act_id, kind, actor, subject, detail, at, leaf_id, salt FROM administering_act
WHERE administration_id = %(administration_id)s AND leaf_id IS NULL
ORDER BY act_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED

-- name: note_logged_acts
UPDATE administering_act SET leaf_id = logged.leaf_id, salt = logged.salt
FROM unnest(%(act_ids)s::bigint[], %(leaf_ids)s::bigint[], %(salts)s::bytea[]) AS logged (act_id, leaf_id, salt)
WHERE administering_act.act_id = logged.act_id

-- piece: proposal_columns
proposal_id, kind, action, subject, detail, actor, person, proposed_at, expires_at, content_hash, state, decided_by, decided_at, reason

-- name: insert_proposal
INSERT INTO proposal (
    proposal_id, administration_id, kind, action, subject, detail, actor, person, proposed_at, expires_at, content_hash, content, state
)
VALUES (
    %(proposal_id)s, %(administration_id)s, %(kind)s, %(action)s, %(subject)s, %(detail)s, %(actor)s, %(person)s, %(proposed_at)s,
    %(expires_at)s, %(content_hash)s, %(content)s, %(state)s
)

-- name: select_proposal
SELECT
    -- here: proposal_columns
    , content
FROM proposal WHERE proposal_id = %(proposal_id)s AND administration_id = %(administration_id)s

-- name: lock_proposal
-- Whoever decides it at the same time waits, and finds it decided.
SELECT
    -- here: proposal_columns
    , content
FROM proposal WHERE proposal_id = %(proposal_id)s AND administration_id = %(administration_id)s FOR UPDATE

-- name: select_proposals
-- Without their content: it may be a file, and lists are long. without: acts that are left out.
SELECT
    -- here: proposal_columns
FROM proposal
WHERE administration_id = %(administration_id)s AND proposal_id < %(before_id)s AND action <> ALL(%(without)s::text[])
ORDER BY proposal_id DESC LIMIT %(limit)s

-- name: select_open_proposals
-- Of one act, with their content: few, and of those who may decide them.
SELECT
    -- here: proposal_columns
    , content
FROM proposal
WHERE administration_id = %(administration_id)s AND action = %(action)s AND state = 'open' AND expires_at > %(at)s
ORDER BY proposal_id LIMIT 1000

-- name: select_expired_proposals
SELECT
    -- here: proposal_columns
FROM proposal WHERE administration_id = %(administration_id)s AND state = 'open' AND expires_at <= %(at)s
ORDER BY proposal_id FOR UPDATE SKIP LOCKED

-- name: end_proposal
-- Once, and what was proposed goes.
UPDATE proposal SET state = %(state)s, decided_by = %(decided_by)s, decided_at = %(at)s, reason = %(reason)s, content = NULL
WHERE proposal_id = %(proposal_id)s AND administration_id = %(administration_id)s AND state = 'open'

-- name: count_persons
SELECT count(DISTINCT person)::integer AS count FROM account
WHERE administration_id = %(administration_id)s AND ended_at IS NULL AND roles && %(roles)s::text[]

-- name: select_entitled_actor
-- The account or key, with a role that may, and still of the same person.
SELECT 1 AS count FROM account
WHERE account_id = %(account_id)s AND administration_id = %(administration_id)s AND ended_at IS NULL AND person = %(person)s
    AND (
        roles && %(roles)s::text[] OR (%(is_of_party)s AND party_id IS NOT NULL)
        OR ('agency' = ANY(%(roles)s::text[]) AND member_role IN ('manager', 'member') AND EXISTS (
            SELECT FROM party_role JOIN party USING (party_id)
            WHERE party_role.party_id = account.party_id AND party.ended_at IS NULL
                AND party_role.ended_at IS NULL AND role = 'agency'
        ))
    )
UNION ALL
SELECT 1 FROM api_key
WHERE key_id = %(key_id)s AND administration_id = %(administration_id)s AND person = %(person)s AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > %(at)s)
    AND EXISTS (
        SELECT FROM party_role JOIN party USING (party_id)
        WHERE party_role.party_id = api_key.party_id AND party.ended_at IS NULL AND party_role.ended_at IS NULL
            AND role = ANY(%(roles)s::text[])
    )

-- name: delete_ended_sessions
DELETE FROM page_session
WHERE administration_id = %(administration_id)s AND (expires_at <= %(before)s OR ended_at <= %(before)s)

-- name: delete_ended_links
DELETE FROM one_use_link
WHERE administration_id = %(administration_id)s AND (expires_at <= %(before)s OR used_at <= %(before)s)

-- name: delete_ended_mailed_links
-- An address to which nobody has answered is not kept.
DELETE FROM mailed_link
WHERE administration_id = %(administration_id)s AND (expires_at <= %(at)s OR used_at <= %(before)s)

-- name: delete_ended_challenges
DELETE FROM passkey_challenge WHERE administration_id = %(administration_id)s AND expires_at <= %(at)s

-- name: delete_ended_oidc_attempts
DELETE FROM oidc_attempt WHERE administration_id = %(administration_id)s AND expires_at <= %(at)s

-- name: delete_ended_kept_forms
DELETE FROM kept_form WHERE administration_id = %(administration_id)s AND expires_at <= %(at)s

-- name: delete_old_sign_in_tries
DELETE FROM sign_in_try WHERE administration_id = %(administration_id)s AND last_at <= %(before)s

-- name: forget_ended_keys
-- The row stays: acts and readings name the key by its number.
UPDATE api_key SET key_hash = ''
WHERE administration_id = %(administration_id)s AND key_hash <> '' AND (expires_at <= %(before)s OR revoked_at <= %(before)s)

-- Persons of parties, and links that are sent to an address.

-- name: insert_mailed_link
INSERT INTO mailed_link (link_id, administration_id, link_hash, kind, party_id, account_id, sealed, created_at, expires_at)
VALUES (
    %(link_id)s, %(administration_id)s, %(link_hash)s, %(kind)s, %(party_id)s, %(account_id)s, %(sealed)s, %(at)s, %(expires_at)s
)

-- piece: link_columns
link_id, kind, party_id, account_id, sealed, created_at, expires_at

-- name: select_mailed_link
-- To look at it does not use it up.
SELECT
    -- here: link_columns
FROM mailed_link
WHERE link_hash = %(link_hash)s AND administration_id = %(administration_id)s AND used_at IS NULL AND expires_at > %(at)s

-- name: lock_mailed_link
-- Of two who use it at once the second finds it used.
SELECT
    -- here: link_columns
FROM mailed_link
WHERE link_hash = %(link_hash)s AND administration_id = %(administration_id)s AND used_at IS NULL AND expires_at > %(at)s
FOR UPDATE

-- name: use_mailed_link
-- What was sealed goes with the use: the address is the account's from then on.
UPDATE mailed_link SET used_at = %(at)s, sealed = NULL WHERE link_id = %(link_id)s AND used_at IS NULL

-- name: end_invitation
UPDATE mailed_link SET used_at = %(at)s, sealed = NULL
WHERE link_id = %(link_id)s AND administration_id = %(administration_id)s AND party_id = %(party_id)s AND used_at IS NULL

-- name: end_password_links
-- One new password ends the other links to one.
UPDATE mailed_link SET used_at = %(at)s, sealed = NULL
WHERE account_id = %(account_id)s AND administration_id = %(administration_id)s AND kind = 'password' AND used_at IS NULL

-- name: select_invitations
SELECT
    -- here: link_columns
FROM mailed_link
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s AND kind = 'invitation' AND used_at IS NULL
    AND expires_at > %(at)s
ORDER BY link_id

-- name: insert_member
-- Nothing happens when the address has an account; the caller sees that no row came back.
INSERT INTO account (account_id, administration_id, sign_in_name, person, password_hash, roles, created_at, party_id, member_role, language)
VALUES (
    %(account_id)s, %(administration_id)s, %(sign_in_name)s, %(sign_in_name)s, %(password_hash)s, '{}', %(at)s, %(party_id)s,
    %(member_role)s, %(language)s
)
ON CONFLICT (administration_id, sign_in_name) DO NOTHING

-- name: set_country
UPDATE party SET country_code = %(country_code)s WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s

-- name: lock_party
-- Whoever changes its people beside waits: so one manager stays.
SELECT 1 AS count FROM party
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s AND ended_at IS NULL FOR UPDATE

-- name: select_members
SELECT account_id, sign_in_name, member_role, created_at FROM account
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s AND ended_at IS NULL
ORDER BY account_id

-- name: change_member_role
UPDATE account SET member_role = %(member_role)s
WHERE account_id = %(account_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s AND ended_at IS NULL

-- name: end_member
UPDATE account SET ended_at = %(at)s
WHERE account_id = %(account_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s AND ended_at IS NULL

-- name: select_organisation
SELECT
    party.party_id, party.name, party.country_code,
    ARRAY(
        SELECT party_role.role FROM party_role
        WHERE party_role.party_id = party.party_id AND party_role.ended_at IS NULL ORDER BY party_role.role
    ) AS roles,
    EXISTS (
        SELECT FROM proposal
        WHERE proposal.administration_id = %(administration_id)s AND proposal.state = 'open' AND proposal.subject = %(subject)s
            AND proposal.kind = 'parties' AND proposal.expires_at > %(at)s
    ) AS waits
FROM party
WHERE party.party_id = %(party_id)s AND party.administration_id = %(administration_id)s AND party.ended_at IS NULL

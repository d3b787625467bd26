-- Mandates, and which of them count when something is sent or done in another's name.

-- piece: mandate_columns
mandate_id, grantor_id, grantee_id, grantor.name, grantee.name, mandate.reference, document_kinds, acts, accounts, has_custody,
representation_code, valid_from, valid_to, granted_at, revoked_at

-- piece: mandate_with_parties
mandate JOIN party AS grantor ON grantor.party_id = grantor_id JOIN party AS grantee ON grantee.party_id = grantee_id

-- name: insert_mandate
-- Nothing happens when the grantor used the reference before; the caller sees that no row came back.
INSERT INTO mandate (mandate_id, administration_id, grantor_id, grantee_id, reference, document_kinds, acts, accounts, has_custody,
    representation_code, valid_from, valid_to, granted_at)
VALUES (%(mandate_id)s, %(administration_id)s, %(grantor_id)s, %(grantee_id)s, %(reference)s, %(document_kinds)s, %(acts)s,
    %(accounts)s, %(has_custody)s, %(representation_code)s, %(valid_from)s, %(valid_to)s, %(granted_at)s)
ON CONFLICT (administration_id, grantor_id, reference) DO NOTHING

-- name: select_by_reference
SELECT
    -- here: mandate_columns
FROM
    -- here: mandate_with_parties
WHERE mandate.administration_id = %(administration_id)s AND grantor_id = %(grantor_id)s AND mandate.reference = %(reference)s COLLATE "C"

-- name: select_mandate
-- For either of its two parties: another's is looked up as one that does not exist is.
SELECT
    -- here: mandate_columns
FROM
    -- here: mandate_with_parties
WHERE mandate.administration_id = %(administration_id)s AND mandate_id = %(mandate_id)s
    AND %(party_id)s IN (grantor_id, grantee_id)

-- name: select_mandates
-- Those a party has granted or was granted, in the order they were.
SELECT
    -- here: mandate_columns
FROM
    -- here: mandate_with_parties
WHERE mandate.administration_id = %(administration_id)s AND %(party_id)s IN (grantor_id, grantee_id) AND mandate_id > %(after_id)s
ORDER BY mandate_id LIMIT %(limit)s

-- name: revoke_mandate
-- The first revocation counts.
UPDATE mandate SET revoked_at = coalesce(revoked_at, %(at)s)
WHERE mandate_id = %(mandate_id)s AND administration_id = %(administration_id)s AND grantor_id = %(grantor_id)s

-- name: select_party_of_identifier
SELECT party_id FROM party_identifier JOIN party USING (party_id)
WHERE party_identifier.administration_id = %(administration_id)s AND identifier = %(identifier)s COLLATE "C" AND ended_at IS NULL

-- piece: in_force
administration_id = %(administration_id)s AND valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s)
AND (revoked_at IS NULL OR revoked_at > %(at)s)

-- name: select_covered
-- What parties may send or do in others' names at an instant.
SELECT grantor_id, grantee_id, unnest(document_kinds || acts) FROM mandate
WHERE grantee_id = ANY(%(grantee_ids)s::bigint[]) AND
    -- here: in_force

-- name: select_of_parties
-- What parties may send or do in others' names, and others in theirs, at an instant.
SELECT grantor_id, grantee_id, unnest(document_kinds || acts) FROM mandate
WHERE (grantee_id = ANY(%(party_ids)s::bigint[]) OR grantor_id = ANY(%(party_ids)s::bigint[])) AND
    -- here: in_force

-- name: select_payment_mandates
-- For whom of these a party may say what was paid at an instant, and over which of their accounts.
SELECT grantor_id, accounts FROM mandate
WHERE grantee_id = %(grantee_id)s AND grantor_id = ANY(%(grantor_ids)s::bigint[]) AND 'payment-record' = ANY(acts) AND
    -- here: in_force
ORDER BY mandate_id

-- name: select_representatives
-- Who may declare in the names of parties at an instant; a party that has appointed nobody is left out.
SELECT grantor_id, grantee_id FROM mandate
WHERE grantor_id = ANY(%(grantor_ids)s::bigint[]) AND 'declaration' = ANY(document_kinds) AND
    -- here: in_force

-- name: select_custody
-- Who may hold goods for parties, and when; revoked and ended ones, too, as what was held by them was.
SELECT grantor_id, grantee_id, valid_from, least(valid_to, revoked_at) FROM mandate
WHERE administration_id = %(administration_id)s AND grantor_id = ANY(%(grantor_ids)s::bigint[]) AND has_custody
ORDER BY mandate_id

-- name: select_parties_of_identifiers
SELECT identifier, party_id FROM party_identifier JOIN party USING (party_id)
WHERE party_identifier.administration_id = %(administration_id)s AND identifier = ANY(%(identifiers)s::text[]) AND ended_at IS NULL

-- name: select_unreached
-- Mandates that count now, and whose grantees' waiting documents were not looked at since they began to.
SELECT mandate_id, grantor_id, grantee_id, document_kinds FROM mandate
WHERE NOT is_reached AND
    -- here: in_force
ORDER BY mandate_id

-- name: note_reached
UPDATE mandate SET is_reached = true WHERE mandate_id = %(mandate_id)s

-- Tables guarantee and guarantee_reservation: written by this room alone.

-- name: insert_guarantee
INSERT INTO guarantee (guarantee_id, party_id, reference_amount_minor, registered_at, valid_from, valid_to, administration_id, number, kind,
    currency_code, guarantor)
VALUES (%(guarantee_id)s, %(party_id)s, %(reference_amount_minor)s, %(registered_at)s, %(valid_from)s, %(valid_to)s, %(administration_id)s,
    %(number)s, %(kind)s, %(currency_code)s, %(guarantor)s)
ON CONFLICT (administration_id, number) DO NOTHING

-- piece: guarantee_columns
guarantee_id, party_id, number, kind, guarantor, currency_code, reference_amount_minor, valid_from, valid_to, registered_at, revoked_at,
(SELECT coalesce(sum(amount_minor), 0)::bigint FROM guarantee_reservation WHERE guarantee_reservation.guarantee_id = guarantee.guarantee_id)

-- name: select_guarantee
-- Of one party, or of any: another's is looked for as one that does not exist is.
SELECT
    -- here: guarantee_columns
FROM guarantee
WHERE administration_id = %(administration_id)s AND number = %(number)s COLLATE "C"
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)

-- name: lock_guarantee
SELECT guarantee_id FROM guarantee WHERE administration_id = %(administration_id)s AND number = %(number)s COLLATE "C" FOR UPDATE

-- name: select_guarantees
-- Of one party, or of all, in the order in which they were registered.
SELECT
    -- here: guarantee_columns
FROM guarantee
WHERE administration_id = %(administration_id)s AND guarantee_id > %(after_id)s AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
ORDER BY guarantee_id LIMIT %(limit)s

-- name: revoke_guarantee
-- The first revocation counts.
UPDATE guarantee SET revoked_at = coalesce(revoked_at, %(at)s)
WHERE administration_id = %(administration_id)s AND number = %(number)s COLLATE "C"

-- name: insert_reservation
INSERT INTO guarantee_reservation (reservation_id, guarantee_id, act_id, amount_minor, reserved_at, administration_id)
VALUES (%(reservation_id)s, %(guarantee_id)s, %(act_id)s, %(amount_minor)s, %(at)s, %(administration_id)s)

-- name: release_reservations
-- What was taken for an act is given back, whole; nothing where it was before.
INSERT INTO guarantee_reservation (reservation_id, guarantee_id, act_id, amount_minor, reserved_at, administration_id)
SELECT %(reservation_id)s, guarantee_id, act_id, -sum(amount_minor), %(at)s, administration_id FROM guarantee_reservation
WHERE act_id = %(act_id)s AND administration_id = %(administration_id)s
GROUP BY guarantee_id, act_id, administration_id HAVING sum(amount_minor) <> 0

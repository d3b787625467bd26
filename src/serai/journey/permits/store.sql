-- Tables agency_remit, agency_key, permit and permit_draw: written by this room alone.

-- name: insert_remit
-- One agency a rule: another's stands in its way.
INSERT INTO agency_remit (remit_id, party_id, registered_at, administration_id, rule_id)
VALUES (%(remit_id)s, %(party_id)s, %(at)s, %(administration_id)s, %(rule_id)s)
ON CONFLICT (administration_id, rule_id) WHERE ended_at IS NULL DO NOTHING

-- name: end_remit
UPDATE agency_remit SET ended_at = %(at)s
WHERE administration_id = %(administration_id)s AND rule_id = %(rule_id)s COLLATE "C" AND ended_at IS NULL

-- name: select_remits
SELECT rule_id, agency_remit.party_id, party.name, agency_remit.registered_at
FROM agency_remit JOIN party ON party.party_id = agency_remit.party_id
WHERE agency_remit.administration_id = %(administration_id)s AND agency_remit.ended_at IS NULL
    AND (%(party_id)s::bigint IS NULL OR agency_remit.party_id = %(party_id)s)
ORDER BY rule_id

-- name: insert_key
INSERT INTO agency_key (key_id, party_id, registered_at, valid_from, valid_to, administration_id, certificate_valid_days, kid,
    public_key)
VALUES (%(key_id)s, %(party_id)s, %(registered_at)s, %(valid_from)s, %(valid_to)s, %(administration_id)s, %(certificate_valid_days)s,
    %(kid)s, %(public_key)s)
ON CONFLICT (administration_id, kid) DO NOTHING

-- name: select_key
SELECT key_id, party_id, kid, public_key, valid_from, valid_to, registered_at, revoked_at, certificate_valid_days
FROM agency_key
WHERE administration_id = %(administration_id)s AND kid = %(kid)s COLLATE "C"

-- name: select_keys
SELECT key_id, party_id, kid, public_key, valid_from, valid_to, registered_at, revoked_at, certificate_valid_days
FROM agency_key
WHERE administration_id = %(administration_id)s AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
ORDER BY key_id

-- name: revoke_key
-- The first revocation counts.
UPDATE agency_key SET revoked_at = coalesce(revoked_at, %(at)s)
WHERE administration_id = %(administration_id)s AND kid = %(kid)s COLLATE "C"

-- piece: permit_columns
permit_id, party_id, number, type_code, source, holder_kind, holder_party_id, holder_hash, quantity_micro, quantity_unit_code, value_minor,
currency_code, drawn_quantity_micro, drawn_value_minor, commodity_codes, goods_kind_codes, territory_codes, valid_from, valid_to, registered_at,
revoked_at, content_hash

-- name: insert_permit
INSERT INTO permit (permit_id, party_id, holder_party_id, quantity_micro, value_minor, registered_at, valid_from, valid_to, administration_id,
    number, type_code, source, holder_kind, quantity_unit_code, currency_code, holder_hash, content_hash, commodity_codes, goods_kind_codes,
    territory_codes)
VALUES (%(permit_id)s, %(party_id)s, %(holder_party_id)s, %(quantity_micro)s, %(value_minor)s, %(registered_at)s, %(valid_from)s,
    %(valid_to)s, %(administration_id)s, %(number)s, %(type_code)s, %(source)s, %(holder_kind)s, %(quantity_unit_code)s, %(currency_code)s,
    %(holder_hash)s, %(content_hash)s, %(commodity_codes)s, %(goods_kind_codes)s, %(territory_codes)s)
ON CONFLICT (administration_id, party_id, number) DO NOTHING

-- name: select_permit
SELECT
    -- here: permit_columns
FROM permit WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND number = %(number)s COLLATE "C"

-- name: select_permits
-- An agency's own, or those that a party holds; of nobody in particular: all. In the order in which they were registered.
SELECT
    -- here: permit_columns
FROM permit
WHERE administration_id = %(administration_id)s AND permit_id > %(after_id)s
    AND (%(agency_id)s::bigint IS NULL OR party_id = %(agency_id)s)
    AND (%(holder_id)s::bigint IS NULL OR holder_party_id = %(holder_id)s)
ORDER BY permit_id LIMIT %(limit)s

-- name: revoke_permit
-- The first revocation counts.
UPDATE permit SET revoked_at = coalesce(revoked_at, %(at)s)
WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND number = %(number)s COLLATE "C"

-- name: lock_permits
-- In one order everywhere; whoever waited reads what the other has written off.
SELECT
    -- here: permit_columns
FROM permit
WHERE administration_id = %(administration_id)s AND (number = ANY(%(numbers)s::text[]) OR permit_id = ANY(%(permit_ids)s::bigint[]))
ORDER BY permit_id FOR NO KEY UPDATE

-- name: select_drawn
-- What stands written off for goods items, and what returns gave back of that.
SELECT consignment_id, sequence_number, permit_id, coalesce(sum(quantity_micro) FILTER (WHERE NOT is_return), 0)::bigint,
    coalesce(sum(value_minor) FILTER (WHERE NOT is_return), 0)::bigint,
    coalesce(-sum(quantity_micro) FILTER (WHERE is_return), 0)::bigint, coalesce(-sum(value_minor) FILTER (WHERE is_return), 0)::bigint
FROM permit_draw
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s
GROUP BY consignment_id, sequence_number, permit_id
ORDER BY consignment_id, sequence_number, permit_id

-- name: select_draws_of_permit
SELECT draw_id, consignment_id, sequence_number, quantity_micro, value_minor, is_return, drawn_at FROM permit_draw
WHERE permit_id = %(permit_id)s AND administration_id = %(administration_id)s AND draw_id > %(after_id)s
ORDER BY draw_id LIMIT %(limit)s

-- name: insert_draws
INSERT INTO permit_draw (draw_id, permit_id, consignment_id, caused_by_id, quantity_micro, value_minor, drawn_at, sequence_number,
    administration_id, is_return)
SELECT draw_id, permit_id, consignment_id, caused_by_id, quantity_micro, value_minor, %(at)s, sequence_number, %(administration_id)s,
    %(is_return)s
FROM unnest(%(draw_ids)s::bigint[], %(permit_ids)s::bigint[], %(consignment_ids)s::bigint[], %(caused_by_ids)s::bigint[],
    %(quantities_micro)s::bigint[], %(values_minor)s::bigint[], %(sequence_numbers)s::smallint[])
    AS drawn (draw_id, permit_id, consignment_id, caused_by_id, quantity_micro, value_minor, sequence_number)

-- name: add_to_permits
-- All are held. The table's checks stand behind what was worked out: never more than the permit says, never less than nothing.
UPDATE permit SET drawn_quantity_micro = drawn_quantity_micro + added.quantity_micro,
    drawn_value_minor = drawn_value_minor + added.value_minor
FROM (
    SELECT permit_id, sum(quantity_micro)::bigint AS quantity_micro, sum(value_minor)::bigint AS value_minor
    FROM unnest(%(permit_ids)s::bigint[], %(quantities_micro)s::bigint[], %(values_minor)s::bigint[])
        AS drawn (permit_id, quantity_micro, value_minor)
    GROUP BY permit_id
) AS added
WHERE permit.permit_id = added.permit_id AND permit.administration_id = %(administration_id)s

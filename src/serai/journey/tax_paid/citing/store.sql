-- Tables tax_paid_use and scheme_citation: written by this room alone.

-- name: claim_uses
-- Whoever is first has the token; others wait until that is known. In the order of the keys, so that no two wait for each other.
INSERT INTO tax_paid_use (administration_id, use_key, consignment_id, used_at, token)
SELECT %(administration_id)s, use_key, consignment_id, %(at)s, token
FROM unnest(%(use_keys)s::bytea[], %(consignment_ids)s::bigint[], %(tokens)s::text[]) AS claimed (use_key, consignment_id, token)
ORDER BY use_key
ON CONFLICT (administration_id, use_key) DO NOTHING
RETURNING use_key, consignment_id

-- name: take_over
-- Of a declaration that was invalidated: its goods were never released against it.
UPDATE tax_paid_use SET consignment_id = claimed.consignment_id, used_at = %(at)s, token = claimed.token
FROM unnest(%(use_keys)s::bytea[], %(consignment_ids)s::bigint[], %(tokens)s::text[]) AS claimed (use_key, consignment_id, token)
WHERE administration_id = %(administration_id)s AND tax_paid_use.use_key = claimed.use_key
    AND EXISTS (SELECT FROM consignment WHERE consignment.consignment_id = tax_paid_use.consignment_id AND status = %(withdrawn)s)

-- name: select_owners
SELECT use_key, consignment_id FROM tax_paid_use
WHERE administration_id = %(administration_id)s AND use_key = ANY(%(use_keys)s)

-- name: select_uses
SELECT consignment_id, token FROM tax_paid_use
WHERE administration_id = %(administration_id)s AND consignment_id = ANY(%(consignment_ids)s)

-- name: write_citations
-- The newest version of a declaration counts.
INSERT INTO scheme_citation (administration_id, consignment_id, scheme_id, party_id, cited_at, outcome, reason)
SELECT %(administration_id)s, consignment_id, scheme_id, party_id, %(at)s, outcome, reason
FROM unnest(%(consignment_ids)s::bigint[], %(scheme_ids)s::bigint[], %(party_ids)s::bigint[], %(outcomes)s::text[], %(reasons)s::text[])
    AS cited (consignment_id, scheme_id, party_id, outcome, reason)
ON CONFLICT (consignment_id) DO UPDATE
SET scheme_id = excluded.scheme_id, outcome = excluded.outcome, reason = excluded.reason

-- name: select_citation
SELECT scheme_citation.scheme_id, tax_paid_scheme.party_id, outcome
FROM scheme_citation JOIN tax_paid_scheme USING (scheme_id)
WHERE scheme_citation.administration_id = %(administration_id)s AND consignment_id = %(consignment_id)s

-- name: select_days
-- Citations of a number by day (UTC) and by what came of them; the newest day first.
SELECT (cited_at AT TIME ZONE 'UTC')::date, outcome, count(*)
FROM scheme_citation
WHERE scheme_id = %(scheme_id)s AND administration_id = %(administration_id)s AND cited_at >= %(from_at)s AND cited_at < %(until_at)s
GROUP BY 1, 2 ORDER BY 1 DESC, 2

-- name: select_refusals
-- Why, of those that were refused, or had no token where one was asked for.
SELECT reason, count(*)
FROM scheme_citation
WHERE scheme_id = %(scheme_id)s AND administration_id = %(administration_id)s AND outcome = 'refused'
    AND cited_at >= %(from_at)s AND cited_at < %(until_at)s
GROUP BY reason ORDER BY reason

-- name: hold_tallies
-- Reads, opens and locks at once, in one order everywhere; whoever waited reads what the other left.
INSERT INTO tally (administration_id, tally, holder, period_on, amount)
SELECT %(administration_id)s, wanted.tally, wanted.holder, wanted.period_on, 0
FROM unnest(%(tallies)s::text[], %(holders)s::bytea[], %(periods)s::date[]) AS wanted (tally, holder, period_on)
ORDER BY wanted.tally COLLATE "C", wanted.holder, wanted.period_on
ON CONFLICT (administration_id, tally, holder, period_on) DO UPDATE SET amount = tally.amount
RETURNING tally, holder, period_on, amount

-- name: add_to_tallies
UPDATE tally SET amount = tally.amount + added.amount
FROM unnest(%(tallies)s::text[], %(holders)s::bytea[], %(periods)s::date[], %(amounts)s::bigint[])
    AS added (tally, holder, period_on, amount)
WHERE tally.administration_id = %(administration_id)s AND tally.tally = added.tally AND tally.holder = added.holder
    AND tally.period_on = added.period_on

-- name: select_draws
-- The consignment's id picks the partition and the index; the decision's picks the version.
SELECT draw.consignment_id, draw.decision_id, word, tally, holder, period_on, before_amount, drawn_amount
FROM unnest(%(consignment_ids)s::bigint[], %(decision_ids)s::bigint[]) AS wanted (consignment_id, decision_id)
CROSS JOIN LATERAL (
    SELECT * FROM tally_draw AS its WHERE its.consignment_id = wanted.consignment_id AND its.decision_id = wanted.decision_id OFFSET 0
) AS draw
WHERE administration_id = %(administration_id)s AND NOT is_reversal

-- name: select_counted
SELECT DISTINCT draw.consignment_id
FROM unnest(%(tallies)s::text[], %(holders)s::bytea[], %(periods)s::date[]) AS wanted (tally, holder, period_on)
JOIN tally_draw AS draw ON draw.holder = wanted.holder AND draw.tally = wanted.tally AND draw.period_on = wanted.period_on
WHERE draw.administration_id = %(administration_id)s
ORDER BY draw.consignment_id

-- name: hold_cumulative_allowances
-- Reads and locks what is there, opens what is not, each in one order everywhere; whoever waited reads what the other left. A row that is
-- only locked stays as it is: most are there, and what is added is written once, at the end.
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest(%(key_hashes)s::bigint[], %(check_hashes)s::bigint[]) AS wanted (key_hash, check_hash)
), held AS MATERIALIZED (
    SELECT sorted.*, found.amount
    FROM (SELECT * FROM wanted ORDER BY key_hash, check_hash) AS sorted
    -- By the whole key for each: a join would read every allowance there is, as long as the table has no statistics.
    CROSS JOIN LATERAL (
        SELECT amount FROM cumulative_allowance AS its
        WHERE its.key_hash = sorted.key_hash AND its.check_hash = sorted.check_hash OFFSET 0 FOR NO KEY UPDATE
    ) AS found
), opened AS (
    INSERT INTO cumulative_allowance (key_hash, check_hash, amount, administration_id)
    SELECT wanted.key_hash, wanted.check_hash, 0, %(administration_id)s FROM wanted
    WHERE NOT EXISTS (
        SELECT FROM held WHERE held.key_hash = wanted.key_hash AND held.check_hash = wanted.check_hash)
    ORDER BY wanted.key_hash, wanted.check_hash
    ON CONFLICT (key_hash, check_hash) DO UPDATE SET amount = cumulative_allowance.amount
    RETURNING key_hash, check_hash, amount
)
SELECT * FROM held UNION ALL SELECT * FROM opened

-- name: add_to_cumulative_allowances
-- All are there, held: so each is met by its whole key. A join would read every allowance there is, as long as the table has no
-- statistics.
INSERT INTO cumulative_allowance (key_hash, check_hash, amount, administration_id)
SELECT added.*, %(administration_id)s
FROM unnest(%(key_hashes)s::bigint[], %(check_hashes)s::bigint[], %(amounts)s::bigint[]) AS added
ON CONFLICT (key_hash, check_hash) DO UPDATE SET amount = cumulative_allowance.amount + EXCLUDED.amount

-- name: select_draws
-- The consignment's id picks the partition and the index; the decision's picks the version. What an arrival alone decided has drawn what the
-- decision before it drew.
SELECT draw.consignment_id, draw.decision_id, word, cumulative_allowance, holder, period_on, before_amount, drawn_amount
FROM unnest(%(consignment_ids)s::bigint[], %(decision_ids)s::bigint[]) AS wanted (consignment_id, decision_id)
CROSS JOIN LATERAL (
    SELECT * FROM cumulative_allowance_draw AS its WHERE its.consignment_id = wanted.consignment_id AND its.decision_id = coalesce(
        (SELECT declared.decision_id FROM landing JOIN declared_consignment AS declared USING (consignment_id)
        WHERE landing.consignment_id = wanted.consignment_id AND landing.decision_id = wanted.decision_id), wanted.decision_id) OFFSET 0
) AS draw
WHERE administration_id = %(administration_id)s AND NOT is_reversal

-- name: select_counted
SELECT DISTINCT draw.consignment_id
FROM unnest(%(cumulative_allowances)s::text[], %(holders)s::bytea[], %(periods)s::date[]) AS wanted (cumulative_allowance, holder, period_on)
JOIN cumulative_allowance_draw AS draw ON draw.holder = wanted.holder AND draw.cumulative_allowance = wanted.cumulative_allowance AND draw.period_on = wanted.period_on
WHERE draw.administration_id = %(administration_id)s
ORDER BY draw.consignment_id

-- name: select_drawn_in_all
-- What the decision that stands has drawn, and what returns have given back of it: these are reversals of no decision that has drawn.
SELECT word, cumulative_allowance, holder, period_on, sum(drawn_amount) FILTER (WHERE NOT is_return)::bigint,
    coalesce(-sum(drawn_amount) FILTER (WHERE is_return), 0)::bigint
FROM (
    SELECT its.*, is_reversal AND EXISTS (SELECT FROM document WHERE document.document_id = its.decision_id) AS is_return
    FROM cumulative_allowance_draw AS its
    WHERE consignment_id = %(consignment_id)s AND administration_id = %(administration_id)s
) AS draw
GROUP BY word, cumulative_allowance, holder, period_on

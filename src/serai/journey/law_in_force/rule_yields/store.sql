-- Table law_rule_yield: written by this room alone.

-- name: count_kept
-- Of each set of reasons: goods that it kept since an instant (by the first decision that did), how many go on now, what examinations of them
-- found, false holds (nothing was found, or an officer let them go without looking), and how long all were kept.
-- first_id: the lowest id of that instant, so that older partitions are not read.
WITH kept AS MATERIALIZED (
    SELECT DISTINCT ON (consignment_id) consignment_id, case_id, basis_id, reasons, decided_at FROM decision
    WHERE administration_id = %(administration_id)s AND lane > 0 AND decided_at >= %(from_at)s
        AND consignment_id >= %(first_id)s AND decision_id >= %(first_id)s
    ORDER BY consignment_id, decision_id
), told AS (
    SELECT kept.*, examined.result_code, freed.released_at, stands.lane = 0 AS goes_on,
        CASE WHEN stands.lane = 0 THEN least(stands.changed_at, coalesce(freed.released_at, stands.changed_at))
            ELSE coalesce(freed.released_at, %(at)s) END AS until_at
    FROM kept JOIN consignment AS stands USING (consignment_id)
    LEFT JOIN LATERAL (
        SELECT parameters ->> 'result_code' AS result_code FROM act
        WHERE act.case_id = kept.case_id AND act.subject_id = kept.consignment_id AND act.kind = 'examination-recorded'
            AND act.administration_id = %(administration_id)s
        ORDER BY act.act_id DESC LIMIT 1
    ) AS examined ON TRUE
    LEFT JOIN LATERAL (
        SELECT min(act.at) AS released_at FROM act
        WHERE act.case_id = kept.case_id AND act.subject_id = kept.consignment_id AND act.kind = 'release'
            AND act.administration_id = %(administration_id)s AND act.at >= kept.decided_at
    ) AS freed ON TRUE
)
SELECT basis_id, reasons, count(*)::bigint, count(*) FILTER (WHERE goes_on)::bigint, count(result_code)::bigint,
    count(*) FILTER (WHERE result_code <> 'conforms')::bigint,
    count(*) FILTER (WHERE result_code = 'conforms' OR (result_code IS NULL AND released_at IS NOT NULL))::bigint,
    coalesce(sum(greatest(extract(epoch FROM until_at - decided_at), 0)), 0)::bigint, max(decided_at)
FROM told GROUP BY basis_id, reasons

-- name: write_yields
-- A rule that kept nothing has a line, too. last_hit_at stays where nothing newer is known.
INSERT INTO law_rule_yield AS known (administration_id, rule_id, counted_from, counted_at, first_counted_at, last_hit_at, kept_count,
    going_on_count, examined_count, found_count, false_holds_count, delay_s)
SELECT %(administration_id)s, rule_id, %(from_at)s, %(at)s, %(at)s, last_hit_at, kept_count, going_on_count, examined_count, found_count,
    false_holds_count, delay_s
FROM unnest(%(rule_ids)s::text[], %(last_hits_at)s::timestamptz[], %(kept_counts)s::bigint[], %(going_on_counts)s::bigint[],
    %(examined_counts)s::bigint[], %(found_counts)s::bigint[], %(false_holds_counts)s::bigint[], %(delays_s)s::bigint[])
    AS counted (rule_id, last_hit_at, kept_count, going_on_count, examined_count, found_count, false_holds_count, delay_s)
ON CONFLICT (administration_id, rule_id) DO UPDATE SET counted_from = excluded.counted_from, counted_at = excluded.counted_at,
    last_hit_at = greatest(known.last_hit_at, excluded.last_hit_at), kept_count = excluded.kept_count,
    going_on_count = excluded.going_on_count, examined_count = excluded.examined_count, found_count = excluded.found_count,
    false_holds_count = excluded.false_holds_count, delay_s = excluded.delay_s

-- name: take_turn
-- One process of an administration counts, and not more often than each so many seconds.
SELECT pg_try_advisory_xact_lock(hashtextextended('law_rule_yield', %(administration_id)s))
    AND NOT EXISTS (SELECT FROM law_rule_yield WHERE administration_id = %(administration_id)s AND counted_at > %(before)s)

-- name: select_yields
SELECT rule_id, counted_from, counted_at, first_counted_at, last_hit_at, kept_count, going_on_count, examined_count, found_count,
    false_holds_count, delay_s
FROM law_rule_yield WHERE administration_id = %(administration_id)s AND counted_at > %(at)s::timestamptz - interval '2 days'
ORDER BY kept_count DESC, rule_id

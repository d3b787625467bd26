-- name: insert_rule_version
INSERT INTO risk_rule_version (version_id, administration_id, generation_id, rule_id, rule, at)
VALUES (%(version_id)s, %(administration_id)s, %(generation_id)s, %(rule_id)s, %(rule)s::jsonb, %(at)s)

-- name: select_rule_versions
SELECT rule_id, rule, at, generation_id FROM risk_rule_version WHERE administration_id = %(administration_id)s
ORDER BY rule_id, version_id

-- name: select_rules_changed_at
SELECT max(at) FROM risk_rule_version WHERE administration_id = %(administration_id)s

-- name: insert_batch
INSERT INTO risk_batch (batch_id, administration_id, decided_at, day_on, seen_count, targeted_count, random_count, candidates_count, seen, hits,
    score_key, score_counts)
VALUES (%(batch_id)s, %(administration_id)s, %(at)s, %(day_on)s, %(seen_count)s, %(targeted_count)s, %(random_count)s, %(candidates_count)s,
    %(seen)s::jsonb, %(hits)s::jsonb, %(score_key)s::bigint, %(score_counts)s::integer[])

-- name: select_batches_to_merge
-- Batches of the same minute, or hour where it is over since a while, the first of them beside each. Apart: those of other groups of scores,
-- and those decided before rules changed last.
WITH placed AS (
    SELECT batch_id, day_on, score_key, decided_at >= %(changed_at)s::timestamptz AS is_after,
        date_trunc(CASE WHEN decided_at < %(hours_before)s THEN 'hour' ELSE 'minute' END, decided_at, 'UTC') AS begun_at
    FROM risk_batch WHERE administration_id = %(administration_id)s AND day_on >= %(from_on)s AND decided_at < %(before)s
), together AS (
    SELECT batch_id, min(batch_id) OVER same AS first_id, count(*) OVER same AS batches_count
    FROM placed WINDOW same AS (PARTITION BY day_on, score_key, is_after, begun_at)
)
SELECT first_id, batch_id FROM together WHERE batches_count > 1 ORDER BY first_id, batch_id LIMIT %(limit)s

-- name: take_batches
-- Takes batches out that nobody else takes out at the moment.
DELETE FROM risk_batch WHERE batch_id IN (
    SELECT batch_id FROM risk_batch WHERE administration_id = %(administration_id)s AND batch_id = ANY(%(batch_ids)s::bigint[])
    ORDER BY batch_id FOR UPDATE SKIP LOCKED
) AND administration_id = %(administration_id)s
RETURNING batch_id, decided_at, seen_count, targeted_count, random_count, candidates_count, seen, hits, score_key, score_counts

-- name: select_day
SELECT coalesce(sum(seen_count), 0)::bigint, coalesce(sum(targeted_count), 0)::bigint, coalesce(sum(random_count), 0)::bigint,
    coalesce(sum(candidates_count), 0)::bigint, EXISTS (
        SELECT FROM risk_departure
        WHERE administration_id = %(administration_id)s AND kind = 'drift' AND ended_at IS NULL
    )
FROM risk_batch WHERE administration_id = %(administration_id)s AND day_on = %(day_on)s

-- name: select_seen
-- All that came, by dimension and group, since a day.
SELECT dimension, group_code, sum(count::bigint)::bigint
FROM risk_batch, jsonb_each(seen) AS dimensions (dimension, groups), jsonb_each_text(groups) AS counted (group_code, count)
WHERE administration_id = %(administration_id)s AND day_on >= %(from_on)s AND decided_at >= %(from_at)s
GROUP BY 1, 2 ORDER BY 1, 2

-- name: select_hits
-- What each measure spoke of, by dimension and group, since a day.
SELECT measure, dimension, group_code, sum(count::bigint)::bigint
FROM risk_batch, jsonb_each(hits) AS measures (measure, dimensions), jsonb_each(dimensions) AS inner_dimensions (dimension, groups),
    jsonb_each_text(groups) AS counted (group_code, count)
WHERE administration_id = %(administration_id)s AND day_on >= %(from_on)s AND decided_at >= %(from_at)s
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3

-- name: select_flow
-- Parcels since a day.
SELECT coalesce(sum(seen_count), 0)::bigint FROM risk_batch WHERE administration_id = %(administration_id)s AND day_on >= %(from_on)s AND decided_at >= %(from_at)s

-- name: select_first_scored
-- When a model's groups of scores were first counted.
SELECT min(decided_at) FROM risk_batch WHERE administration_id = %(administration_id)s AND score_key = %(score_key)s

-- name: select_score_counts
-- How many parcels each group of scores had in a while, by place of the group.
SELECT place, sum(count)::bigint FROM risk_batch, unnest(score_counts) WITH ORDINALITY AS counted (count, place)
WHERE administration_id = %(administration_id)s AND score_key = %(score_key)s AND decided_at >= %(from_at)s AND decided_at < %(until)s
GROUP BY place ORDER BY place

-- name: insert_selections
INSERT INTO risk_selection (decision_id, administration_id, case_id, consignment_id, seller_key, decided_at, propensity_ppm, score_ppm, source, lane,
    is_targeted, rule_id, hit_rules, origin_country_code, logistics_channel_code, declarant_kind)
SELECT decision_id, %(administration_id)s, case_id, consignment_id, seller_key, %(at)s, propensity_ppm, score_ppm, source, lane, is_targeted,
    rule_id, string_to_array(hit_rules, ' '), origin, channel, declarant_kind
FROM unnest(%(decision_ids)s::bigint[], %(case_ids)s::bigint[], %(consignment_ids)s::bigint[], %(seller_keys)s::bigint[],
    %(propensities)s::integer[], %(scores)s::integer[], %(sources)s::smallint[], %(lanes)s::smallint[], %(targeted)s::boolean[],
    %(rule_ids)s::text[], %(hit_rules)s::text[], %(origins)s::text[], %(channels)s::text[], %(declarant_kinds)s::text[])
    AS given (decision_id, case_id, consignment_id, seller_key, propensity_ppm, score_ppm, source, lane, is_targeted, rule_id, hit_rules,
        origin, channel, declarant_kind)
ON CONFLICT DO NOTHING

-- name: select_selections
SELECT decision_id, consignment_id, decided_at, source, lane, propensity_ppm, score_ppm, rule_id, hit_rules FROM risk_selection
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s ORDER BY decision_id

-- name: select_yields
-- By source and rule: what was selected since an instant, examined, found wrong, released without anything found (a false hold), and how long the
-- goods were kept meanwhile. What counts is the last examination that was recorded.
SELECT source, coalesce(rule_id, ''), count(*)::bigint, count(result_code)::bigint,
    count(*) FILTER (WHERE result_code <> 'conforms')::bigint,
    count(*) FILTER (WHERE result_code = 'conforms' OR (result_code IS NULL AND released_at IS NOT NULL))::bigint,
    coalesce(sum(extract(epoch FROM coalesce(released_at, %(at)s) - decided_at)), 0)::bigint,
    max(decided_at) FILTER (WHERE result_code <> 'conforms')
FROM risk_selection AS selected
LEFT JOIN LATERAL (
    SELECT parameters ->> 'result_code' AS result_code FROM act
    WHERE act.case_id = selected.case_id AND act.subject_id = selected.consignment_id AND act.kind = 'examination-recorded'
        AND act.administration_id = selected.administration_id
    ORDER BY act.act_id DESC LIMIT 1
) AS examined ON TRUE
LEFT JOIN LATERAL (
    SELECT min(act.at) AS released_at FROM act
    WHERE act.case_id = selected.case_id AND act.subject_id = selected.consignment_id AND act.kind = 'release'
        AND act.administration_id = selected.administration_id AND act.at >= selected.decided_at
) AS freed ON TRUE
WHERE selected.administration_id = %(administration_id)s AND decided_at >= %(from_at)s
GROUP BY 1, 2 ORDER BY 1, 2

-- name: select_measures_taken
-- Officers' measures and what the law forbids, by kind: how many, what examinations of the same consignments found, how long the goods were kept.
SELECT taken.kind, count(*)::bigint, count(found.result_code)::bigint,
    count(*) FILTER (WHERE found.result_code <> 'conforms')::bigint,
    count(*) FILTER (WHERE found.result_code = 'conforms' OR (found.result_code IS NULL AND freed.released_at IS NOT NULL))::bigint,
    coalesce(sum(extract(epoch FROM coalesce(freed.released_at, %(at)s) - taken.at)), 0)::bigint,
    max(taken.at) FILTER (WHERE found.result_code <> 'conforms'), min(taken.at)
FROM act AS taken
LEFT JOIN LATERAL (
    SELECT parameters ->> 'result_code' AS result_code FROM act
    WHERE act.case_id = taken.case_id AND act.subject_id = taken.subject_id AND act.kind = 'examination-recorded'
        AND act.administration_id = taken.administration_id
    ORDER BY act.act_id DESC LIMIT 1
) AS found ON TRUE
LEFT JOIN LATERAL (
    SELECT min(act.at) AS released_at FROM act
    WHERE act.case_id = taken.case_id AND act.subject_id = taken.subject_id AND act.kind = 'release' AND act.at >= taken.at
        AND act.administration_id = taken.administration_id
) AS freed ON TRUE
WHERE taken.administration_id = %(administration_id)s AND taken.at >= %(from_at)s AND taken.kind = ANY(%(kinds)s::text[])
    AND taken.subject_kind = 'consignment'
GROUP BY 1 ORDER BY 1

-- name: select_random_share
-- The random share since an instant: group of each dimension, whether rules or the model selected it as well, what its examination found.
SELECT coalesce(origin_country_code, ''), coalesce(logistics_channel_code, ''), declarant_kind, seller_key, is_targeted, hit_rules, result_code
FROM risk_selection AS selected
LEFT JOIN LATERAL (
    SELECT parameters ->> 'result_code' AS result_code FROM act
    WHERE act.case_id = selected.case_id AND act.subject_id = selected.consignment_id AND act.kind = 'examination-recorded'
        AND act.administration_id = selected.administration_id
    ORDER BY act.act_id DESC LIMIT 1
) AS examined ON TRUE
WHERE selected.administration_id = %(administration_id)s AND source = 1 AND decided_at >= %(from_at)s
ORDER BY decision_id LIMIT %(limit)s

-- name: select_outcomes
-- What examinations of consignments found, the last of each.
SELECT DISTINCT ON (subject_id) subject_id, parameters ->> 'result_code' FROM act
WHERE administration_id = %(administration_id)s AND kind = 'examination-recorded' AND case_id = ANY(%(case_ids)s::bigint[])
ORDER BY subject_id, act_id DESC

-- name: select_dated_outcomes
-- The same, each with when it was recorded.
SELECT DISTINCT ON (subject_id) subject_id, parameters ->> 'result_code', at FROM act
WHERE administration_id = %(administration_id)s AND kind = 'examination-recorded' AND case_id = ANY(%(case_ids)s::bigint[])
ORDER BY subject_id, act_id DESC

-- name: open_departures
INSERT INTO risk_departure (departure_id, administration_id, kind, measure, dimension, group_code, group_seen_count, group_hits_count,
    other_seen_count, other_hits_count, begun_at)
SELECT departure_id, %(administration_id)s, kind, measure, dimension, group_code, group_seen, group_hits, other_seen, other_hits, %(at)s
FROM unnest(%(ids)s::bigint[], %(kinds)s::text[], %(measures)s::text[], %(dimensions)s::text[], %(groups)s::text[], %(group_seen)s::bigint[],
    %(group_hits)s::bigint[], %(other_seen)s::bigint[], %(other_hits)s::bigint[])
    AS given (departure_id, kind, measure, dimension, group_code, group_seen, group_hits, other_seen, other_hits)
ON CONFLICT (administration_id, kind, measure, dimension, group_code) WHERE ended_at IS NULL
DO UPDATE SET group_seen_count = excluded.group_seen_count, group_hits_count = excluded.group_hits_count,
    other_seen_count = excluded.other_seen_count, other_hits_count = excluded.other_hits_count

-- name: end_departures
-- Those that do not depart any more.
UPDATE risk_departure SET ended_at = %(at)s
WHERE administration_id = %(administration_id)s AND ended_at IS NULL AND kind <> 'drift' AND NOT EXISTS (
    SELECT FROM unnest(%(kinds)s::text[], %(measures)s::text[], %(dimensions)s::text[], %(groups)s::text[]) AS still (k, m, d, g)
    WHERE k = kind AND m = measure AND d = dimension AND g = group_code
)

-- name: end_drift
-- The model drifts no more: another took its place, or an officer has looked.
UPDATE risk_departure SET ended_at = %(at)s
WHERE administration_id = %(administration_id)s AND ended_at IS NULL AND kind = 'drift'

-- name: select_departures
SELECT kind, measure, dimension, group_code, group_seen_count, group_hits_count, other_seen_count, other_hits_count, begun_at
FROM risk_departure WHERE administration_id = %(administration_id)s AND ended_at IS NULL ORDER BY begun_at, kind, measure, dimension, group_code

-- name: forget_batches
DELETE FROM risk_batch WHERE administration_id = %(administration_id)s AND day_on < %(before_on)s

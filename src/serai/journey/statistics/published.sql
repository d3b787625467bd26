-- name: select_first_id
-- From where on nothing is left out: at most so many newest rows of each table are looked at, by index alone.
SELECT greatest(%(from_id)s::bigint,
    (SELECT decision_id FROM landing
     WHERE decision_id >= %(from_id)s AND decision_id < %(to_id)s AND administration_id = %(administration_id)s
     ORDER BY decision_id DESC OFFSET %(look_max)s LIMIT 1),
    (SELECT decision_id FROM declared_consignment
     WHERE decision_id >= %(from_id)s AND decision_id < %(to_id)s AND administration_id = %(administration_id)s
     ORDER BY decision_id DESC OFFSET %(look_max)s LIMIT 1))

-- name: select_release_times
-- From arrival to release, by lane, channel and mode and of all that is told together: one division, so that no two can be subtracted. Cells of few never leave the database, and are in no sum:
-- nobody finds them by taking one figure from another. What is decided again after its release is left out: when it was released first
-- is not on its row.
WITH released AS (
    SELECT declared.shown_lane AS lane, declared.logistics_channel_code AS channel, declared.transport_mode_code AS declared_mode,
        landing.decided_at - landing.arrived_at AS took
    FROM landing CROSS JOIN LATERAL (
        SELECT shown_lane, logistics_channel_code, transport_mode_code FROM declared_consignment
        WHERE declared_consignment.consignment_id = landing.consignment_id OFFSET 0
    ) AS declared
    WHERE landing.decision_id >= %(from_id)s AND landing.decision_id < %(to_id)s AND administration_id = %(administration_id)s
        AND status = %(released)s
    UNION ALL
    SELECT shown_lane, logistics_channel_code, transport_mode_code, changed_at - arrived_at
    FROM declared_consignment AS declared
    WHERE decision_id >= %(from_id)s AND decision_id < %(to_id)s AND administration_id = %(administration_id)s
        AND status = %(released)s AND arrived_at IS NOT NULL
        -- Row by row, by key: never a join over all that was ever replaced.
        AND (SELECT earlier.status FROM earlier_decision AS earlier WHERE earlier.decision_id = declared.supersedes)
            IS DISTINCT FROM %(released)s
), grouped AS (
    SELECT lane, channel, took, CASE WHEN declared_mode = ANY(%(modes)s::text[]) THEN declared_mode ELSE %(no_mode)s END AS mode
    FROM released
), told AS (
    SELECT lane, channel, mode FROM grouped GROUP BY lane, channel, mode HAVING count(*) >= %(count_min)s
), timed AS (
    SELECT lane, channel, mode, greatest(extract(epoch FROM took), 0)::bigint AS took_s
    FROM grouped JOIN told USING (lane, channel, mode)
)
SELECT lane, channel, mode, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY took_s), percentile_disc(0.9) WITHIN GROUP (ORDER BY took_s),
    count(*) FILTER (WHERE took_s <= %(within_s)s)
FROM timed GROUP BY GROUPING SETS ((lane, channel, mode), ()) HAVING count(*) > 0
ORDER BY lane NULLS FIRST, channel, mode

-- name: select_first_act
SELECT greatest(%(from_id)s::bigint,
    (SELECT act_id FROM act
     WHERE act_id >= %(from_id)s AND act_id < %(to_id)s AND administration_id = %(administration_id)s
     ORDER BY act_id DESC OFFSET %(look_max)s LIMIT 1))

-- name: count_measures
-- What officers ordered that goods wait for, why, and the next that was done: taken back, another measure, or released by a decision.
WITH taken AS MATERIALIZED (
    SELECT act_id, case_id, subject_id, kind, coalesce(reason_code, '') AS reason_code FROM act
    WHERE act_id >= %(from_id)s AND act_id < %(to_id)s AND administration_id = %(administration_id)s
        AND kind = ANY(%(kinds)s::text[])
)
SELECT taken.kind, reason_code, coalesce(
    (SELECT 'taken-back' FROM act AS counter WHERE counter.reverses = taken.act_id),
    (SELECT kind FROM act AS later
     WHERE later.case_id = taken.case_id AND later.subject_id = taken.subject_id AND later.act_id > taken.act_id
        AND later.kind = ANY(%(endings)s::text[])
     ORDER BY act_id LIMIT 1),
    (SELECT 'release' FROM consignment WHERE consignment_id = taken.subject_id AND status = %(released)s),
    'open') AS outcome, count(*)
FROM taken GROUP BY taken.kind, reason_code, outcome HAVING count(*) >= %(count_min)s
ORDER BY taken.kind, reason_code, outcome

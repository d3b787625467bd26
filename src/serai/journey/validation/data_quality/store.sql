-- name: add_days
-- Sorted by key, as every lock. Only this process writes rows of its node.
INSERT INTO quality_day AS known (administration_id, party_id, day_on, node_id, logistics_channel_code, code, field, message_count, refused_count,
    item_count, person_count, lost_milli, asked_points, round_count)
SELECT %(administration_id)s, party_id, %(day_on)s, %(node_id)s, logistics_channel_code, code, field, message_count, refused_count, item_count,
    person_count, lost_milli, asked_points, round_count
FROM unnest(%(party_ids)s::bigint[], %(channels)s::text[], %(codes)s::text[], %(fields)s::text[], %(messages)s::bigint[],
    %(refused)s::bigint[], %(items)s::bigint[], %(persons)s::bigint[], %(lost)s::bigint[], %(asked)s::bigint[], %(rounds)s::bigint[])
    AS added (party_id, logistics_channel_code, code, field, message_count, refused_count, item_count, person_count, lost_milli, asked_points, round_count)
ORDER BY party_id, logistics_channel_code COLLATE "C", code COLLATE "C", field COLLATE "C"
ON CONFLICT (administration_id, party_id, day_on, node_id, logistics_channel_code, code, field)
DO UPDATE SET message_count = known.message_count + excluded.message_count, refused_count = known.refused_count + excluded.refused_count,
    item_count = known.item_count + excluded.item_count, person_count = known.person_count + excluded.person_count,
    lost_milli = known.lost_milli + excluded.lost_milli, asked_points = known.asked_points + excluded.asked_points,
    round_count = known.round_count + excluded.round_count

-- name: add_reference_values
-- Sorted by key, as every lock: processes add to the same rows.
INSERT INTO quality_reference_value AS known (administration_id, measure, heading, unit_code, currency_code, bin, item_count)
SELECT %(administration_id)s, measure, heading, unit_code, currency_code, bin, item_count
FROM unnest(%(measures)s::smallint[], %(headings)s::text[], %(units)s::text[], %(currencies)s::text[], %(bins)s::smallint[],
    %(counts)s::bigint[]) AS added (measure, heading, unit_code, currency_code, bin, item_count)
ORDER BY measure, heading COLLATE "C", unit_code COLLATE "C", currency_code COLLATE "C", bin
ON CONFLICT (administration_id, measure, heading, unit_code, currency_code, bin)
DO UPDATE SET item_count = known.item_count + excluded.item_count

-- name: select_reference_values
SELECT measure, heading, unit_code, currency_code, bin, item_count FROM quality_reference_value WHERE administration_id = %(administration_id)s

-- name: select_scores
-- Of messages that were answered before.
SELECT document_id, quality_score, quality_bits FROM document
WHERE document_id = ANY(%(document_ids)s::bigint[]) AND administration_id = %(administration_id)s AND quality_score IS NOT NULL

-- name: select_days
-- One party's days, its processes together.
SELECT day_on, logistics_channel_code, code, field, sum(message_count)::bigint, sum(refused_count)::bigint, sum(item_count)::bigint,
    sum(person_count)::bigint, sum(lost_milli)::bigint, sum(asked_points)::bigint, sum(round_count)::bigint
FROM quality_day
WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND day_on >= %(from_on)s AND day_on < %(to_on)s
GROUP BY day_on, logistics_channel_code, code, field
ORDER BY day_on, logistics_channel_code, code, field

-- name: select_parties
-- Every filer of the window by channel, with its roles: peers are those who share a role and a channel.
SELECT party_id, name, logistics_channel_code, roles, message_count, refused_count, lost_milli, asked_points, item_count, round_count
FROM (
    SELECT party_id, logistics_channel_code, sum(message_count)::bigint AS message_count, sum(refused_count)::bigint AS refused_count, sum(lost_milli)::bigint AS lost_milli,
        sum(asked_points)::bigint AS asked_points, sum(item_count)::bigint AS item_count, sum(round_count)::bigint AS round_count
    FROM quality_day
    WHERE administration_id = %(administration_id)s AND code = '' AND day_on >= %(from_on)s AND day_on < %(to_on)s
    GROUP BY party_id, logistics_channel_code
) AS summed
JOIN party USING (party_id)
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(role ORDER BY role), '{}') AS roles FROM party_role
    WHERE party_role.party_id = party.party_id AND (party_role.ended_at IS NULL OR party_role.ended_at > %(at)s)
) AS held
ORDER BY party_id, logistics_channel_code

-- name: insert_dispute
INSERT INTO quality_dispute (dispute_id, administration_id, party_id, code, from_on, to_on, statement, statement_id, opened_at, has_document)
VALUES (%(dispute_id)s, %(administration_id)s, %(party_id)s, %(code)s, %(from_on)s, %(to_on)s, '', %(statement_id)s, %(at)s, %(has_document)s)

-- name: insert_dispute_answer
-- The first answer stands.
INSERT INTO quality_dispute_answer (dispute_id, administration_id, is_upheld, statement, statement_id, answered_by, answered_at)
SELECT dispute_id, administration_id, %(is_upheld)s, '', %(statement_id)s, %(answered_by)s, %(at)s FROM quality_dispute
WHERE dispute_id = %(dispute_id)s AND administration_id = %(administration_id)s AND party_id = %(party_id)s
ON CONFLICT (dispute_id) DO NOTHING

-- name: select_disputes
-- party_id null: of all parties, the newest first.
SELECT dispute_id, party_id, code, from_on, to_on, opened_at, is_upheld, answered_at, has_document,
    quality_dispute.statement_id, answer.statement_id, quality_dispute.statement, answer.statement
FROM quality_dispute LEFT JOIN quality_dispute_answer AS answer USING (dispute_id, administration_id)
WHERE administration_id = %(administration_id)s AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
ORDER BY dispute_id DESC LIMIT 200

-- name: select_name
SELECT name FROM party WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s

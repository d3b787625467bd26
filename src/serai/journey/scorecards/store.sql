-- name: select_roles
SELECT role FROM party_role
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s AND (ended_at IS NULL OR ended_at > %(at)s) ORDER BY role

-- name: select_document_days
-- Of one party, by the index of parties; what waits is among those sent after a week.
SELECT (received_at AT TIME ZONE 'UTC')::date, kind, count(*), count(*) FILTER (WHERE is_confirmed) FROM supporting_document
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s AND document_id >= %(from_id)s AND document_id < %(to_id)s
    AND withdrawn_by IS NULL AND replaced_by IS NULL AND (is_confirmed OR received_at < %(waited_since)s)
GROUP BY 1, 2

-- name: select_month_days
-- Of all parties of a month, with the roles they have.
SELECT quality_day.party_id, array_agg(DISTINCT role), day_on, logistics_channel_code, code, field, sum(message_count)::bigint / count(DISTINCT role),
    sum(refused_count)::bigint / count(DISTINCT role)
FROM quality_day JOIN party_role ON party_role.party_id = quality_day.party_id AND (ended_at IS NULL OR ended_at > %(at)s)
WHERE quality_day.administration_id = %(administration_id)s AND day_on >= %(from_on)s AND day_on < %(to_on)s
GROUP BY quality_day.party_id, day_on, logistics_channel_code, code, field

-- name: select_month_documents
SELECT supporting_document.party_id, array_agg(DISTINCT party_role.role), (received_at AT TIME ZONE 'UTC')::date, kind,
    count(DISTINCT document_id), count(DISTINCT document_id) FILTER (WHERE is_confirmed)
FROM supporting_document JOIN party_role ON party_role.party_id = supporting_document.party_id AND (ended_at IS NULL OR ended_at > %(at)s)
WHERE supporting_document.administration_id = %(administration_id)s AND document_id >= %(from_id)s AND document_id < %(to_id)s
    AND withdrawn_by IS NULL AND replaced_by IS NULL AND (is_confirmed OR received_at < %(waited_since)s)
GROUP BY supporting_document.party_id, 3, kind

-- name: put_role_month
INSERT INTO role_score_month (administration_id, role, month_on, party_count, median, quarter_low, quarter_high)
VALUES (%(administration_id)s, %(role)s, %(month_on)s, %(party_count)s, %(median)s, %(quarter_low)s, %(quarter_high)s)
ON CONFLICT (administration_id, role, month_on) DO UPDATE SET party_count = excluded.party_count, median = excluded.median,
    quarter_low = excluded.quarter_low, quarter_high = excluded.quarter_high

-- name: drop_role_month
-- Too few have a score by now.
DELETE FROM role_score_month WHERE administration_id = %(administration_id)s AND role = %(role)s AND month_on = %(month_on)s

-- name: select_role_months
SELECT role, month_on, party_count, median, quarter_low, quarter_high FROM role_score_month
WHERE administration_id = %(administration_id)s AND month_on >= %(from_on)s ORDER BY role, month_on DESC

-- name: select_dispute_party
SELECT party_id FROM quality_dispute WHERE dispute_id = %(dispute_id)s AND administration_id = %(administration_id)s AND has_document

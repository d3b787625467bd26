-- Generated charges of thirteen months for benchmarks/annulled_charges.py: {count} consignments, each with duty and tax, each paid by itself.
-- DuckDB runs what makes files, PostgreSQL what makes rows; ids are made alike.

-- name: write_decisions
COPY (
    SELECT id AS decision_id, id AS consignment_id, 1::BIGINT AS row_count, NULL::BIGINT AS reversed_by_decision_id,
        make_timestamptz(0) AS decided_at, make_timestamptz(0) AS recorded_at, 'DE' AS consignee_country_code,
        NULL::BIGINT AS supersedes_decision_id, 'release' AS kind, 'proceed' AS lane, 'released' AS status, false AS is_provisional,
        ['r1']::VARCHAR[] AS reason_codes, 'EU-2026' AS law_code, DATE '2026-07-02' AS law_on, 'b' AS basis_hash,
        'post' AS logistics_channel_code, (1000 + i % 50)::BIGINT AS declarant_party_id, 1::SMALLINT AS declaration_version,
        1::BIGINT AS goods_item_count
    FROM (SELECT i, $base + i * $step * 4194304 AS id FROM range($from_place, $to_place) AS made (i))
) TO '$to' (FORMAT parquet, COMPRESSION zstd)

-- name: write_charges
COPY (
    SELECT id AS decision_id, id AS consignment_id, 1::BIGINT AS row_count, NULL::BIGINT AS reversed_by_decision_id,
        make_timestamptz(0) AS decided_at, make_timestamptz(0) AS recorded_at, 'DE' AS consignee_country_code,
        1::INTEGER AS sequence_number, 'EU-2026' AS law_code, DATE '2026-07-02' AS law_on, rule_id, kind, 'border' AS due, false AS is_waived,
        tax_type_code, 'consignee' AS debtor_code, (1000 + i % 50)::BIGINT AS payer_party_id, id + 9 AS bearer_id, 'EUR' AS currency_code,
        2500::BIGINT AS base_minor, 1::BIGINT AS rate_numerator, 1::BIGINT AS rate_denominator,
        CASE tax_type_code WHEN 'A00' THEN 300 ELSE 500 + i % 97 END::BIGINT AS amount_minor
    FROM (SELECT i, $base + i * $step * 4194304 AS id FROM range($from_place, $to_place) AS made (i)),
        (VALUES ('eu-duty-flat', 'duty', 'A00'), ('eu-vat', 'tax', 'B00')) AS charged (rule_id, kind, tax_type_code)
) TO '$to' (FORMAT parquet, COMPRESSION zstd)

-- name: insert_acts
INSERT INTO act (act_id, case_id, subject_id, party_id, leaf_id, at, administration_id, subject_number, version, has_words, kind, subject_kind,
    acting_user, parameters, salt)
SELECT id + 1, id, id, 1000 + i %% 50, id + 1, '2026-07-02T10:00:00Z', %(administration_id)s, 0, 0, false, 'paid', 'case', 'seed',
    jsonb_build_object('currency_code', 'EUR', 'amount_minor', 800 + i %% 97), '\x00'
FROM (SELECT i, %(base)s::bigint + i * %(step)s * 4194304 AS id FROM generate_series(0::bigint, %(count)s - 1) AS made (i)) AS made

-- name: insert_bearings
-- What every third payer has declared: passed on whole.
INSERT INTO act (act_id, case_id, subject_id, party_id, leaf_id, at, administration_id, subject_number, version, has_words, kind, subject_kind,
    acting_user, parameters, salt)
SELECT number + 1, number - 1, number - 1, 1000, number + 1, '2026-07-02T10:00:00Z', %(administration_id)s, 0, 0, false, 'bearing-declared',
    'case', 'seed', jsonb_build_object('payment', text, 'bearer', md5(number::text), 'currency_code', 'EUR', 'amount_minor', 10000,
    'fee_minor', 0), '\x00'
FROM unnest(%(numbers)s::bigint[], %(texts)s::text[]) AS paid (number, text)

-- name: insert_allocations
INSERT INTO payment_allocation (posting_id, act_id, consignment_id, amount_minor, administration_id, sequence_number, tax_type_code, debtor_code,
    currency_code)
SELECT %(posting_id)s, id + 1, id, CASE tax WHEN 'A00' THEN 300 ELSE 500 + i %% 97 END, %(administration_id)s, 1, tax, 'consignee', 'EUR'
FROM (SELECT i, %(base)s::bigint + i * %(step)s * 4194304 AS id FROM generate_series(0::bigint, %(count)s - 1) AS made (i)) AS made,
    unnest('{A00,B00}'::text[]) AS tax

-- name: analyze
ANALYZE act, payment_allocation

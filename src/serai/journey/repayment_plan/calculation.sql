-- Of DuckDB, over the files of the history and what was copied of the books. A range is of consignments: each is worked out alone, so that what
-- is in memory does not grow with the history.

-- name: count_by_minute
-- Charges by when their consignments came, about a minute each ($shift: bits of an id below that).
SELECT consignment_id >> $shift, count(*) FROM read_parquet($charges) WHERE tax_type_code = $tax_type_code GROUP BY 1 ORDER BY 1

-- name: list_laws
SELECT DISTINCT law_code FROM read_parquet($charges)

-- name: make_tables
CREATE TABLE assessed (country_code VARCHAR, currency_code VARCHAR, phase VARCHAR, amount_minor HUGEINT);
CREATE TABLE elsewhere (due VARCHAR, phase VARCHAR, currency_code VARCHAR, charges_count BIGINT, amount_minor HUGEINT);
CREATE TABLE settled (
    currency_code VARCHAR, charges_count BIGINT, consignments_count BIGINT, annulled_minor HUGEINT, paid_minor HUGEINT, repaid_minor HUGEINT,
    due_back_minor HUGEINT, covered_minor HUGEINT
);
CREATE TABLE phase_of (status VARCHAR, phase VARCHAR);
CREATE TABLE due_entered (due VARCHAR);
CREATE TABLE interest_parts (paid_on DATE, parts HUGEINT)

-- name: add_phase
INSERT INTO phase_of VALUES ($status, $phase)

-- name: add_due
INSERT INTO due_entered VALUES ($due)

-- name: add_interest
INSERT INTO interest_parts VALUES ($paid_on, $parts)

-- name: list_payment_days
SELECT DISTINCT paid_on FROM read_parquet($acts)

-- name: make_standing
-- Charges of the tax type that stand, with the phase in which they are entered.
CREATE OR REPLACE TEMP TABLE standing AS
SELECT consignment_id, sequence_number, debtor_code, currency_code, consignee_country_code, due, phase, amount_minor,
    list_contains($law_codes, law_code) AND law_on >= $law_from AND law_on < $law_to
    AND (len($rule_ids) = 0 OR list_contains($rule_ids, rule_id))
    AND (len($country_codes) = 0 OR list_contains($country_codes, consignee_country_code)) AS is_annulled
FROM read_parquet($charges) AS charge
ANTI JOIN (
    SELECT decision_id FROM read_parquet($charges)
    WHERE row_count < 0 AND tax_type_code = $tax_type_code AND consignment_id >= $from_id AND consignment_id < $to_id
) AS reversed USING (decision_id)
JOIN (
    SELECT decision_id, phase FROM read_parquet($decisions) JOIN phase_of USING (status)
    WHERE row_count > 0 AND consignment_id >= $from_id AND consignment_id < $to_id
) AS decision USING (decision_id)
SEMI JOIN due_entered USING (due)
WHERE row_count > 0 AND NOT is_waived AND kind <> 'claim' AND tax_type_code = $tax_type_code
    AND consignment_id >= $from_id AND consignment_id < $to_id

-- name: add_assessed
INSERT INTO assessed SELECT consignee_country_code, currency_code, phase, sum(amount_minor) FROM standing GROUP BY ALL

-- name: add_elsewhere
-- What was annulled and is not asked for at the border, or not yet entered in the accounts.
INSERT INTO elsewhere SELECT due, phase, currency_code, count(*), sum(amount_minor) FROM standing
WHERE is_annulled AND (due <> 'border' OR phase <> 'posted') GROUP BY ALL

-- name: make_paid
-- What of acts was taken off charges, whatever was taken back of it again.
CREATE OR REPLACE TEMP TABLE paid AS
SELECT act_id, consignment_id, sequence_number, debtor_code, currency_code, way, party_id, payer, paid_on, allocated.amount_minor
FROM (
    SELECT act_id, consignment_id, sequence_number, debtor_code, currency_code, sum(amount_minor) AS amount_minor FROM read_parquet($allocated)
    WHERE consignment_id >= $from_id AND consignment_id < $to_id GROUP BY ALL HAVING sum(amount_minor) <> 0
) AS allocated JOIN read_parquet($acts) AS act USING (act_id)

-- name: make_settled
-- By charge, what is due back: what was paid of it, less what is still owed beside it, less what went back before. What binding quotes left out,
-- or officers have repaid or remitted, nobody has paid; it stands first for what is still owed.
CREATE OR REPLACE TEMP TABLE settled_charge AS
WITH charge AS (
    SELECT consignment_id, sequence_number, debtor_code, currency_code, any_value(consignee_country_code) AS country_code,
        count(*) FILTER (is_annulled) AS charges_count, sum(amount_minor) AS owed_minor,
        sum(amount_minor) FILTER (is_annulled) AS annulled_minor
    FROM standing WHERE due = 'border' AND phase = 'posted'
    GROUP BY consignment_id, sequence_number, debtor_code, currency_code HAVING annulled_minor > 0
), payment AS (
    SELECT consignment_id, sequence_number, debtor_code, currency_code, sum(amount_minor) FILTER (NOT list_contains($covering, way)) AS paid_minor,
        sum(amount_minor) FILTER (list_contains($covering, way)) AS covered_minor
    FROM paid GROUP BY consignment_id, sequence_number, debtor_code, currency_code
), before AS (
    SELECT consignment_id, sequence_number, debtor_code, currency_code, sum(amount_minor) AS repaid_minor FROM read_parquet($repaid)
    WHERE consignment_id >= $from_id AND consignment_id < $to_id GROUP BY consignment_id, sequence_number, debtor_code, currency_code
)
SELECT *, greatest(0, least(annulled_minor - repaid_minor,
    paid_minor - repaid_minor - greatest(0, owed_minor - annulled_minor - covered_minor))) AS due_back_minor
FROM (
    SELECT charge.*, coalesce(paid_minor, 0) AS paid_minor, coalesce(covered_minor, 0) AS covered_minor, coalesce(repaid_minor, 0) AS repaid_minor
    FROM charge LEFT JOIN payment USING (consignment_id, sequence_number, debtor_code, currency_code)
    LEFT JOIN before USING (consignment_id, sequence_number, debtor_code, currency_code)
)

-- name: add_settled
INSERT INTO settled
SELECT currency_code, sum(charges_count), count(DISTINCT consignment_id), sum(annulled_minor), sum(paid_minor), sum(repaid_minor),
    sum(due_back_minor), sum(least(covered_minor, annulled_minor - repaid_minor - due_back_minor))
FROM settled_charge GROUP BY currency_code

-- name: write_lines
-- Of each charge, what goes back of which payment, the newest first, and in which parts to whoever bore it: what of a payment was passed on, in
-- proportion. Interest on each part, half up.
COPY (
    WITH placed AS (
        SELECT paid.*, country_code, repaid_minor, due_back_minor,
            sum(amount_minor) OVER (
                PARTITION BY consignment_id, sequence_number, debtor_code, currency_code ORDER BY act_id DESC ROWS UNBOUNDED PRECEDING
            ) - amount_minor AS begins_minor
        FROM paid JOIN settled_charge USING (consignment_id, sequence_number, debtor_code, currency_code)
        WHERE NOT list_contains($covering, way) AND due_back_minor > 0
    ), cut AS (
        SELECT * EXCLUDE (amount_minor), least(begins_minor + amount_minor, repaid_minor + due_back_minor)
            - greatest(begins_minor, repaid_minor) AS amount_minor
        FROM placed WHERE amount_minor > 0
    ), part AS (
        SELECT * EXCLUDE (amount_minor, begins_minor), CASE WHEN bearing.payment_minor IS NULL THEN amount_minor
            ELSE amount_minor * after_minor // payment_minor - amount_minor * before_minor // payment_minor END AS amount_minor
        FROM cut LEFT JOIN read_parquet($bearings) AS bearing USING (act_id) WHERE amount_minor > 0
    )
    SELECT consignment_id, sequence_number, debtor_code, currency_code, country_code, act_id, way, party_id, paid_on,
        CASE WHEN bearer <> '' THEN 'bearer' WHEN NOT list_contains($paid_back, way) THEN 'account' WHEN way <> $by_bank THEN 'party'
            WHEN payer <> '' THEN 'bank-account' ELSE 'unknown' END AS recipient_kind,
        CASE WHEN bearer <> '' THEN bearer WHEN way = $by_bank THEN payer ELSE '' END AS payee, amount_minor::BIGINT AS amount_minor,
        ((2 * amount_minor::HUGEINT * parts + $whole) // (2 * $whole))::BIGINT AS interest_minor
    FROM part JOIN interest_parts USING (paid_on) WHERE amount_minor > 0
) TO '$lines' (FORMAT parquet, COMPRESSION zstd)

-- name: write_orders
-- An order for each who gets something: whoever bore it, else whoever paid; of what came to a bank account, whoever that payment was of. Of whom
-- nothing is known, nothing is ordered; what was put on an account stands there to its party's credit.
COPY (
    SELECT row_number() OVER (ORDER BY party_id, payee, currency_code) - 1 AS number, *
    FROM (
        SELECT party_id, payee, currency_code, recipient_kind, sum(amount_minor)::BIGINT AS amount_minor,
            sum(interest_minor)::BIGINT AS interest_minor, count(*) AS lines_count
        FROM read_parquet($lines) WHERE recipient_kind IN ('bearer', 'party', 'bank-account') GROUP BY party_id, payee, currency_code, recipient_kind
    )
    ORDER BY number
) TO '$orders' (FORMAT parquet, COMPRESSION zstd)

-- name: convert_allocated
COPY (
    SELECT * FROM read_csv($csv, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', allow_quoted_nulls = false, columns = {
        'act_id': 'BIGINT', 'consignment_id': 'BIGINT', 'sequence_number': 'INTEGER', 'debtor_code': 'VARCHAR', 'currency_code': 'VARCHAR',
        'amount_minor': 'BIGINT'})
) TO '$to' (FORMAT parquet, COMPRESSION zstd)

-- name: convert_acts
COPY (
    SELECT act_id, way, party_id, paid_on, coalesce(payer, '') AS payer, amount_minor FROM read_csv($csv, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', allow_quoted_nulls = false, columns = {
        'act_id': 'BIGINT', 'way': 'VARCHAR', 'party_id': 'BIGINT', 'paid_on': 'DATE', 'payer': 'VARCHAR', 'amount_minor': 'BIGINT'})
) TO '$to' (FORMAT parquet, COMPRESSION zstd)

-- name: convert_bearings
-- Of each payment that was passed on, which part of it whom concerns, from and to which of its amount; last what nobody is known to have borne.
-- More than was paid was not passed on. The number of a payment is read from its text: thirteen letters of base 32, then a check letter.
-- (A file keeps sums as BIGINT: wider ones would become floats.)
COPY (
    WITH declared AS (
        SELECT list_sum(list_transform(range(13), lambda place:
            ((strpos('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(replace(payment, '-', ''), place + 1, 1)) - 1)::BIGINT
                << (60 - 5 * place))))::BIGINT AS act_id, bearer, amount_minor, declared_by
        FROM read_csv($csv, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', allow_quoted_nulls = false, columns = {
            'payment': 'VARCHAR', 'bearer': 'VARCHAR', 'amount_minor': 'BIGINT', 'declared_by': 'BIGINT'})
    ), placed AS (
        SELECT act_id, bearer, act.amount_minor AS payment_minor,
            least(act.amount_minor, sum(declared.amount_minor) OVER (PARTITION BY act_id ORDER BY declared_by))::BIGINT AS after_minor,
            declared_by
        FROM declared JOIN read_parquet($acts) AS act USING (act_id) WHERE act.amount_minor > 0
    ), known AS (
        SELECT act_id, bearer, payment_minor, coalesce(lag(after_minor) OVER (PARTITION BY act_id ORDER BY declared_by), 0) AS before_minor,
            after_minor
        FROM placed
    )
    SELECT * FROM known WHERE after_minor > before_minor
    UNION ALL
    SELECT act_id, '', any_value(payment_minor), max(after_minor), any_value(payment_minor) FROM known GROUP BY act_id
    HAVING max(after_minor) < any_value(payment_minor)
) TO '$to' (FORMAT parquet, COMPRESSION zstd)

-- name: convert_repaid
COPY (
    SELECT * FROM read_csv($csv, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', allow_quoted_nulls = false, columns = {
        'consignment_id': 'BIGINT', 'sequence_number': 'INTEGER', 'debtor_code': 'VARCHAR', 'currency_code': 'VARCHAR', 'amount_minor': 'BIGINT'})
) TO '$to' (FORMAT parquet, COMPRESSION zstd)

-- name: sum_lines
SELECT way, recipient_kind, currency_code, count(*), sum(amount_minor)::VARCHAR, sum(interest_minor)::VARCHAR
FROM read_parquet($lines) GROUP BY ALL ORDER BY ALL

-- name: sum_orders
SELECT recipient_kind, currency_code, count(*), sum(amount_minor)::VARCHAR, sum(interest_minor)::VARCHAR
FROM read_parquet($orders) GROUP BY ALL ORDER BY ALL

-- name: sum_settled
SELECT currency_code, sum(charges_count)::BIGINT, sum(consignments_count)::BIGINT, sum(annulled_minor)::VARCHAR, sum(paid_minor)::VARCHAR,
    sum(repaid_minor)::VARCHAR, sum(due_back_minor)::VARCHAR, sum(covered_minor)::VARCHAR
FROM settled GROUP BY currency_code ORDER BY currency_code

-- name: sum_elsewhere
SELECT due, phase, currency_code, sum(charges_count)::BIGINT, sum(amount_minor)::VARCHAR FROM elsewhere GROUP BY ALL ORDER BY ALL

-- name: sum_assessed
SELECT country_code, currency_code, phase, sum(amount_minor)::VARCHAR FROM assessed GROUP BY ALL HAVING sum(amount_minor) <> 0 ORDER BY ALL

-- name: sum_allocated
SELECT currency_code, sum(allocated.amount_minor)::VARCHAR FROM read_parquet($allocated) AS allocated
SEMI JOIN read_parquet($acts) AS act USING (act_id) GROUP BY ALL HAVING sum(amount_minor) <> 0 ORDER BY ALL

-- The one room that takes rows out of the tables of others, when the time to keep them is over.

-- name: lock_retention
-- One process of the node does it; the others look again next time.
SELECT pg_try_advisory_xact_lock(736005190004)

-- name: limit_waiting
-- Whoever reads and writes goes first: it gives up and comes again.
SET LOCAL lock_timeout = '5s'

-- name: take_time
-- As long as it takes: nobody waits for it but who writes to a partition that goes.
SET LOCAL statement_timeout = 0

-- name: select_bound
-- Where the newest partition ends that lies before an id; 0: there is none.
SELECT coalesce(max(end_id), 0) FROM partitions_before(%(table_name)s, %(before_id)s)

-- name: select_kept_cases
SELECT id FROM kept_case WHERE EXISTS (SELECT FROM every_case WHERE case_id = id) ORDER BY id

-- name: close_partitions
CALL close_partitions(%(table_name)s, %(before_id)s)

-- name: make_lists
CREATE TEMPORARY TABLE old_case (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE kept_case (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE kept_consignment (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE gone_case (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE gone_consignment (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE gone_document (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE kept_quote (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE kept_batch (id bigint PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE kept_nothing (id bigint PRIMARY KEY) ON COMMIT DROP

-- name: empty_lists
TRUNCATE old_case, kept_case, kept_consignment, gone_case, gone_consignment, gone_document

-- name: fill_old_cases
-- Cases with anything in the partitions, and those merged with them.
INSERT INTO old_case
WITH RECURSIVE family (id) AS (
    (SELECT case_id FROM declared_consignment WHERE consignment_id < %(before_id)s
    UNION SELECT case_id FROM earlier_decision WHERE decision_id < %(before_id)s
    UNION SELECT case_id FROM supporting_document WHERE document_id < %(before_id)s
    UNION SELECT case_id FROM loading_assessment WHERE assessment_id < %(before_id)s)
    UNION
    SELECT other.id FROM family CROSS JOIN LATERAL (
        SELECT merged_into AS id FROM case_file WHERE case_id = family.id AND merged_into IS NOT NULL
        UNION ALL SELECT case_id FROM case_file WHERE merged_into = family.id
    ) AS other
)
SELECT id FROM family

-- name: fill_kept_cases
-- Cases in which something is yet to happen or has happened since, and those merged with them: a consignment neither released nor
-- invalidated, an open task, another decision, document or act; those that are held.
INSERT INTO kept_case
WITH RECURSIVE family (id) AS (
    SELECT id FROM old_case
    WHERE EXISTS (SELECT FROM case_consignment WHERE of_case_id = old_case.id
            AND (status <> ALL(%(final_statuses)s::smallint[]) OR changed_at >= %(before_at)s))
        OR EXISTS (SELECT FROM supporting_document AS sent WHERE sent.case_id = old_case.id AND received_at >= %(before_at)s)
        OR EXISTS (SELECT FROM case_consignment JOIN task ON task.consignment_id = case_consignment.consignment_id
            WHERE of_case_id = old_case.id AND closed_at IS NULL)
        OR EXISTS (SELECT FROM supporting_document AS sent JOIN task ON task.document_id = sent.document_id
            WHERE sent.case_id = old_case.id AND closed_at IS NULL)
        OR EXISTS (SELECT FROM act WHERE act.case_id = old_case.id AND at >= %(before_at)s)
        OR EXISTS (SELECT FROM legal_hold WHERE legal_hold.case_id = old_case.id AND lifted_at IS NULL)
    UNION
    SELECT other.id FROM family CROSS JOIN LATERAL (
        SELECT merged_into AS id FROM case_file WHERE case_id = family.id AND merged_into IS NOT NULL
        UNION ALL SELECT case_id FROM case_file WHERE merged_into = family.id
    ) AS other
)
SELECT id FROM family

-- name: learn_cases
-- What is listed decides how all that follows is read.
ANALYZE old_case, kept_case

-- name: learn_rest
ANALYZE kept_consignment, gone_case, gone_consignment, gone_document

-- name: fill_rest
WITH gone AS (
    INSERT INTO gone_case SELECT id FROM old_case WHERE NOT EXISTS (SELECT FROM kept_case WHERE kept_case.id = old_case.id) RETURNING id
), kept AS (
    INSERT INTO kept_consignment SELECT consignment_id FROM declared_consignment
    WHERE consignment_id < %(before_id)s AND case_id IN (SELECT id FROM kept_case)
), gone_declared AS (
    INSERT INTO gone_consignment SELECT consignment_id FROM declared_consignment
    WHERE consignment_id < %(before_id)s AND case_id IN (SELECT id FROM gone)
)
INSERT INTO gone_document SELECT document_id FROM supporting_document
WHERE document_id < %(before_id)s AND case_id IN (SELECT id FROM gone)

-- name: select_shares
-- Of each partition of declarations, the oldest first: where it ends, how many it holds, how many are kept.
SELECT end_id, count(consignment_id), count(kept_case.id)
FROM partitions_before('declared_consignment', %(before_id)s) AS old
LEFT JOIN declared_consignment AS declared ON declared.tableoid = to_regclass(partition_name)
LEFT JOIN kept_case ON kept_case.id = declared.case_id
GROUP BY end_id ORDER BY end_id

-- name: count_gone
-- Cases by the name that they have today; an arrival is of no case.
SELECT (SELECT count(*) FROM gone_case JOIN every_case ON case_id = id WHERE merged_into IS NULL), (SELECT count(*) FROM gone_consignment), (SELECT count(*) FROM gone_document),
    (SELECT count(*) FROM kept_consignment), (SELECT min(id) FROM old_case WHERE id IN (SELECT id FROM gone_case))

-- name: count_kept
-- Why old cases are kept: each counts under the first ground that is its own; those merged with one count as "with-another".
SELECT ground, count(*) FROM (
    SELECT CASE
        WHEN EXISTS (SELECT FROM legal_hold WHERE legal_hold.case_id = kept_case.id AND lifted_at IS NULL) THEN 'held'
        WHEN EXISTS (SELECT FROM case_consignment WHERE of_case_id = kept_case.id AND status <> ALL(%(final_statuses)s::smallint[])) THEN 'open'
        WHEN EXISTS (SELECT FROM case_consignment JOIN task ON task.consignment_id = case_consignment.consignment_id
            WHERE of_case_id = kept_case.id AND closed_at IS NULL)
            OR EXISTS (SELECT FROM supporting_document AS sent JOIN task ON task.document_id = sent.document_id
            WHERE sent.case_id = kept_case.id AND closed_at IS NULL) THEN 'task'
        WHEN EXISTS (SELECT FROM case_consignment WHERE of_case_id = kept_case.id AND changed_at >= %(before_at)s)
            OR EXISTS (SELECT FROM supporting_document AS sent WHERE sent.case_id = kept_case.id AND received_at >= %(before_at)s)
            OR EXISTS (SELECT FROM act WHERE act.case_id = kept_case.id AND at >= %(before_at)s) THEN 'changed-since'
        ELSE 'with-another' END AS ground
    FROM kept_case
) AS why GROUP BY ground ORDER BY ground

-- name: insert_hold
INSERT INTO legal_hold (hold_id, administration_id, case_id, ground, placed_by, placed_at)
SELECT %(hold_id)s, %(administration_id)s, case_id, %(ground)s, %(placed_by)s, %(placed_at)s
FROM every_case WHERE case_id = %(case_id)s AND administration_id = %(administration_id)s

-- name: lift_hold
UPDATE legal_hold SET lifted_by = %(lifted_by)s, lifted_at = %(at)s
WHERE hold_id = %(hold_id)s AND administration_id = %(administration_id)s AND lifted_at IS NULL

-- name: select_holds
SELECT hold_id, case_id, ground, placed_by, placed_at, lifted_by, lifted_at FROM legal_hold
WHERE administration_id = %(administration_id)s
    AND (%(case_ids)s::bigint[] IS NULL OR (case_id = ANY(%(case_ids)s::bigint[]) AND lifted_at IS NULL))
ORDER BY hold_id

-- name: select_kept_messages
-- What the vault holds of cases that are kept: declarations in every version, other documents, why somebody acted, words before loading;
-- and of disputes of scores that nobody has answered, what is said and the document.
SELECT id FROM kept_consignment
UNION SELECT document_id FROM declared_consignment JOIN kept_consignment ON id = consignment_id
UNION SELECT document_id FROM earlier_decision JOIN kept_consignment ON id = consignment_id
UNION SELECT document_id FROM supporting_document WHERE document_id < %(before_id)s AND case_id IN (SELECT id FROM kept_case)
UNION SELECT act_id FROM act WHERE has_words AND case_id IN (SELECT id FROM kept_case)
UNION SELECT assessment_id FROM loading_assessment
WHERE has_words AND assessment_id < %(before_id)s AND case_id IN (SELECT id FROM kept_case)
UNION SELECT message_id FROM quality_dispute AS dispute
CROSS JOIN LATERAL (VALUES (statement_id), (CASE WHEN has_document THEN dispute_id END)) AS said (message_id)
WHERE message_id < %(before_id)s AND NOT EXISTS (SELECT FROM quality_dispute_answer AS answer WHERE answer.dispute_id = dispute.dispute_id)
ORDER BY 1

-- name: fill_kept_batches
INSERT INTO kept_batch SELECT unnest(%(batch_ids)s::bigint[])

-- name: fill_kept_quotes
-- Those that still bind, and those that a declaration that stays has used.
INSERT INTO kept_quote SELECT quote_id FROM quote
WHERE quote_id < %(before_id)s AND (expires_at >= %(before_at)s OR EXISTS (
    SELECT FROM quote_use WHERE quote_use.quote_id = quote.quote_id
        AND NOT EXISTS (SELECT FROM gone_consignment WHERE gone_consignment.id = quote_use.consignment_id)))

-- name: count_quotes
SELECT count(*) FROM quote WHERE quote_id < %(before_id)s AND NOT EXISTS (SELECT FROM kept_quote WHERE id = quote_id)

-- name: count_events
SELECT (SELECT coalesce(sum(run_count), 0)::bigint FROM event_batch CROSS JOIN LATERAL unnest(counts) AS run_count
        WHERE last_event_id < %(feed_before_id)s),
    (SELECT count(*) FROM epcis_event WHERE event_id < %(visibility_before_id)s)

-- name: delete_beside
-- What stands beside the partitions of cases that go. References stay used for ever, and what was read stays in its ledger.
WITH keys AS (DELETE FROM match_key WHERE case_id IN (SELECT id FROM gone_case)),
    document_keys AS (DELETE FROM document_key WHERE case_id IN (SELECT id FROM gone_case)),
    features AS (DELETE FROM linkage_feature WHERE case_id IN (SELECT id FROM gone_case)),
    links AS (DELETE FROM document_link WHERE case_id IN (SELECT id FROM gone_case)),
    parties AS (DELETE FROM document_party WHERE document_id IN (SELECT id FROM gone_document)),
    named AS (DELETE FROM case_party WHERE case_id IN (SELECT id FROM gone_case)),
    matches AS (DELETE FROM case_match WHERE case_id IN (SELECT id FROM gone_case)),
    acts AS (DELETE FROM act WHERE case_id IN (SELECT id FROM gone_case)),
    selections AS (DELETE FROM risk_selection WHERE case_id IN (SELECT id FROM gone_case)),
    controls AS (DELETE FROM agency_control WHERE consignment_id IN (SELECT id FROM gone_consignment)),
    tasks AS (DELETE FROM task WHERE consignment_id IN (SELECT id FROM gone_consignment)),
    members AS (DELETE FROM split_shipment_member WHERE consignment_id IN (SELECT id FROM gone_consignment)),
    names AS (DELETE FROM party_hit WHERE consignment_id IN (SELECT id FROM gone_consignment)),
    verdicts AS (DELETE FROM name_verdict WHERE consignment_id IN (SELECT id FROM gone_consignment)),
    -- A group goes with the last of its parcels.
    split_groups AS (DELETE FROM split_shipment_group WHERE group_id IN (
            SELECT group_id FROM split_shipment_member WHERE consignment_id IN (SELECT id FROM gone_consignment))
        AND NOT EXISTS (SELECT FROM split_shipment_member AS kept WHERE kept.group_id = split_shipment_group.group_id
            AND kept.consignment_id NOT IN (SELECT id FROM gone_consignment))),
    -- What was detained for a right goes with its case, and to whom names of it were given.
    rights_names AS (DELETE FROM rights_disclosure WHERE detention_id IN (
            SELECT detention_id FROM rights_detention WHERE case_id IN (SELECT id FROM gone_case))),
    rights_goods AS (DELETE FROM rights_detention WHERE case_id IN (SELECT id FROM gone_case)),
    -- A notice goes with the last of the cases it speaks of.
    notices AS (DELETE FROM notice WHERE case_ids && (SELECT array_agg(id) FROM gone_case)
        AND NOT EXISTS (SELECT FROM unnest(case_ids) AS spoken (id) WHERE id NOT IN (SELECT id FROM gone_case))),
    mails AS (DELETE FROM mail_notice WHERE case_id IN (SELECT id FROM gone_case)),
    told AS (DELETE FROM act_notice WHERE case_id IN (SELECT id FROM gone_case)),
    uses AS (DELETE FROM quote_use WHERE consignment_id IN (SELECT id FROM gone_consignment)),
    tokens AS (DELETE FROM tax_paid_use WHERE consignment_id IN (SELECT id FROM gone_consignment)),
    citations AS (DELETE FROM scheme_citation WHERE consignment_id IN (SELECT id FROM gone_consignment)),
    proofs AS (DELETE FROM tax_paid_proof WHERE consignment_id IN (SELECT id FROM gone_consignment)),
    bookings AS (DELETE FROM quote_booking WHERE consignment_id IN (SELECT id FROM gone_consignment)),
    lines AS (DELETE FROM bulk_declaration_line WHERE document_id IN (SELECT id FROM gone_consignment))
DELETE FROM case_file WHERE case_id IN (SELECT id FROM gone_case) RETURNING merged_into

-- name: count_among_gone
SELECT count(*) FROM gone_case WHERE id = ANY(%(case_ids)s::bigint[])

-- name: count_come_back
-- What has happened since an id, shortly before it began, to cases that are to go.
SELECT count(*) FROM (
    SELECT case_id FROM declared_consignment WHERE decision_id >= %(since_id)s
    UNION ALL SELECT case_id FROM landing JOIN declared_consignment USING (consignment_id) WHERE landing.decision_id >= %(since_id)s
    UNION ALL SELECT case_id FROM supporting_document WHERE document_id >= %(since_id)s
    UNION ALL SELECT case_id FROM act WHERE act_id >= %(since_id)s
    UNION ALL SELECT merged_into FROM case_file WHERE merged_into IN (SELECT id FROM gone_case)
) AS happened WHERE case_id IN (SELECT id FROM gone_case)

-- name: delete_visibility
WITH things AS (DELETE FROM epcis_thing WHERE event_id < %(before_id)s),
    keys AS (DELETE FROM epcis_key WHERE event_id < %(before_id)s)
DELETE FROM epcis_claim WHERE event_id < %(before_id)s

-- name: copy_kept
SELECT copy_kept_rows(%(table_name)s, %(before_id)s, %(kept_column)s, %(kept_table)s)

-- name: put_kept
CALL put_kept_rows(%(table_name)s, %(before_id)s)

-- name: insert_run
INSERT INTO retention_run (run_id, administration_id, ran_at, content, salt)
VALUES (%(run_id)s, %(administration_id)s, %(at)s, %(content)s, %(salt)s)

-- name: select_runs
SELECT run_id, ran_at, content, salt FROM retention_run WHERE administration_id = %(administration_id)s ORDER BY run_id

-- What statements are read from: tables of other rooms, and nothing is written here.

-- name: select_sums
-- What stood on a party's accounts before a period, and what moved in it, by phase. assessed: by decisions.
SELECT account.kind, currency_code, account.party_id, debtor_code, tax_type_code, country_code, number, phase,
    coalesce(sum(amount_minor) FILTER (WHERE posted_at < %(from_at)s), 0)::bigint,
    coalesce(sum(amount_minor) FILTER (WHERE posted_at >= %(from_at)s AND posting.kind = 0), 0)::bigint,
    coalesce(sum(amount_minor) FILTER (WHERE posted_at >= %(from_at)s AND posting.kind <> 0), 0)::bigint
FROM ledger_account AS account
JOIN ledger_entry USING (account_id)
JOIN ledger_posting AS posting USING (posting_id)
WHERE account.administration_id = %(administration_id)s AND account.party_id = %(party_id)s
    AND account.kind = ANY(%(kinds)s::smallint[]) AND posted_at < %(to_at)s
GROUP BY account.kind, currency_code, account.party_id, debtor_code, tax_type_code, country_code, number, phase

-- name: list_payments
-- What other postings than those of decisions moved on a party's accounts in a period, oldest first, and the case of the act.
SELECT posting_id, posted_at, posting.subject_id, account.kind, currency_code, account.party_id, debtor_code, tax_type_code, country_code, number,
    amount_minor, act.kind, act.case_id
FROM ledger_account AS account
JOIN ledger_entry USING (account_id)
JOIN ledger_posting AS posting USING (posting_id)
LEFT JOIN act ON act.act_id = posting.subject_id AND act.administration_id = %(administration_id)s
WHERE account.administration_id = %(administration_id)s AND account.party_id = %(party_id)s
    AND account.kind = ANY(%(kinds)s::smallint[]) AND posting.kind <> 0 AND phase = 1
    AND posted_at >= %(from_at)s AND posted_at < %(to_at)s
ORDER BY posting_id, account.account_id LIMIT %(limit)s

-- name: list_decided
-- A party's consignments of which something was decided since an instant, in the order in which they were declared.
SELECT consignment_id, case_id, reference FROM consignment
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s AND changed_at >= %(from_at)s
    AND consignment_id > %(after_id)s
ORDER BY consignment_id LIMIT %(limit)s

-- name: list_owing
-- A party's consignments on which something is to be paid, or of which a payment was taken back, in the order in which they were declared.
SELECT consignment_id, case_id, reference FROM consignment
WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s AND consignment_id > %(after_id)s
    AND (status = ANY(%(statuses)s::smallint[]) OR EXISTS (
        SELECT FROM payment_allocation
        WHERE payment_allocation.consignment_id = consignment.consignment_id AND amount_minor < 0
            AND payment_allocation.administration_id = %(administration_id)s
    ))
ORDER BY consignment_id LIMIT %(limit)s

-- name: select_decisions
-- How consignments were decided until an instant, oldest first.
SELECT consignment_id, decided_at, status, basis_id, accepted_at, is_provisional, detail FROM decision
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND administration_id = %(administration_id)s AND decided_at < %(to_at)s
ORDER BY consignment_id, decided_at, decision_id

-- name: select_allocations
-- What of payments was taken off the charges of consignments until an instant, and whether it went over an account that is settled later.
SELECT consignment_id, sequence_number, tax_type_code, debtor_code, currency_code, posted_at, EXISTS (
        SELECT FROM ledger_entry JOIN ledger_account USING (account_id)
        WHERE ledger_entry.posting_id = posting.posting_id AND ledger_account.kind = ANY(%(deferred)s::smallint[])
    ), amount_minor
FROM payment_allocation
JOIN ledger_posting AS posting USING (posting_id)
WHERE consignment_id = ANY(%(consignment_ids)s::bigint[]) AND payment_allocation.administration_id = %(administration_id)s
    AND posted_at < %(to_at)s

-- name: select_references
-- What the consignments of cases are called, the first of each.
SELECT DISTINCT ON (of_case_id) of_case_id, reference FROM case_consignment
WHERE of_case_id = ANY(%(case_ids)s::bigint[]) AND administration_id = %(administration_id)s
ORDER BY of_case_id, consignment_id

-- name: select_first_posted
-- When something was first entered on a party's accounts.
SELECT min(posted_at) FROM ledger_account AS account
JOIN ledger_entry USING (account_id)
JOIN ledger_posting USING (posting_id)
WHERE account.administration_id = %(administration_id)s AND account.party_id = %(party_id)s AND account.kind = ANY(%(kinds)s::smallint[])

-- name: select_party_name
SELECT name FROM party WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s

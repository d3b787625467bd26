-- Tables refund_order, refund_part, refund_batch, refund_account, charge_repayment: written by this room alone.

-- name: lock_ordering
-- Orders are placed one batch at a time: what two would take from one account is taken once.
SELECT pg_advisory_xact_lock(hashtextextended('refund_order', %(administration_id)s))

-- name: select_known
SELECT order_key, refund_order_id FROM refund_order
WHERE administration_id = %(administration_id)s AND order_key = ANY(%(keys)s::bytea[])

-- name: select_due_balances
-- What is due back on accounts, less what is ordered: credits are below zero.
SELECT party_id, currency_code, number, (-sum(amount_minor))::bigint
FROM unnest(%(party_ids)s::bigint[], %(currencies)s::text[], %(numbers)s::text[]) AS wanted (party_id, currency_code, number)
JOIN ledger_account USING (party_id, currency_code, number) JOIN ledger_entry USING (account_id)
WHERE ledger_account.administration_id = %(administration_id)s AND ledger_account.kind = %(kind)s AND debtor_code = '' AND tax_type_code = ''
    AND country_code = ''
GROUP BY party_id, currency_code, number

-- name: list_due
-- What of each payment is left over and not ordered back, by the payment's act: postings of kind 1, payment.
SELECT act_id, act.case_id, due.party_id, currency_code, number, due_minor - coalesce(ordered_minor, 0), act.at, parameters ->> 'payer'
FROM (
    SELECT subject_id AS act_id, ledger_account.party_id, currency_code, number, (-sum(amount_minor))::bigint AS due_minor
    FROM ledger_account JOIN ledger_entry USING (account_id) JOIN ledger_posting USING (posting_id)
    WHERE ledger_account.administration_id = %(administration_id)s AND ledger_account.kind = %(kind)s AND ledger_posting.kind = 1
        AND subject_id > %(after)s
    GROUP BY subject_id, ledger_account.party_id, currency_code, number
) AS due
JOIN act USING (act_id)
LEFT JOIN (
    SELECT act_id, sum(refund_part.amount_minor)::bigint AS ordered_minor
    FROM refund_part JOIN refund_order USING (refund_order_id)
    WHERE status <> ALL(%(ended)s::smallint[]) GROUP BY act_id
) AS ordered USING (act_id)
WHERE due_minor > coalesce(ordered_minor, 0) AND act.kind = ANY(%(kinds)s::text[])
ORDER BY act_id LIMIT %(limit)s

-- name: list_orders
-- Orders in the order of their ids. party_id, case_id, status null: of all.
SELECT refund_order_id, party_id, payee, number, case_id, amount_minor, interest_minor, currency_code, ground, status, law_reference, account_number, batch_id, plan_id,
    reason_code, ordered_at, changed_at, interest_why
FROM refund_order
WHERE administration_id = %(administration_id)s AND refund_order_id > %(after)s
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
    AND (%(case_ids)s::bigint[] IS NULL OR case_id = ANY(%(case_ids)s::bigint[]))
    AND (%(status)s::smallint IS NULL OR status = %(status)s)
ORDER BY refund_order_id LIMIT %(limit)s

-- name: list_oldest_waiting
-- Orders that wait for a batch, the oldest first.
SELECT refund_order_id, party_id, payee, number, case_id, amount_minor, interest_minor, currency_code, ground, status, law_reference, account_number, batch_id, plan_id,
    reason_code, ordered_at, changed_at, interest_why
FROM refund_order
WHERE administration_id = %(administration_id)s AND status = 0 ORDER BY refund_order_id LIMIT %(limit)s

-- name: list_came_back
-- Orders that the bank rejected or the payee's bank sent back, the newest first.
SELECT refund_order_id, party_id, payee, number, case_id, amount_minor, interest_minor, currency_code, ground, status, law_reference, account_number, batch_id, plan_id,
    reason_code, ordered_at, changed_at, interest_why
FROM refund_order
WHERE administration_id = %(administration_id)s AND status IN (4, 6) ORDER BY refund_order_id DESC LIMIT %(limit)s

-- name: list_newest_of_party
SELECT refund_order_id, party_id, payee, number, case_id, amount_minor, interest_minor, currency_code, ground, status, law_reference, account_number, batch_id, plan_id,
    reason_code, ordered_at, changed_at, interest_why
FROM refund_order
WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND payee = '' ORDER BY refund_order_id DESC LIMIT %(limit)s

-- name: lock_orders
-- Held to the end, in one order everywhere.
SELECT refund_order_id, party_id, payee, number, case_id, amount_minor, interest_minor, currency_code, ground, status, law_reference, account_number, batch_id, plan_id,
    reason_code, ordered_at, changed_at, interest_why
FROM refund_order
WHERE administration_id = %(administration_id)s AND refund_order_id = ANY(%(ids)s::bigint[]) ORDER BY refund_order_id FOR UPDATE

-- name: select_of_batch
SELECT refund_order_id, party_id, payee, number, case_id, amount_minor, interest_minor, currency_code, ground, status, law_reference, account_number, batch_id, plan_id,
    reason_code, ordered_at, changed_at, interest_why
FROM refund_order WHERE administration_id = %(administration_id)s AND batch_id = %(batch_id)s ORDER BY refund_order_id

-- name: select_waiting
-- Orders that wait for a batch, with the account of their payee where it is known and banks have it. Those that cannot be paid take no place.
SELECT refund_order_id, refund_account.payee_account_id FROM refund_order
JOIN refund_account USING (administration_id, party_id, payee)
WHERE refund_order.administration_id = %(administration_id)s AND status = 0 AND account_number = %(account_number)s
    AND currency_code = %(currency_code)s AND refused_at IS NULL AND refund_order_id > %(after)s
ORDER BY refund_order_id LIMIT %(limit)s

-- name: count_without_account
-- Orders that wait for their payee to say to which account.
SELECT count(*) FROM refund_order LEFT JOIN refund_account USING (administration_id, party_id, payee)
WHERE refund_order.administration_id = %(administration_id)s AND status = 0 AND account_number = %(account_number)s
    AND currency_code = %(currency_code)s AND (refund_account.payee_account_id IS NULL OR refused_at IS NOT NULL)

-- name: select_payee_accounts
-- To which accounts the orders of a batch go.
SELECT refund_order_id, payee_account_id FROM refund_order
WHERE administration_id = %(administration_id)s AND batch_id = %(batch_id)s ORDER BY refund_order_id

-- name: select_cases_of
-- The cases of orders that are of one.
SELECT DISTINCT case_id FROM refund_order
WHERE administration_id = %(administration_id)s AND refund_order_id = ANY(%(ids)s::bigint[]) AND case_id <> 0 ORDER BY case_id

-- name: select_orders_of_act
-- Orders that wait, of a payment.
SELECT DISTINCT refund_order_id FROM refund_part JOIN refund_order USING (refund_order_id)
WHERE refund_part.administration_id = %(administration_id)s AND act_id = %(act_id)s AND status = 0

-- name: send_orders
UPDATE refund_order SET status = 1, changed_at = %(at)s, batch_id = %(batch_id)s, payee_account_id = sent.payee_account_id
FROM unnest(%(ids)s::bigint[], %(account_ids)s::bigint[]) AS sent (refund_order_id, payee_account_id)
WHERE refund_order.refund_order_id = sent.refund_order_id AND administration_id = %(administration_id)s

-- name: move_orders
UPDATE refund_order SET status = %(status)s, changed_at = %(at)s, reason_code = %(reason_code)s
WHERE administration_id = %(administration_id)s AND refund_order_id = ANY(%(ids)s::bigint[])

-- name: select_account_days
-- When the payees of orders last said to which account they are paid.
SELECT refund_order_id, given_at FROM refund_order JOIN refund_account USING (administration_id, party_id, payee)
WHERE refund_order.administration_id = %(administration_id)s AND refund_order_id = ANY(%(ids)s::bigint[])

-- name: select_payment_days
-- When what orders give back was paid, the last of it: an order of a case gives back one payment.
SELECT refund_order_id, max(act.at) FROM refund_part JOIN act USING (act_id, administration_id)
WHERE administration_id = %(administration_id)s AND refund_order_id = ANY(%(ids)s::bigint[]) GROUP BY refund_order_id

-- name: add_interest
UPDATE refund_order SET amount_minor = amount_minor + added.interest_minor, interest_minor = added.interest_minor,
    interest_why = added.interest_why, law_reference = added.law_reference
FROM unnest(%(ids)s::bigint[], %(interests)s::bigint[], %(whys)s::text[], %(references)s::text[])
    AS added (refund_order_id, interest_minor, interest_why, law_reference)
WHERE refund_order.refund_order_id = added.refund_order_id AND administration_id = %(administration_id)s

-- name: insert_batch
INSERT INTO refund_batch (batch_id, sum_minor, made_at, execution_on, orders_count, administration_id, currency_code, account_number)
VALUES (%(batch_id)s, %(sum_minor)s, %(made_at)s, %(execution_on)s, %(orders_count)s, %(administration_id)s, %(currency_code)s,
    %(account_number)s)

-- name: list_batches
-- The newest first.
SELECT batch_id, account_number, currency_code, sum_minor, orders_count, made_at, execution_on FROM refund_batch
WHERE administration_id = %(administration_id)s AND batch_id < %(before)s ORDER BY batch_id DESC LIMIT %(limit)s

-- name: select_batch
SELECT batch_id, account_number, currency_code, sum_minor, orders_count, made_at, execution_on FROM refund_batch
WHERE administration_id = %(administration_id)s AND batch_id = %(batch_id)s

-- name: put_account
INSERT INTO refund_account (administration_id, party_id, payee, payee_account_id, given_at)
VALUES (%(administration_id)s, %(party_id)s, %(payee)s, %(payee_account_id)s, %(at)s)
ON CONFLICT (administration_id, party_id, payee)
    DO UPDATE SET payee_account_id = excluded.payee_account_id, given_at = excluded.given_at, refused_at = NULL

-- name: select_account
SELECT payee_account_id, given_at, refused_at FROM refund_account
WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND payee = %(payee)s

-- name: select_known_payees
SELECT payee FROM refund_account
WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND payee = ANY(%(payees)s::bytea[])

-- name: refuse_accounts
-- Of orders whose account the bank will not have, unless another was given since.
UPDATE refund_account SET refused_at = %(at)s FROM refund_order
WHERE refund_account.administration_id = %(administration_id)s AND refund_order_id = ANY(%(ids)s::bigint[])
    AND refund_order.party_id = refund_account.party_id AND refund_order.payee = refund_account.payee
    AND refund_order.payee_account_id = refund_account.payee_account_id

-- name: refuse_erased
-- Of orders that wait, whose account was erased.
UPDATE refund_account SET refused_at = %(at)s FROM refund_order
WHERE refund_account.administration_id = %(administration_id)s AND refund_order_id = ANY(%(ids)s::bigint[])
    AND refund_order.party_id = refund_account.party_id AND refund_order.payee = refund_account.payee

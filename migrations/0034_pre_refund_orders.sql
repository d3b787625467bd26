-- Nothing has been released that would wait for long.
-- squawk-ignore-file require-concurrent-index-creation

-- refunds: an order to pay money back. order_key: what it pays, so that it is ordered once. party_id, number: of the ledger's account refunds-due
-- that it takes from; payee: pseudonym of whoever is paid in the party's stead, empty for the party. case_id 0: of several, or of none. ground,
-- status: places in GROUNDS and STATUSES. account_number: the administration's own account that pays. batch_id: in which it went to the bank;
-- payee_account_id: to which account of the payee, which the vault holds under that id. plan_id: of many
-- repayments, 0: of none; interest_minor: what of the amount is interest. No names, and no account in clear.
CREATE TABLE refund_order (
    refund_order_id bigint PRIMARY KEY,
    party_id bigint NOT NULL,
    case_id bigint NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    interest_minor bigint NOT NULL CHECK (interest_minor BETWEEN 0 AND amount_minor),
    plan_id bigint NOT NULL,
    batch_id bigint,
    payee_account_id bigint,
    ordered_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    ground smallint NOT NULL,
    status smallint NOT NULL,
    currency_code text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    law_reference text COLLATE "C" NOT NULL,
    account_number text COLLATE "C" NOT NULL,
    reason_code text COLLATE "C" NOT NULL,
    order_key bytea NOT NULL,
    payee bytea NOT NULL
);
-- Ordered once, in whichever order it is asked for.
CREATE UNIQUE INDEX refund_order_by_key ON refund_order (administration_id, order_key);
-- What waits for a batch (select_waiting).
CREATE INDEX refund_order_waiting ON refund_order (administration_id, refund_order_id) WHERE status = 0;
-- Orders of a batch (select_of_batch).
CREATE INDEX refund_order_by_batch ON refund_order (batch_id) WHERE batch_id IS NOT NULL;
-- What a party is paid back (list_orders).
CREATE INDEX refund_order_by_party ON refund_order (party_id, refund_order_id);
-- What was ordered back in a case (list_orders).
CREATE INDEX refund_order_by_case ON refund_order (case_id) WHERE case_id <> 0;
CALL let_readers_see('refund_order');

-- refunds: what of a payment (the act) an order gives back.
CREATE TABLE refund_part (
    refund_order_id bigint NOT NULL,
    act_id bigint NOT NULL,
    case_id bigint NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    administration_id smallint NOT NULL,
    PRIMARY KEY (refund_order_id, act_id)
);
-- What of a payment was ordered back (select_ordered_back).
CREATE INDEX refund_part_by_act ON refund_part (act_id);
CALL let_readers_see('refund_part');

-- refunds: orders that went to the bank together, as one message.
CREATE TABLE refund_batch (
    batch_id bigint PRIMARY KEY,
    sum_minor bigint NOT NULL,
    made_at timestamptz NOT NULL,
    execution_on date NOT NULL,
    orders_count integer NOT NULL,
    administration_id smallint NOT NULL,
    currency_code text COLLATE "C" NOT NULL,
    account_number text COLLATE "C" NOT NULL
);
-- The newest batches (list_batches).
CREATE INDEX refund_batch_newest ON refund_batch (administration_id, batch_id);
CALL let_readers_see('refund_batch');

-- refunds: to which account a payee is paid: the id under which the vault holds it. refused_at: since when banks will not have it, so that the
-- payee is asked for another.
CREATE TABLE refund_account (
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    payee bytea NOT NULL,
    payee_account_id bigint NOT NULL,
    given_at timestamptz NOT NULL,
    refused_at timestamptz,
    PRIMARY KEY (administration_id, party_id, payee)
);
CALL keep_apart('refund_account');

-- refunds: what of a charge was given back by a plan (source_id: the order or plan): the rows of a charge are summed.
CREATE TABLE charge_repayment (
    source_id bigint NOT NULL,
    consignment_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    administration_id smallint NOT NULL,
    sequence_number smallint NOT NULL,
    tax_type_code text COLLATE "C" NOT NULL,
    debtor_code text COLLATE "C" NOT NULL,
    currency_code text COLLATE "C" NOT NULL
);
-- What of the charges of a consignment was given back (select_repaid, list_repaid).
CREATE INDEX charge_repayment_by_consignment ON charge_repayment (consignment_id);
CALL let_readers_see('charge_repayment');
REVOKE UPDATE, DELETE ON charge_repayment FROM serai_writer;

-- Entries of an account (select_due_balances, list_due).
CREATE INDEX IF NOT EXISTS ledger_entry_by_account ON ledger_entry (account_id);

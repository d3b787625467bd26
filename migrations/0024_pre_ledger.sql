-- ledger: accounts, by what tells them from others: kind, place in ACCOUNT_KINDS; party_id 0: of nobody alone. No sum stands here: a balance is
-- the sum of an account's entries, so that no row is waited for.
CREATE TABLE ledger_account (
    account_id bigint PRIMARY KEY,
    party_id bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    kind smallint NOT NULL,
    currency_code text COLLATE "C" NOT NULL,
    debtor_code text COLLATE "C" NOT NULL,
    tax_type_code text COLLATE "C" NOT NULL,
    country_code text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    UNIQUE (administration_id, kind, party_id, currency_code, debtor_code, tax_type_code, country_code, number)
);
CALL let_readers_see('ledger_account');

-- ledger: what was entered together. kind: place in POSTING_KINDS; subject_id: the batch, by the first decision in it, or the act. salt: of its
-- commitment in the log, whose leaf has its id.
CREATE TABLE ledger_posting (
    posting_id bigint NOT NULL,
    subject_id bigint NOT NULL,
    posted_at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    kind smallint NOT NULL,
    salt bytea NOT NULL,
    PRIMARY KEY (posting_id)
) PARTITION BY RANGE (posting_id);
CALL cut_by_time('ledger_posting');
-- What was entered of an act (select_entered): kinds beside 0, of which a batch has one.
CREATE INDEX ledger_posting_by_subject ON ledger_posting (subject_id) WHERE kind <> 0;
CALL let_readers_see('ledger_posting');

-- ledger: debits positive, credits negative; those of a posting come to nothing in each currency and phase. phase: place in PHASES.
CREATE TABLE ledger_entry (
    posting_id bigint NOT NULL,
    account_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    administration_id smallint NOT NULL,
    phase smallint NOT NULL,
    PRIMARY KEY (posting_id, account_id, phase)
) PARTITION BY RANGE (posting_id);
CALL cut_by_time('ledger_entry');
CALL let_readers_see('ledger_entry');

-- ledger: what of a payment (the act) was taken off which charge. Another row takes back, or adds: the rows of an act and charge are summed.
CREATE TABLE payment_allocation (
    posting_id bigint NOT NULL,
    act_id bigint NOT NULL,
    consignment_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    administration_id smallint NOT NULL,
    sequence_number smallint NOT NULL,
    tax_type_code text COLLATE "C" NOT NULL,
    debtor_code text COLLATE "C" NOT NULL,
    currency_code text COLLATE "C" NOT NULL
) PARTITION BY RANGE (posting_id);
CALL cut_by_time('payment_allocation');
-- What was taken off charges by an act (select_allocated).
CREATE INDEX payment_allocation_by_act ON payment_allocation (act_id);
CALL let_readers_see('payment_allocation');

-- Nothing that was entered is changed or goes: what was wrong is entered back.
REVOKE UPDATE, DELETE ON ledger_account, ledger_posting, ledger_entry, payment_allocation FROM serai_writer;

-- payment_accounts: accounts over which a party pays what cases owe: whose each is, of which way of collection (laws/collection.yaml), and how much
-- may stand open on it at once. Nothing of one is changed but that it was closed.
CREATE TABLE payment_account (
    account_id bigint PRIMARY KEY,
    party_id bigint NOT NULL REFERENCES party,
    limit_minor bigint NOT NULL CHECK (limit_minor >= 0),
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    administration_id smallint NOT NULL,
    number text COLLATE "C" NOT NULL,
    way text COLLATE "C" NOT NULL,
    currency_code text COLLATE "C" NOT NULL,
    UNIQUE (administration_id, number)
);
-- A party's accounts (select_accounts).
CREATE INDEX payment_account_by_party ON payment_account (party_id);
CALL let_readers_see('payment_account');

-- payment_accounts: what was put on an account for a case, above zero, and what was paid into it or taken back, below. Its sum is what stands open:
-- whoever puts something on it holds the row of the account. subject_id: the act, or the posting of what the bank says.
CREATE TABLE payment_account_movement (
    movement_id bigint PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES payment_account,
    subject_id bigint NOT NULL,
    case_id bigint,
    amount_minor bigint NOT NULL,
    moved_at timestamptz NOT NULL,
    administration_id smallint NOT NULL
);
-- What stands on an account, and its statement (select_accounts, select_movements).
CREATE INDEX payment_account_movement_by_account ON payment_account_movement (account_id, movement_id);
-- What was put on an account by an act (take_back_movements).
CREATE INDEX payment_account_movement_by_subject ON payment_account_movement (subject_id);
CALL let_readers_see('payment_account_movement');
REVOKE UPDATE, DELETE ON payment_account_movement FROM serai_writer;

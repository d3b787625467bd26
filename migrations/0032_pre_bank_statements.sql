-- bank_statements: how far the statements of each of the administration's bank accounts have been read. point: SequencePoint.
CREATE TABLE bank_account (
    administration_id smallint NOT NULL,
    number text COLLATE "C" NOT NULL,
    read_at timestamptz NOT NULL,
    point jsonb NOT NULL,
    PRIMARY KEY (administration_id, number)
);
CALL let_readers_see('bank_account');

-- bank_statements: each movement of money once, whatever tells of it again (`Movement.key`). No names and no words of payers. outcome: what it came
-- to; case_id, act_id: of what it paid. statement: the bank's own name of it. amount_minor: below zero, it left the account.
CREATE TABLE bank_movement (
    administration_id smallint NOT NULL,
    movement_key bytea NOT NULL,
    movement_id bigint NOT NULL,
    act_id bigint,
    case_id bigint,
    amount_minor bigint NOT NULL,
    imported_at timestamptz NOT NULL,
    booked_on date,
    outcome text COLLATE "C" NOT NULL,
    account_number text COLLATE "C" NOT NULL,
    currency_code text COLLATE "C" NOT NULL,
    creditor_reference text COLLATE "C" NOT NULL,
    statement text COLLATE "C" NOT NULL,
    pointer text COLLATE "C" NOT NULL,
    PRIMARY KEY (administration_id, movement_key)
);
-- What is to be looked at (select_unmatched), in the order in which it came.
CREATE INDEX bank_movement_unmatched ON bank_movement (administration_id, movement_id) WHERE act_id IS NULL;
-- What a reversal takes back (select_act_of_reference).
CREATE INDEX bank_movement_by_reference ON bank_movement (administration_id, creditor_reference) WHERE act_id IS NOT NULL;
CALL let_readers_see('bank_movement');

-- assess: what laws count over several consignments of one holder in a period: a buyer's allowance, the value of a day.
-- It takes the place of quota_use, which nothing ever wrote.
-- squawk-ignore-file ban-drop-table

DROP TABLE quota_use;

-- assess: what was added to a cumulative allowance in all. A batch that adds to it holds its row to the end, in the order of the primary key.
-- key_hash, check_hash: both halves of a hash of the allowance's name, its holder and the first day of its period, which stand in the draws.
-- amount: minor units, or pieces or consignments, as the law counts. Changed with each draw: room for that on each page.
CREATE TABLE cumulative_allowance (
    key_hash bigint NOT NULL,
    check_hash bigint NOT NULL,
    amount bigint NOT NULL,
    administration_id smallint NOT NULL,
    PRIMARY KEY (key_hash, check_hash)
) WITH (fillfactor = 50);

-- assess: what each decision found on a cumulative_allowance and added to it. A correction is a reversing row beside the new one; nothing is changed.
-- cumulative_allowance: the law's slot and what it counts. holder: pseudonym of a person, or of the parties that consignments have in common.
-- period_on: the first day of the period. word: place in COUNTED_WORDS. Rows of consignments that add nothing are kept as well: they say who the holder is.
CREATE TABLE cumulative_allowance_draw (
    consignment_id bigint NOT NULL,
    decision_id bigint NOT NULL,
    before_amount bigint NOT NULL,
    drawn_amount bigint NOT NULL,
    period_on date NOT NULL,
    administration_id smallint NOT NULL,
    word smallint NOT NULL,
    is_reversal boolean NOT NULL,
    cumulative_allowance text COLLATE "C" NOT NULL,
    holder bytea NOT NULL
) PARTITION BY RANGE (consignment_id);
CALL cut_by_time('cumulative_allowance_draw');
CREATE INDEX cumulative_allowance_draw_by_consignment ON cumulative_allowance_draw (consignment_id);
-- Which consignments a holder's cumulative_allowance counts: those that a later one reopens.
-- A holder has few.
CREATE INDEX cumulative_allowance_draw_by_beneficiary ON cumulative_allowance_draw (holder);

CALL let_readers_see('cumulative_allowance');
CALL let_readers_see('cumulative_allowance_draw');

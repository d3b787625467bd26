-- assess: what laws count over several consignments of one holder in a period: a buyer's allowance, the value of a day.
-- It takes the place of quota_use, which nothing ever wrote.
-- squawk-ignore-file ban-drop-table

DROP TABLE quota_use;

-- assess: what was added to a tally in all. A batch that adds to it holds its row to the end, in the order of the primary key.
-- tally: the law's slot and what it counts. holder: pseudonym of a person, or of the parties that consignments have in common.
-- period_on: the first day of the period. amount: minor units, or pieces or consignments, as the law counts. Changed with each draw:
-- room for that on each page.
CREATE TABLE tally (
    administration_id smallint NOT NULL,
    tally text COLLATE "C" NOT NULL,
    holder bytea NOT NULL,
    period_on date NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (administration_id, tally, holder, period_on)
) WITH (fillfactor = 70);

-- assess: what each decision found on a tally and added to it. A correction is a reversing row beside the new one; nothing is changed.
-- word: place in COUNTED_WORDS. Rows of consignments that add nothing are kept as well: they say who the holder is.
CREATE TABLE tally_draw (
    consignment_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    decision_id bigint NOT NULL,
    word smallint NOT NULL,
    tally text COLLATE "C" NOT NULL,
    holder bytea NOT NULL,
    period_on date NOT NULL,
    before_amount bigint NOT NULL,
    drawn_amount bigint NOT NULL,
    is_reversal boolean NOT NULL
) PARTITION BY RANGE (consignment_id);
CALL cut_by_year('tally_draw');
CREATE INDEX tally_draw_by_consignment ON tally_draw (consignment_id);
-- Which consignments a holder's tally counts: those that a later one reopens.
CREATE INDEX tally_draw_by_holder ON tally_draw (holder, tally, period_on);

CALL let_readers_see('tally');
CALL let_readers_see('tally_draw');

-- advise: data quality: running sums of each filer's days, what is usual for a heading, disputes.
-- One transaction, so no index is built beside the running work.
-- squawk-ignore-file require-concurrent-index-creation

-- Running sums of what a filer sent on a day (UTC), so that scorecards never count the hot tables. No personal data: the party is a firm
-- that files. One process writes the rows of its node_id only. Two sorts of rows: all messages (code and field ''), and the messages that
-- a check or a fault touched. message_count: taken; refused_count: not taken. person_count: of the taken, those in a lane that needs a person. lost_milli:
-- points lost, thousandths. asked_points (points that were to be had), round_count (goods items with a round price): of all messages only.
CREATE TABLE quality_day (
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    day_on date NOT NULL,
    node_id smallint NOT NULL,
    logistics_channel_code text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    field text COLLATE "C" NOT NULL,
    message_count bigint NOT NULL,
    refused_count bigint NOT NULL,
    item_count bigint NOT NULL,
    person_count bigint NOT NULL,
    lost_milli bigint NOT NULL,
    asked_points bigint NOT NULL,
    round_count bigint NOT NULL,
    PRIMARY KEY (administration_id, party_id, day_on, node_id, logistics_channel_code, code, field)
) WITH (fillfactor = 50);
CREATE INDEX quality_day_whole ON quality_day (administration_id, day_on) WHERE code = '';

-- Sketches: goods items by heading, unit of quantity, currency (empty for masses) and bin of an eighth of a doubling. measure: 0 price, 1 mass,
-- each by the unit of quantity. Added to in bulk beside the filing; read whole by each process.
CREATE TABLE quality_reference_value (
    administration_id smallint NOT NULL,
    measure smallint NOT NULL,
    heading text COLLATE "C" NOT NULL,
    unit_code text COLLATE "C" NOT NULL,
    currency_code text COLLATE "C" NOT NULL,
    bin smallint NOT NULL,
    item_count bigint NOT NULL,
    PRIMARY KEY (administration_id, measure, heading, unit_code, currency_code, bin)
) WITH (fillfactor = 70);

-- A filer says that a fault is not one, for days from and to (inclusive), and the administration's answer. Append only. code '': the score whole.
CREATE TABLE quality_dispute (
    dispute_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL,
    code text NOT NULL,
    from_on date NOT NULL,
    to_on date NOT NULL,
    statement text NOT NULL,
    opened_at timestamptz NOT NULL
);
CREATE INDEX quality_dispute_by_party ON quality_dispute (party_id);
CREATE TABLE quality_dispute_answer (
    dispute_id bigint PRIMARY KEY REFERENCES quality_dispute (dispute_id),
    administration_id smallint NOT NULL,
    is_upheld boolean NOT NULL,
    statement text NOT NULL,
    answered_by text NOT NULL,
    answered_at timestamptz NOT NULL
);

CALL let_readers_see('quality_day');
CALL let_readers_see('quality_reference_value');
CALL let_readers_see('quality_dispute');
CALL let_readers_see('quality_dispute_answer');

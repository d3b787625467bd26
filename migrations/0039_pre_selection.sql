-- One transaction, so no index is built beside the running work.
-- squawk-ignore-file require-concurrent-index-creation

-- selection: every version of an officer's risk rule, the newest last; rule NULL: it was withdrawn. Words of officers, of no person.
CREATE TABLE risk_rule_version (
    version_id bigint PRIMARY KEY,
    generation_id bigint NOT NULL,
    at timestamptz NOT NULL,
    administration_id smallint NOT NULL,
    rule_id text COLLATE "C" NOT NULL,
    rule jsonb
);
-- Since when a rule is in force, and what it said before (select_rule_versions).
CREATE INDEX risk_rule_version_by_rule ON risk_rule_version (administration_id, rule_id, version_id);
CALL let_readers_see('risk_rule_version');
REVOKE UPDATE, DELETE ON risk_rule_version FROM serai_writer;

-- selection: what a batch came to, for the budget of the day and for the fairness meter: sums of it, of nobody. targeted_count: rules or the model
-- selected; random_count: drawn at random. seen: by dimension and group, all that came; hits: by measure, dimension and group, what it spoke of.
-- Retention: gone with the days that the meter looks back on (forget_batches).
CREATE TABLE risk_batch (
    batch_id bigint PRIMARY KEY,
    decided_at timestamptz NOT NULL,
    day_on date NOT NULL,
    seen_count integer NOT NULL,
    targeted_count integer NOT NULL,
    random_count integer NOT NULL,
    candidates_count integer NOT NULL,
    administration_id smallint NOT NULL,
    seen jsonb NOT NULL,
    hits jsonb NOT NULL
);
-- Sums of a day (select_day), of days (select_groups).
CREATE INDEX risk_batch_by_day ON risk_batch (administration_id, day_on);
CALL let_readers_see('risk_batch');

-- selection: what was looked at and why, for officers alone. source: place in SOURCES; lane: 1 review, 2 examine. is_targeted: rules or the model
-- selected it, drawn at random or not. seller_key: pseudonym for counting how much a seller sends; 0: none is named.
-- Retention: gone with its case.
CREATE TABLE risk_selection (
    decision_id bigint PRIMARY KEY,
    case_id bigint NOT NULL,
    consignment_id bigint NOT NULL,
    seller_key bigint NOT NULL,
    decided_at timestamptz NOT NULL,
    propensity_ppm integer NOT NULL,
    score_ppm integer,
    administration_id smallint NOT NULL,
    source smallint NOT NULL,
    lane smallint NOT NULL,
    is_targeted boolean NOT NULL,
    rule_id text COLLATE "C",
    hit_rules text [] NOT NULL,
    origin_country_code text COLLATE "C",
    logistics_channel_code text COLLATE "C",
    declarant_kind text COLLATE "C" NOT NULL
);
-- Why a consignment is looked at (select_selections).
CREATE INDEX risk_selection_by_consignment ON risk_selection (consignment_id);
-- Its case goes (delete_cases).
CREATE INDEX risk_selection_by_case ON risk_selection (case_id);
-- Yield of rules and the random share over days (select_yields, select_random_share).
CREATE INDEX risk_selection_by_day ON risk_selection (administration_id, decided_at);
CALL let_readers_see('risk_selection');

-- selection: a measure that departs from what was found: an alarm until it ends. measure: a rule, or the model.
CREATE TABLE risk_departure (
    departure_id bigint PRIMARY KEY,
    begun_at timestamptz NOT NULL,
    ended_at timestamptz,
    group_seen_count bigint NOT NULL,
    group_hits_count bigint NOT NULL,
    other_seen_count bigint NOT NULL,
    other_hits_count bigint NOT NULL,
    administration_id smallint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    measure text COLLATE "C" NOT NULL,
    dimension text COLLATE "C" NOT NULL,
    group_code text COLLATE "C" NOT NULL
);
-- One alarm of a kind, measure and group is open at a time (open_departures).
CREATE UNIQUE INDEX risk_departure_open ON risk_departure (administration_id, kind, measure, dimension, group_code) WHERE ended_at IS NULL;
CALL let_readers_see('risk_departure');

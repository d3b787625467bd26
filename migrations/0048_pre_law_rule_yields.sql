-- law_in_force: what each rule of law that keeps goods brought in the days from counted_from to counted_at, counted by a job; first_counted_at:
-- since when its hits are looked for, last_hit_at: the newest; null: none yet. Sums alone, of nobody.
CREATE TABLE law_rule_yield (
    counted_from timestamptz NOT NULL,
    counted_at timestamptz NOT NULL,
    first_counted_at timestamptz NOT NULL,
    last_hit_at timestamptz,
    kept_count bigint NOT NULL,
    going_on_count bigint NOT NULL,
    examined_count bigint NOT NULL,
    found_count bigint NOT NULL,
    false_holds_count bigint NOT NULL,
    delay_s bigint NOT NULL,
    administration_id smallint NOT NULL,
    rule_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (administration_id, rule_id)
);
CALL let_readers_see('law_rule_yield');

-- Who was told of an act that begins a period or keeps goods, by which way, and whether that is proven.
-- Nothing has been released that would wait for long; the tables that are changed are small.
-- squawk-ignore-file require-concurrent-index-creation
-- squawk-ignore-file constraint-missing-not-valid
-- What replaces it allows more.
-- squawk-ignore-file ban-drop-constraint

-- mailing: act_id, party_id: the act that a notice tells of, and to whose people it goes; null: it tells of none. followed_state: the state that
-- was taken into account in the case.
ALTER TABLE mail_notice ADD COLUMN act_id bigint;
ALTER TABLE mail_notice ADD COLUMN party_id bigint;
ALTER TABLE mail_notice ADD COLUMN followed_state text COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX mail_notice_of_act ON mail_notice (act_id) WHERE act_id IS NOT NULL;
-- What has changed since it was taken into account (select_to_follow).
CREATE INDEX mail_notice_to_follow ON mail_notice (administration_id, notice_id) WHERE act_id IS NOT NULL AND followed_state <> state
    AND state <> ALL('{queued,handing-over,sent}');

-- acts: a party that an act was told to, in the transaction of the act, by the feed of its events and what else is known of it. case_id: of the
-- act, as it was called then; event_kind: of the event. due_at: until when proof is awaited. proven_at, proven_by: when it is proven to know, and
-- by what; null: nothing proves it. asked_at: since when officers are asked to tell it in another way. next_look_at: when proof is looked for.
CREATE TABLE act_notice (
    act_id bigint NOT NULL,
    party_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    case_id bigint NOT NULL,
    consignment_id bigint NOT NULL,
    told_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    next_look_at timestamptz NOT NULL,
    proven_at timestamptz,
    asked_at timestamptz,
    event_kind text COLLATE "C" NOT NULL,
    proven_by text COLLATE "C",
    PRIMARY KEY (act_id, party_id)
);
CREATE INDEX act_notice_to_look_at ON act_notice (administration_id, next_look_at) WHERE proven_at IS NULL;
CREATE INDEX act_notice_of_case ON act_notice (case_id);
CALL let_readers_see('act_notice');

-- tasks: two more kinds (12, 13) are about an act.
ALTER TABLE task DROP CONSTRAINT task_check2;
ALTER TABLE task ADD CONSTRAINT task_about CHECK (
    num_nulls(document_id, score_ppm) = CASE WHEN kind = 3 THEN 0 WHEN kind IN (4, 5, 6, 8, 9, 10, 11, 12, 13) THEN 1 ELSE 2 END
);

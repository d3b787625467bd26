-- recordals: the time of a holder of detained goods made longer, asked for once. extension_days: working days that were asked for.
-- extension_answer: granted, or refused; NULL: nobody has decided.
ALTER TABLE rights_detention
    ADD COLUMN extension_asked_at timestamptz,
    ADD COLUMN extension_decided_at timestamptz,
    ADD COLUMN extension_days smallint,
    ADD COLUMN extension_reason_code text COLLATE "C",
    ADD COLUMN extension_user text,
    ADD COLUMN extension_answer text COLLATE "C",
    ADD COLUMN extension_deciding_user text;

-- recordals: the newest request to make a recordal last longer. extension_to: the first instant out of force that was asked for;
-- extension_is_late: later than the law asks. What was granted before stands in administering_act.
ALTER TABLE recordal
    ADD COLUMN extension_asked_at timestamptz,
    ADD COLUMN extension_to timestamptz,
    ADD COLUMN extension_decided_at timestamptz,
    ADD COLUMN extension_is_late boolean,
    ADD COLUMN extension_user text,
    ADD COLUMN extension_answer text COLLATE "C",
    ADD COLUMN extension_reason_code text COLLATE "C",
    ADD COLUMN extension_deciding_user text;

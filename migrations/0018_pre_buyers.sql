-- Buyers: who looks for a parcel by its number and postcode, and the one-time code that opens more of it.
-- squawk-ignore-file require-concurrent-index-creation

-- buyers: a person who knew number and postcode of a parcel, until expires_at. person_id, document_id: whose postcode it was, in the vault.
-- confirmed_at: since when that person has shown to read the contact in the declaration. Nothing of number, postcode or address is here. Ended
-- ones are deleted after a day.
CREATE TABLE buyer_session (
    session_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    session_hash bytea NOT NULL UNIQUE,
    consignment_id bigint NOT NULL,
    person_id bigint NOT NULL,
    document_id bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    ended_at timestamptz
);
CREATE INDEX buyer_session_ended ON buyer_session (administration_id, expires_at);

CALL keep_apart('buyer_session');

-- mailing: a notice by e-mail, or by telephone through a gateway. sealed: to whom, and what stands in the text, under a key outside the
-- database; null once it was handed over or never will be. check_text: what the message says beside its number, so that nobody can make one up.
-- return_token: by which what comes back names it. state: of journey/mailing/states.py, since state_at; detail: a code (RFC 3463), no words.
-- notified_at: when it is proven to have reached whom it is for. words_version: the hash of the words. send_by: after that it is not sent.
-- leased_until, holder: which run of which process hands it over. tried_at: when next_try_at was set; later than now: the clock was set back.
CREATE TABLE mail_notice (
    notice_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    case_id bigint,
    kind text COLLATE "C" NOT NULL,
    means text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL,
    words_version bigint NOT NULL,
    sealed bytea,
    check_text text COLLATE "C" NOT NULL,
    return_token text COLLATE "C" NOT NULL UNIQUE,
    state text COLLATE "C" NOT NULL,
    state_at timestamptz NOT NULL,
    detail text COLLATE "C" NOT NULL,
    notified_at timestamptz,
    queued_at timestamptz NOT NULL,
    send_by timestamptz NOT NULL,
    tries_count integer NOT NULL,
    next_try_at timestamptz NOT NULL,
    tried_at timestamptz NOT NULL,
    leased_until timestamptz NOT NULL,
    holder bigint NOT NULL
);
CREATE INDEX mail_notice_due ON mail_notice (administration_id, next_try_at) WHERE state IN ('queued', 'handing-over');
-- What was sent about a case, and what goes with it (delete_beside).
CREATE INDEX mail_notice_of_case ON mail_notice (case_id) WHERE case_id IS NOT NULL;

CALL keep_apart('mail_notice');

-- buyers: the newest one-time code of a session. code_hash: hashed with the session's token, which is nowhere here: eight digits alone could be
-- tried out. notice_id: by which it was sent.
CREATE TABLE buyer_code (
    session_id bigint PRIMARY KEY REFERENCES buyer_session ON DELETE CASCADE,
    administration_id smallint NOT NULL,
    code_hash bytea NOT NULL,
    notice_id bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    tries_count integer NOT NULL,
    used_at timestamptz
);

CALL keep_apart('buyer_code');

-- buyers: that a person was shown who read their data, and what was held back then (GDPR 15, 23): how many readings, on which ground.
CREATE TABLE subject_access (
    access_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    person_id bigint NOT NULL,
    at timestamptz NOT NULL,
    shown_count integer NOT NULL,
    withheld_count integer NOT NULL,
    ground text COLLATE "C" NOT NULL
);
CREATE INDEX subject_access_of_person ON subject_access (person_id, access_id);

CALL keep_apart('subject_access');

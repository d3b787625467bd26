-- follow: webhooks: where a party wants its events told, how far that has come, and every try.

-- kinds: of events; none: all. secret, secret_before: sealed under a key outside the database; the one before signs beside the new one
-- until secret_before_until. after_era, after_tx, after_event_id: the last event told (as in the cursor of the feed). run: counts up when somebody sets
-- the cursor, so that a delivery under way does not move it on. leased_until, holder: which run of which process tells it. tried_at: when
-- next_try_at was set; where that is later than now, the clock was set back, and neither counts. Not shown to readers: secrets are in it.
CREATE TABLE webhook (
    webhook_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    party_id bigint NOT NULL REFERENCES party,
    reference text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    kinds text[] NOT NULL,
    secret bytea NOT NULL,
    secret_before bytea,
    secret_before_until timestamptz,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    state text NOT NULL,
    state_reason text NOT NULL,
    state_since timestamptz NOT NULL,
    after_era bigint NOT NULL,
    after_tx xid8 NOT NULL,
    after_event_id bigint NOT NULL,
    run integer NOT NULL,
    tries_count integer NOT NULL,
    failing_since timestamptz,
    next_try_at timestamptz NOT NULL,
    tried_at timestamptz NOT NULL,
    leased_until timestamptz NOT NULL,
    holder bigint NOT NULL,
    UNIQUE (administration_id, party_id, reference)
);
CREATE INDEX webhook_due ON webhook (administration_id, next_try_at) WHERE state = 'active';

-- follow: one try to tell one event. status: of HTTP, where there was an answer. Kept for some weeks.
CREATE TABLE webhook_try (
    try_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    webhook_id bigint NOT NULL,
    event_id bigint NOT NULL,
    try_number integer NOT NULL,
    outcome text NOT NULL,
    status smallint,
    duration_ms integer NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX webhook_try_by_webhook ON webhook_try (webhook_id, try_id);

-- Closed to readers: it has secrets.
CALL keep_apart('webhook');
CALL let_readers_see('webhook_try');

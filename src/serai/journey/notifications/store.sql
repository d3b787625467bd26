-- Webhooks and the tries to tell events. What a party has is bounded (WEBHOOKS_MAX), so lists need no pages but those of tries.

-- name: insert_webhook
-- Begins with what happens from now on, unless a cursor is given: below the oldest transaction that still runs nothing can come in.
INSERT INTO webhook (
    webhook_id, administration_id, party_id, reference, url, kinds, secret, made_by, made_at, state, state_reason, state_since,
    after_era, after_tx, after_event_id, run, tries_count, next_try_at, tried_at, leased_until, holder
) VALUES (
    %(webhook_id)s, %(administration_id)s, %(party_id)s, %(reference)s, %(url)s, %(kinds)s, %(secret)s, %(made_by)s, %(at)s, 'active', '',
    %(at)s, COALESCE(%(after_era)s, present_era()), COALESCE(%(after_tx)s::text::xid8, (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text::xid8),
    COALESCE(%(after_event_id)s, 9223372036854775807), 0, 0, %(at)s, %(at)s, %(at)s, 0
) ON CONFLICT DO NOTHING

-- name: lock_webhooks_of_party
-- So that two requests at once do not pass the limit together.
SELECT 1 FROM party WHERE party_id = %(party_id)s FOR UPDATE

-- piece: webhook_columns
webhook.webhook_id, party_id, reference, url, kinds, secret, secret_before, secret_before_until, made_by, made_at, state, state_reason,
state_since, after_era, after_tx::text::bigint AS after_tx, after_event_id, run, tries_count, failing_since, next_try_at, holder

-- name: select_webhooks
SELECT
    -- here: webhook_columns
FROM webhook WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s ORDER BY webhook_id

-- name: select_all_webhooks
SELECT
    -- here: webhook_columns
FROM webhook WHERE administration_id = %(administration_id)s ORDER BY webhook_id

-- name: delete_webhook
DELETE FROM webhook WHERE webhook_id = %(webhook_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s

-- name: delete_tries
DELETE FROM webhook_try WHERE webhook_id = %(webhook_id)s AND administration_id = %(administration_id)s

-- name: set_cursor
-- Somebody says from where to tell (NULL: from where it stood); a webhook that was given up is active again.
UPDATE webhook SET
    state = 'active', state_reason = '', state_since = CASE state WHEN 'active' THEN state_since ELSE %(at)s END,
    after_era = COALESCE(%(after_era)s, after_era), after_tx = COALESCE(%(after_tx)s::text::xid8, after_tx), after_event_id = COALESCE(%(after_event_id)s, after_event_id),
    run = run + 1, tries_count = 0, failing_since = NULL, next_try_at = %(at)s, tried_at = %(at)s, leased_until = %(at)s, holder = 0
WHERE webhook_id = %(webhook_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s

-- name: set_secret
UPDATE webhook SET secret = %(secret)s, secret_before = secret, secret_before_until = %(until)s
WHERE webhook_id = %(webhook_id)s AND party_id = %(party_id)s AND administration_id = %(administration_id)s

-- name: claim_webhooks
-- Those that are due and have something to tell, each for one teller at a time: whoever holds the lease. A teller that ended leaves a
-- lease that runs out. What was written by a clock that has been set back since does not count: pauses and leases would last as long as
-- it went back (until, beyond: no clock of another server is so far ahead). A party has so many under way and no more, as its receivers may be slow; parties take turns.
WITH turns AS (
    SELECT w.webhook_id, row_number() OVER (PARTITION BY w.party_id ORDER BY w.next_try_at, w.webhook_id) AS turn
    FROM webhook w JOIN party p USING (party_id)
    WHERE w.administration_id = %(administration_id)s AND w.state = 'active' AND (w.next_try_at <= %(at)s OR w.tried_at > %(until)s)
        AND (w.leased_until <= %(at)s OR w.leased_until > %(beyond)s)
        AND p.ended_at IS NULL AND EXISTS (
            SELECT 1 FROM event_batch e WHERE e.party_id = w.party_id AND e.administration_id = w.administration_id
                AND (e.era, e.tx, e.last_event_id) > (w.after_era, w.after_tx, w.after_event_id)
                AND (e.era < (SELECT present_era()) OR e.tx < pg_snapshot_xmin(pg_current_snapshot()))
        )
), due AS (
    SELECT w.webhook_id FROM webhook w JOIN turns t USING (webhook_id)
    LEFT JOIN unnest(%(busy_party_ids)s::bigint[], %(busy_counts)s::integer[]) AS busy (party_id, count) ON busy.party_id = w.party_id
    WHERE t.turn + COALESCE(busy.count, 0) <= %(of_party)s AND (w.leased_until <= %(at)s OR w.leased_until > %(beyond)s)
    ORDER BY t.turn, w.next_try_at LIMIT %(limit)s FOR UPDATE OF w SKIP LOCKED
)
UPDATE webhook SET leased_until = %(until)s, holder = %(holder)s FROM due WHERE webhook.webhook_id = due.webhook_id
RETURNING
    -- here: webhook_columns

-- name: renew_leases
-- Of those that a process tells; a lease that somebody else has by now stays his.
UPDATE webhook SET leased_until = %(until)s WHERE holder = ANY(%(holders)s) AND administration_id = %(administration_id)s

-- name: move_on
-- Told, or not wanted: the next one. Only while nobody else holds the webhook or has set its cursor.
UPDATE webhook SET
    after_era = %(after_era)s, after_tx = %(after_tx)s::text::xid8, after_event_id = %(after_event_id)s, tries_count = 0, failing_since = NULL, next_try_at = %(at)s, tried_at = %(at)s
WHERE webhook_id = %(webhook_id)s AND run = %(run)s AND holder = %(holder)s AND state = 'active'

-- name: put_off
UPDATE webhook SET
    tries_count = tries_count + 1, failing_since = COALESCE(failing_since, %(at)s), next_try_at = %(next_try_at)s, tried_at = %(at)s, state = %(state)s,
    state_reason = %(state_reason)s, state_since = CASE %(state)s WHEN 'active' THEN state_since ELSE %(at)s END
WHERE webhook_id = %(webhook_id)s AND run = %(run)s AND holder = %(holder)s AND state = 'active'

-- name: give_back
UPDATE webhook SET leased_until = %(at)s, holder = 0 WHERE webhook_id = %(webhook_id)s AND holder = %(holder)s

-- name: insert_try
INSERT INTO webhook_try (try_id, administration_id, webhook_id, event_id, try_number, outcome, status, duration_ms, at)
VALUES (
    %(try_id)s, %(administration_id)s, %(webhook_id)s, %(event_id)s, %(try_number)s, %(outcome)s, %(status)s, %(duration_ms)s, %(at)s
) ON CONFLICT DO NOTHING

-- name: select_tries
SELECT try_id, event_id, try_number, outcome, status, duration_ms, at FROM webhook_try
WHERE webhook_id = %(webhook_id)s AND administration_id = %(administration_id)s AND try_id < %(before_id)s
ORDER BY try_id DESC LIMIT %(limit)s

-- name: delete_old_tries
DELETE FROM webhook_try WHERE administration_id = %(administration_id)s AND try_id < %(before_id)s

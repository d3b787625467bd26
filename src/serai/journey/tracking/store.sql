Visibility events: what was taken in, and what is looked up by thing, key, time and word.

-- name: claim_events
-- In sorted order, so that two captures of the same events wait for each other and never in a circle.
INSERT INTO epcis_claim (administration_id, party_id, content_key, event_id)
SELECT %(administration_id)s, %(party_id)s, content_key, event_id
FROM unnest(%(content_keys)s::bytea[], %(event_ids)s::bigint[]) AS sent (content_key, event_id) ORDER BY content_key
ON CONFLICT DO NOTHING
RETURNING event_id

-- name: select_claimed
SELECT epcis_claim.content_key, epcis_claim.event_id, epcis_event.event_uri
FROM epcis_claim LEFT JOIN epcis_event ON epcis_event.event_id = epcis_claim.event_id
WHERE epcis_claim.administration_id = %(administration_id)s AND epcis_claim.party_id = %(party_id)s
    AND content_key = ANY(%(content_keys)s::bytea[])

-- name: insert_words
INSERT INTO epcis_word (administration_id, party_id, kind, word)
SELECT %(administration_id)s, %(party_id)s, kind, word
FROM unnest(%(kinds)s::smallint[], %(words)s::text[]) AS sent (kind, word) ORDER BY kind, word
ON CONFLICT DO NOTHING

-- name: insert_capture
INSERT INTO epcis_capture (capture_id, administration_id, party_id, created_at, is_success, error_behaviour, event_count,
    taken_count, repeated_count, problems, arrivals, refused, digests, salt)
VALUES (%(capture_id)s, %(administration_id)s, %(party_id)s, %(created_at)s, %(is_success)s, %(error_behaviour)s, %(event_count)s,
    %(taken_count)s, %(repeated_count)s, %(problems)s, %(arrivals)s, %(refused)s,
    %(digests)s, %(salt)s)

-- name: set_outcome
UPDATE epcis_capture SET arrivals = %(arrivals)s, refused = %(refused)s WHERE capture_id = %(capture_id)s

-- piece: capture_columns
capture_id, created_at, is_success, error_behaviour, event_count, taken_count, repeated_count, problems, arrivals, refused, salt

-- name: select_captures
-- Newest first. A party sees its own.
SELECT
    -- here: capture_columns
FROM epcis_capture
WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND capture_id < %(before_id)s
ORDER BY capture_id DESC LIMIT %(limit)s

-- name: select_capture
SELECT
    -- here: capture_columns
FROM epcis_capture
WHERE administration_id = %(administration_id)s AND capture_id = %(capture_id)s
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)

-- piece: event_columns
event_id, party_id, event_uri, event_at, is_of_administration, is_sealed, content

-- piece: chosen
-- Each parameter that is null chooses nothing.
event_id >= %(first_id)s AND event_id < %(end_id)s
AND (%(happened_from)s::timestamptz IS NULL OR event_at >= %(happened_from)s)
AND (%(happened_to)s::timestamptz IS NULL OR event_at < %(happened_to)s)
AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
AND (%(biz_steps)s::text[] IS NULL OR biz_step_code = ANY(%(biz_steps)s::text[]))
AND (%(dispositions)s::text[] IS NULL OR disposition_code = ANY(%(dispositions)s::text[]))
AND (NOT %(with_sensors)s OR has_sensors)

-- name: recorded_up
-- Windows of events in the order of record or of what happened, forwards and back.
SELECT
    -- here: event_columns
FROM epcis_event
WHERE administration_id = %(administration_id)s AND event_id > %(after_id)s AND
    -- here: chosen
ORDER BY event_id LIMIT %(window)s

-- name: recorded_down
SELECT
    -- here: event_columns
FROM epcis_event
WHERE administration_id = %(administration_id)s AND event_id < %(after_id)s AND
    -- here: chosen
ORDER BY event_id DESC LIMIT %(window)s

-- name: happened_up
SELECT
    -- here: event_columns
FROM epcis_event
WHERE administration_id = %(administration_id)s AND (event_at, event_id) > (%(after_at)s, %(after_id)s) AND
    -- here: chosen
ORDER BY event_at, event_id LIMIT %(window)s

-- name: happened_down
SELECT
    -- here: event_columns
FROM epcis_event
WHERE administration_id = %(administration_id)s AND (event_at, event_id) < (%(after_at)s, %(after_id)s) AND
    -- here: chosen
ORDER BY event_at DESC, event_id DESC LIMIT %(window)s

-- name: select_events
SELECT
    -- here: event_columns
FROM (SELECT DISTINCT unnest(%(event_ids)s::bigint[])) AS asked (asked_id)
CROSS JOIN LATERAL (SELECT * FROM epcis_event WHERE event_id = asked_id OFFSET 0) AS epcis_event
WHERE administration_id = %(administration_id)s ORDER BY event_id

-- name: find_by_uri
SELECT event_id FROM epcis_event
WHERE administration_id = %(administration_id)s AND event_uri = ANY(%(event_uris)s::text[]) LIMIT %(limit)s

-- name: find_by_thing
-- The newest of each sender, so that none hides what others have sent: from sender to sender along the index.
WITH RECURSIVE sender AS (
    SELECT asked.name, first.party_id FROM unnest(%(names)s::text[]) AS asked (name)
    CROSS JOIN LATERAL (
        SELECT party_id FROM epcis_thing
        WHERE administration_id = %(administration_id)s AND epcis_thing.name = asked.name COLLATE "C" ORDER BY party_id LIMIT 1
    ) AS first
    UNION
    SELECT sender.name, following.party_id FROM sender CROSS JOIN LATERAL (
        SELECT party_id FROM epcis_thing
        WHERE administration_id = %(administration_id)s AND epcis_thing.name = sender.name COLLATE "C"
            AND party_id > sender.party_id ORDER BY party_id LIMIT 1
    ) AS following
)
SELECT found.event_id FROM sender CROSS JOIN LATERAL (
    SELECT event_id FROM epcis_thing
    WHERE administration_id = %(administration_id)s AND epcis_thing.name = sender.name COLLATE "C"
        AND party_id = sender.party_id ORDER BY event_id DESC LIMIT %(of_sender)s
) AS found LIMIT %(limit)s

-- name: find_by_beginning
-- A pattern: what begins so, in the order of the index.
SELECT event_id FROM epcis_thing
WHERE administration_id = %(administration_id)s AND name >= %(beginning)s AND name < %(end)s LIMIT %(limit)s

-- name: senders_of_keys
-- Who has sent events with these keys.
WITH RECURSIVE sender AS (
    SELECT asked.kind, asked.key_hash, first.party_id
    FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bytea[]) AS asked (kind, key_hash)
    CROSS JOIN LATERAL (
        SELECT party_id FROM epcis_key
        WHERE administration_id = %(administration_id)s AND epcis_key.kind = asked.kind AND epcis_key.key_hash = asked.key_hash
        ORDER BY party_id LIMIT 1
    ) AS first
    UNION
    SELECT sender.kind, sender.key_hash, following.party_id FROM sender CROSS JOIN LATERAL (
        SELECT party_id FROM epcis_key
        WHERE administration_id = %(administration_id)s AND epcis_key.kind = sender.kind
            AND epcis_key.key_hash = sender.key_hash AND party_id > sender.party_id
        ORDER BY party_id LIMIT 1
    ) AS following
)
SELECT DISTINCT party_id FROM sender

-- name: find_by_key
-- The first events of keys of each sender, near the life of the case (S10 numbers come back after a year), all senders' first ones before
-- anybody's second: what is sent in any number cannot hide them.
SELECT kind, key_hash, found.event_id, found.place FROM unnest(%(kinds)s::smallint[], %(key_hashes)s::bytea[]) AS asked (kind, key_hash)
CROSS JOIN unnest(%(party_ids)s::bigint[]) AS sender (party_id)
CROSS JOIN LATERAL (
    SELECT event_id, row_number() OVER (ORDER BY event_id) AS place FROM epcis_key
    WHERE administration_id = %(administration_id)s AND epcis_key.kind = asked.kind AND epcis_key.key_hash = asked.key_hash
        AND epcis_key.party_id = sender.party_id AND event_id >= %(first_id)s AND event_id < %(end_id)s
    ORDER BY event_id LIMIT %(of_sender)s + 1
) AS found
ORDER BY found.place, found.event_id LIMIT %(limit)s + 1

-- name: list_words
SELECT DISTINCT word FROM epcis_word
WHERE administration_id = %(administration_id)s AND kind = %(kind)s AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
    AND word > %(after)s
ORDER BY word LIMIT %(limit)s

-- name: list_things
-- From name to name along the index, whatever the number of events of each.
WITH RECURSIVE found AS (
    (SELECT name FROM epcis_thing
    WHERE administration_id = %(administration_id)s AND name > %(after)s AND is_listed ORDER BY name LIMIT 1)
    UNION ALL
    (SELECT following.name FROM found CROSS JOIN LATERAL (
        SELECT name FROM epcis_thing
        WHERE administration_id = %(administration_id)s AND name > found.name AND is_listed ORDER BY name LIMIT 1
    ) AS following)
)
SELECT name FROM found LIMIT %(limit)s

-- name: list_things_of_party
-- The same along the party's own index.
WITH RECURSIVE found AS (
    (SELECT name FROM epcis_thing
    WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s AND name > %(after)s AND is_listed
    ORDER BY name LIMIT 1)
    UNION ALL
    (SELECT following.name FROM found CROSS JOIN LATERAL (
        SELECT name FROM epcis_thing
        WHERE party_id = %(party_id)s AND administration_id = %(administration_id)s AND name > found.name AND is_listed
        ORDER BY name LIMIT 1
    ) AS following)
)
SELECT name FROM found LIMIT %(limit)s

-- Lists that were kept back.

-- name: note_kept_back
INSERT INTO list_kept_back (proposal_id, kept_at, entry_count, entry_count_before, administration_id, kind, name)
VALUES (%(proposal_id)s, %(at)s, %(entry_count)s, %(entry_count_before)s, %(administration_id)s, %(kind)s, %(name)s)

-- name: count_kept_back
-- Of those that wait, by the primary key of proposals; few were ever kept back.
SELECT count(*) FROM list_kept_back JOIN proposal USING (proposal_id)
WHERE list_kept_back.administration_id = %(administration_id)s AND state = 'open' AND expires_at > %(at)s

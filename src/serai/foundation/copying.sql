-- Letting a COPY pass row-level security.

-- name: become_owner
-- Until the transaction, or its savepoint, ends; and what the connection was before.
SELECT current_setting('role'), current_setting('serai.administration_id', true), set_config('role', 'none', true)

-- name: become_again
SELECT set_config('role', %(role)s, true)

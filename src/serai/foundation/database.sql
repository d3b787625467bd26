-- What a connection is told before work.

-- name: become_reader
SET ROLE serai_reader; SET default_transaction_read_only = on

-- name: become_writer
-- For as long as the connection lives: a process serves one administration, so that no transaction need choose it.
SELECT set_config('serai.administration_id', %(administration_id)s, false), set_config('role', 'serai_writer', false)

-- name: become_owner
-- Ends with the transaction.
SET LOCAL ROLE NONE

-- name: limit_statements
-- Who was stopped or hangs in the middle of a transaction gives back what it holds, and nobody waits for it for ever.
SELECT
    set_config('statement_timeout', %(statement_timeout)s, false),
    set_config('lock_timeout', %(lock_timeout)s, false),
    set_config('idle_in_transaction_session_timeout', %(idle_timeout)s, false)

-- name: follow_era
CALL follow_era(%(at)s)

-- name: begin_era
CALL begin_era(%(at)s)

-- name: choose_administration
-- Ends with the transaction, so that nothing is left for the next who gets this connection.
SELECT set_config('serai.administration_id', %(administration_id)s, true)

-- name: read_one_snapshot
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ

-- What a connection is told before work.

-- name: become_reader
SET ROLE serai_reader; SET default_transaction_read_only = on

-- name: limit_statements
SELECT set_config('statement_timeout', %(timeout)s, false)

-- name: choose_administration
-- Ends with the transaction, so that nothing is left for the next who gets this connection.
SELECT set_config('serai.administration_id', %(administration_id)s, true)

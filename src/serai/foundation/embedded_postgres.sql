-- What a new server gets before the migrations. Run as the server's superuser.

-- name: select_role
SELECT 1 FROM pg_roles WHERE rolname = 'serai'

-- name: create_role
-- Serai itself is no superuser: a fault in a statement must not reach files or programs.
CREATE ROLE serai LOGIN CREATEROLE CREATEDB

-- name: let_serai_read
-- Roles belong to the cluster and come with no dump of a database: without this one a restore on a new machine ends.
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'serai_reader') THEN
        CREATE ROLE serai_reader NOLOGIN;
    END IF;
    GRANT serai_reader TO serai WITH INHERIT FALSE, SET TRUE;
END
$$

-- name: select_database
SELECT 1 FROM pg_database WHERE datname = 'serai'

-- name: create_database
CREATE DATABASE serai OWNER serai

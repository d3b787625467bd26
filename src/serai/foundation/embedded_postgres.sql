-- What a new server gets before the migrations. Run as the server's superuser.

-- name: select_role
SELECT 1 FROM pg_roles WHERE rolname = 'serai'

-- name: create_role
-- Serai itself is no superuser: a fault in a statement must not reach files or programs.
CREATE ROLE serai LOGIN CREATEROLE CREATEDB

-- name: make_roles
-- Roles belong to the cluster and come with no dump of a database: without these a restore on a new machine ends.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['serai_reader', 'serai_writer'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
        EXECUTE format('GRANT %I TO serai WITH INHERIT FALSE, SET TRUE', role_name);
    END LOOP;
END
$$

-- name: select_database
SELECT 1 FROM pg_database WHERE datname = 'serai'

-- name: create_database
CREATE DATABASE serai OWNER serai

-- What a new server gets before the migrations. Run as the server's superuser.

-- name: select_role
SELECT 1 FROM pg_roles WHERE rolname = 'serai'

-- name: create_role
-- Serai itself is no superuser: a fault in a statement must not reach files or programs.
CREATE ROLE serai LOGIN CREATEROLE CREATEDB

-- name: select_database
SELECT 1 FROM pg_database WHERE datname = 'serai'

-- name: create_database
CREATE DATABASE serai OWNER serai

#!/bin/sh
# The role and the database that Serai needs on a server of your own, once. As the server's superuser, with
# SERAI_DATABASE_PASSWORD in the environment. The image of PostgreSQL runs it at its first start.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set password="${SERAI_DATABASE_PASSWORD:?}" <<'SQL'
CREATE ROLE serai LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE serai OWNER serai TEMPLATE template0 ENCODING 'UTF8';
GRANT pg_read_all_stats TO serai;
SQL

-- What every room stands on: administrations, parties and their keys, people's sign-in, public keys, id nodes.
-- Time comes in as a parameter; no column has a default that reads the clock.

-- Roles belong to the whole cluster, so another database may have made these already, even at this instant. A role that may make none
-- finds them there (docs/how-to/run-in-production.md). Neither owns anything: so row-level security holds for both.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['serai_reader', 'serai_writer'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role_name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        IF NOT pg_has_role(current_user, role_name, 'SET') THEN
            EXECUTE format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE', role_name, current_user);
        END IF;
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA public TO serai_reader, serai_writer;

-- Numbers of transactions order what is told, and hold within one history only: a dump that is restored, or a cluster that is put back to
-- an earlier time, counts on from elsewhere. Each history is an era, a number that only grows: seconds since 1970 where that is more than
-- one more, so that two restores of one dump do not share one.
CREATE TABLE database_era (
    era bigint NOT NULL,
    history text NOT NULL
);
GRANT SELECT ON database_era TO PUBLIC;

-- The cluster, its timeline, the database in it. Null while the server takes nothing: then it has no timeline of its own.
CREATE FUNCTION present_history() RETURNS text
LANGUAGE sql
RETURN CASE WHEN NOT pg_is_in_recovery() THEN
    (SELECT system_identifier FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || '/'
    || (SELECT oid FROM pg_database WHERE datname = current_database())
END;

INSERT INTO database_era VALUES (0, present_history());

CREATE FUNCTION present_era() RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT era FROM database_era);

-- Both work as who owns the table: whoever connects may begin an era where there is cause, and nobody may write one.
CREATE PROCEDURE begin_era(at timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
BEGIN ATOMIC
    UPDATE database_era SET era = greatest(era + 1, extract(epoch FROM at)::bigint), history = present_history();
END;
REVOKE EXECUTE ON PROCEDURE begin_era FROM PUBLIC;

-- Every connection that writes calls this before anything else, so that nothing is written under the era of another history. Whoever comes
-- at the same time waits for the row and looks again.
CREATE PROCEDURE follow_era(at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF present_history() IS NULL OR current_setting('transaction_read_only') = 'on'
        OR EXISTS (SELECT 1 FROM database_era WHERE history = present_history()) THEN
        RETURN;
    END IF;
    PERFORM 1 FROM database_era FOR UPDATE;
    IF NOT EXISTS (SELECT 1 FROM database_era WHERE history = present_history()) THEN
        CALL begin_era(at);
    END IF;
END
$$;

-- Each migration calls this for each of its tables that has administration_id, or `let_readers_see`, which calls it: whoever works for an
-- administration reads and writes its rows alone. Only the owner of the tables goes over all of them.
CREATE PROCEDURE keep_apart(table_name regclass)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', table_name);
    -- The subselect is computed once a statement, not once a row. A missing setting is an error, not an empty answer.
    EXECUTE format(
        'CREATE POLICY own_administration ON %s TO serai_reader, serai_writer '
        'USING (administration_id = (SELECT current_setting(''serai.administration_id'')::smallint)) '
        'WITH CHECK (administration_id = (SELECT current_setting(''serai.administration_id'')::smallint))', table_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO serai_writer', table_name);
END
$$;

CREATE PROCEDURE let_readers_see(table_name regclass)
LANGUAGE plpgsql AS $$
BEGIN
    CALL keep_apart(table_name);
    EXECUTE format('GRANT SELECT ON %s TO serai_reader', table_name);
END
$$;

-- Makes a view `own_<table>` of the rows that the policy shows: for statements that find rows by an index over an expression or a range.
-- Before a policy PostgreSQL tries no condition that might tell what it saw (none that is not leakproof), so such an index is not used and
-- the table is read. The view belongs to the owner and holds the policy's condition itself. row_id: where the row lies.
CREATE PROCEDURE let_find_own(table_name regclass, readers_may boolean)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE VIEW own_%1$s AS SELECT ctid AS row_id, * FROM %1$s '
        'WHERE NOT (SELECT row_security_active(%1$L::regclass)) '
        'OR administration_id = (SELECT current_setting(''serai.administration_id'')::smallint)', table_name);
    EXECUTE format('GRANT SELECT, UPDATE ON own_%s TO serai_writer', table_name);
    IF readers_may THEN
        EXECUTE format('GRANT SELECT ON own_%s TO serai_reader', table_name);
    END IF;
END
$$;

-- Large tables are cut by the time of their id (milliseconds since 2025-01-01, shifted by 22 bits), a quarter each. Partitions are made
-- ahead, never years of empty ones: every statement plans over them. Bounds lie in the catalogue alone; end_id null: no partition yet.
CREATE VIEW partition_end AS
SELECT parent.relname::text AS table_name,
    max(substring(pg_get_expr(child.relpartbound, child.oid) FROM 'TO \(''(\d+)''\)')::bigint) AS end_id
FROM pg_partitioned_table
JOIN pg_class AS parent ON parent.oid = partrelid
LEFT JOIN pg_inherits ON inhparent = partrelid
LEFT JOIN pg_class AS child ON child.oid = inhrelid
WHERE parent.relnamespace = 'public'::regnamespace
GROUP BY parent.relname;
GRANT SELECT ON partition_end TO serai_reader, serai_writer;

CREATE FUNCTION first_id_at(instant timestamp) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN (extract(epoch FROM instant - timestamp '2025-01-01')::bigint * 1000) << 22;

-- Makes what is missing up to `until` (UTC), and returns the names. A partition is made beside its table and attached, which makes nobody
-- wait who reads or writes; made in place, it would wait for all of them.
CREATE FUNCTION add_partitions(of_table text, at timestamp, until timestamp) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    begin_id bigint;
    end_at timestamp;
    partition_name text;
BEGIN
    SELECT end_id INTO begin_id FROM partition_end WHERE table_name = of_table;
    end_at := timestamp '2025-01-01' + (begin_id >> 22) * interval '1 millisecond';
    WHILE end_at IS NULL OR end_at < until LOOP
        end_at := date_trunc('quarter', coalesce(end_at, at)) + interval '3 months';
        partition_name := format('%s_before_%s', of_table, to_char(end_at, 'YYYY_MM'));
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', partition_name, of_table);
        EXECUTE format(
            'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', of_table, partition_name,
            coalesce(begin_id::text, 'MINVALUE'), first_id_at(end_at));
        begin_id := first_id_at(end_at);
        RETURN NEXT partition_name;
    END LOOP;
END
$$;

-- What a migration calls for each table that it cuts: the partition of today, which takes all that is older. The runner says when it is.
CREATE PROCEDURE cut_by_time(of_table text)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_partitions(of_table, one.at, one.at + interval '1 millisecond')
    FROM (SELECT current_setting('serai.at')::timestamptz AT TIME ZONE 'UTC' AS at) AS one;
END
$$;

-- Partitions of a table that end before an id, the oldest first. The oldest begins at MINVALUE.
CREATE FUNCTION partitions_before(of_table text, before_id bigint) RETURNS TABLE (partition_name text, end_id bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT relname::text, substring(pg_get_expr(relpartbound, pg_class.oid) FROM 'TO \(''(\d+)''\)')::bigint
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = format('public.%I', of_table)::regclass
        AND substring(pg_get_expr(relpartbound, pg_class.oid) FROM 'TO \(''(\d+)''\)')::bigint <= before_id
    ORDER BY 2;
END;

-- Lets nobody read or write partitions that end before an id until the transaction ends: for the moment before they go.
CREATE PROCEDURE close_partitions(of_table text, before_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
    old record;
BEGIN
    FOR old IN SELECT * FROM partitions_before(of_table, before_id) LOOP
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', old.partition_name);
    END LOOP;
END
$$;

-- Copies what is to be kept of those partitions into a table beside: the rows whose `kept_column` is an id in `kept_table`.
CREATE FUNCTION copy_kept_rows(of_table text, before_id bigint, kept_column text, kept_table text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    old record;
    column_names text;
    copied bigint;
    total bigint := 0;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO column_names FROM pg_attribute
    WHERE attrelid = format('public.%I', of_table)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', 'kept_of_' || of_table, of_table);
    FOR old IN SELECT * FROM partitions_before(of_table, before_id) LOOP
        EXECUTE format(
            'INSERT INTO %I (%s) SELECT %s FROM %I WHERE %I IN (SELECT id FROM %I)', 'kept_of_' || of_table, column_names,
            column_names, old.partition_name, kept_column, kept_table);
        GET DIAGNOSTICS copied = ROW_COUNT;
        total := total + copied;
    END LOOP;
    RETURN total;
END
$$;

-- Puts that table in the place of the partitions, and drops these. Others wait for the moment that it takes.
CREATE PROCEDURE put_kept_rows(of_table text, before_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
    old record;
    last_name text;
    last_id bigint;
BEGIN
    FOR old IN SELECT * FROM partitions_before(of_table, before_id) LOOP
        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', of_table, old.partition_name);
        EXECUTE format('DROP TABLE %I', old.partition_name);
        last_name := old.partition_name;
        last_id := old.end_id;
    END LOOP;
    IF last_id IS NULL THEN
        EXECUTE format('DROP TABLE %I', 'kept_of_' || of_table);
    ELSE
        EXECUTE format('ALTER TABLE %I RENAME TO %I', 'kept_of_' || of_table, last_name);
        EXECUTE format(
            'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%s)', of_table, last_name, last_id);
    END IF;
END
$$;

CREATE TABLE administration (
    administration_id smallint PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    time_zone text NOT NULL,
    is_test boolean NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE party (
    party_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz
);

CREATE TABLE party_role (
    party_id bigint NOT NULL REFERENCES party,
    role text NOT NULL,
    administration_id smallint NOT NULL REFERENCES administration,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (party_id, role)
);

-- The secret is 32 random bytes, so a fast hash of it is enough. person: who uses it, where it was made for one person.
CREATE TABLE api_key (
    key_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    party_id bigint NOT NULL REFERENCES party,
    key_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    person text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_key_by_party ON api_key (party_id);

-- How a person signs in to the pages: password_hash is argon2; second_factor the sealed secret of an authenticator app, confirmed once
-- second_factor_step, the last step of time whose code was used, is there. person: whose account it is: several of one person say the same.
-- language: in which pages speak to it; NULL: it has not said.
CREATE TABLE account (
    account_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    sign_in_name text NOT NULL,
    person text NOT NULL,
    password_hash text NOT NULL,
    roles text[] NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    second_factor bytea,
    second_factor_step bigint,
    language text,
    UNIQUE (administration_id, sign_in_name)
);

-- used_at: the last use, to about a minute. One that awaits the second factor opens nothing but the question for it.
CREATE TABLE page_session (
    session_hash bytea PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    account_id bigint NOT NULL REFERENCES account,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    used_at timestamptz NOT NULL,
    awaits_second_factor boolean NOT NULL
);
CREATE INDEX page_session_by_account ON page_session (account_id);

CREATE TABLE one_use_link (
    link_hash bytea PRIMARY KEY,
    administration_id smallint NOT NULL REFERENCES administration,
    account_id bigint NOT NULL REFERENCES account,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

-- Tries to sign in of an account's name, or from a network: known by a hash alone, and gone when they do not count any more.
CREATE TABLE sign_in_try (
    administration_id smallint NOT NULL REFERENCES administration,
    subject_hash bytea NOT NULL,
    tries_count integer NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (administration_id, subject_hash)
);

-- Public parts only: the private part never enters the database. One log belongs to the node, not to one administration.
CREATE TABLE signing_key (
    public_key bytea PRIMARY KEY,
    origin text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz
);
-- A database holds one log, which keeps its name for ever.
CREATE UNIQUE INDEX signing_key_in_force ON signing_key ((true)) WHERE valid_to IS NULL;

-- Secrets that lie in the key folder, and by what each is known again: check_value is a hash of the secret under itself, which tells
-- nothing of it. What was made with one is lost without it, so a node with another one does not start.
CREATE TABLE node_secret (
    name text NOT NULL,
    version smallint NOT NULL,
    check_value bytea NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (name, version)
);

-- Numbers that processes lease to make ids that never clash. not_before: the end of the lease before this one.
CREATE TABLE node_id (
    node_id smallint PRIMARY KEY,
    holder text,
    not_before timestamptz NOT NULL,
    leased_until timestamptz NOT NULL
);
INSERT INTO node_id (node_id, not_before, leased_until)
SELECT number, '2025-01-01T00:00:00Z', '2025-01-01T00:00:00Z' FROM generate_series(0, 1023) AS number;

CALL let_readers_see('administration');
CALL let_readers_see('party');
CALL let_readers_see('party_role');
-- Keys, accounts, sessions and links are read only by the part that lets people in: closed to readers altogether.
CALL keep_apart('api_key');
CALL keep_apart('account');
CALL keep_apart('page_session');
CALL keep_apart('one_use_link');
CALL keep_apart('sign_in_try');
-- Of the node, not of an administration. Numbers are leased by every process; how secrets and keys are known is the owner's to read, at the
-- start, and so is the history of the migrations.
GRANT SELECT, UPDATE ON node_id TO serai_writer;

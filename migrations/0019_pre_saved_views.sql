-- Lists that people of the administration come back to. One transaction, so no index is built beside the running work.
-- squawk-ignore-file require-concurrent-index-creation

-- queue: filters of the queue under a name that the account gave them. query: as it stands in the address, nothing of people in it.
CREATE TABLE saved_view (
    account_id bigint NOT NULL,
    administration_id smallint NOT NULL,
    saved_at timestamptz NOT NULL,
    name text NOT NULL,
    query text NOT NULL,
    PRIMARY KEY (account_id, name),
    CHECK (length(name) BETWEEN 1 AND 40),
    CHECK (length(query) <= 400)
);

CALL let_readers_see('saved_view');

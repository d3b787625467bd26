-- Mandates between parties: representation before customs in the sense of UCC, article 18.

-- mandates: what a grantor lets a grantee send and do in its name. document_kinds, acts: words of the room's rules. accounts: of the
-- grantor's, as it calls them. has_custody: the grantee may hold the goods. valid_to: the first instant it no longer counts. is_reached:
-- the grantee's documents that waited were looked at since it counts.
CREATE TABLE mandate (
    mandate_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    grantor_id bigint NOT NULL REFERENCES party,
    grantee_id bigint NOT NULL REFERENCES party,
    reference text COLLATE "C" NOT NULL,
    document_kinds text[] NOT NULL,
    acts text[] NOT NULL,
    accounts text[] NOT NULL,
    has_custody boolean NOT NULL,
    representation_code text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    granted_at timestamptz NOT NULL,
    revoked_at timestamptz,
    is_reached boolean NOT NULL DEFAULT false,
    UNIQUE (administration_id, grantor_id, reference)
);
CREATE INDEX mandate_of_grantee ON mandate (grantee_id);
CREATE INDEX mandate_unreached ON mandate (mandate_id) WHERE NOT is_reached;
CALL let_readers_see('mandate');

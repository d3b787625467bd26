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

-- Whether a party's document, or what it says without one, is open to another party (`may_read` in visibility): it names that one, or
-- its sender has given that one a mandate for its kind, or to declare. document_id: null for none. family: the cases of its case.
CREATE FUNCTION is_open_to(
    viewer_id bigint, sender_id bigint, document_id bigint, kind text, family bigint[], of_administration_id smallint, at timestamptz
) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM document_party WHERE document_party.document_id = is_open_to.document_id AND party_id = is_open_to.viewer_id)
OR (is_open_to.kind = 'declaration' AND EXISTS (SELECT FROM case_party WHERE party_id = is_open_to.viewer_id AND case_id = ANY(family)))
OR EXISTS (SELECT FROM mandate WHERE grantee_id = is_open_to.viewer_id AND grantor_id = is_open_to.sender_id
    AND document_kinds && ARRAY['declaration', is_open_to.kind] AND administration_id = of_administration_id
    AND valid_from <= is_open_to.at AND (valid_to IS NULL OR valid_to > is_open_to.at)
    AND (revoked_at IS NULL OR revoked_at > is_open_to.at));

-- Bulk declarations: envelopes, and which declarations lie in each.

-- name: insert_bulk_declaration
-- Two processes may take one envelope at once: the second finds it.
INSERT INTO bulk_declaration (bulk_declaration_id, administration_id, party_id, mrn, reference, content_hash, received_at)
VALUES (%(bulk_declaration_id)s, %(administration_id)s, %(party_id)s, %(mrn)s, %(reference)s, %(content_hash)s, %(at)s)
ON CONFLICT (administration_id, party_id, reference) DO NOTHING

-- name: select_bulk_declaration
SELECT bulk_declaration_id, mrn, content_hash, received_at,
    (SELECT count(*) FROM bulk_declaration_line AS line WHERE line.bulk_declaration_id = bulk_declaration.bulk_declaration_id)
FROM bulk_declaration
WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND reference = %(reference)s COLLATE "C"

-- name: insert_lines
-- A line sent again is the same declaration.
INSERT INTO bulk_declaration_line (bulk_declaration_id, document_id, administration_id, reference)
SELECT %(bulk_declaration_id)s, document_id, %(administration_id)s, reference
FROM unnest(%(document_ids)s::bigint[], %(references)s::text[]) AS given (document_id, reference)
ON CONFLICT (bulk_declaration_id, reference) DO NOTHING

-- name: select_lines
SELECT reference, document_id FROM bulk_declaration_line
WHERE administration_id = %(administration_id)s AND bulk_declaration_id = %(bulk_declaration_id)s AND reference > %(after)s COLLATE "C"
ORDER BY reference LIMIT %(limit)s

-- name: insert_query
-- At most so many of one party.
INSERT INTO epcis_query (administration_id, party_id, name, query, created_at)
SELECT %(administration_id)s, %(party_id)s, %(name)s, %(query)s, %(created_at)s
WHERE (SELECT count(*) FROM epcis_query WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s)
    < %(most_count)s
ON CONFLICT DO NOTHING

-- name: select_queries
SELECT name, query, created_at FROM epcis_query
WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND name > %(after)s ORDER BY name LIMIT %(limit)s

-- name: select_query
SELECT name, query, created_at FROM epcis_query
WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND name = %(name)s

-- name: delete_query
DELETE FROM epcis_query WHERE administration_id = %(administration_id)s AND party_id = %(party_id)s AND name = %(name)s

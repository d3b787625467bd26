-- name: insert_components
INSERT INTO basis_component (component_hash, administration_id, kind, name, content, added_at)
SELECT component_hash, %(administration_id)s, kind, name, content, %(at)s
FROM unnest(%(hashes)s::bytea[], %(kinds)s::text[], %(names)s::text[], %(contents)b::bytea[])
    AS given (component_hash, kind, name, content)
ON CONFLICT DO NOTHING

-- name: select_components
SELECT component_hash, kind, name, content FROM basis_component WHERE component_hash = ANY(%(hashes)s::bytea[])

-- name: select_in_force
-- The one component of a kind in the newest generation; the others of it are megabytes.
SELECT generation_id, (
    SELECT content FROM basis_component WHERE component_hash = ANY(component_hashes) AND kind = %(kind)s LIMIT 1
) FROM law_generation WHERE administration_id = %(administration_id)s ORDER BY generation_id DESC LIMIT 1

-- name: insert_basis
-- Two processes may meet here with one basis: the second finds it.
INSERT INTO basis (administration_id, basis_hash, program_code, pack_versions, currency_code, engine_semantics,
    component_hashes, reason_set, reason_law_references, charge_set, confirmed_until, added_at)
VALUES (%(administration_id)s, %(basis_hash)s, %(program_code)s, %(pack_versions)s, %(currency_code)s, %(engine_semantics)s,
    %(component_hashes)s, %(reason_set)s, %(reason_law_references)s, %(charge_set)s, %(confirmed_until)s, %(at)s)
ON CONFLICT (administration_id, basis_hash) DO NOTHING

-- name: select_basis_by_hash
SELECT basis_id FROM basis WHERE administration_id = %(administration_id)s AND basis_hash = %(basis_hash)s

-- name: select_basis
SELECT basis_id, basis_hash, program_code, pack_versions, currency_code, engine_semantics, component_hashes, reason_set,
    reason_law_references, charge_set, confirmed_until
FROM basis WHERE basis_id = ANY(%(basis_ids)s::integer[])

-- name: select_pack_files
-- A pack in the version that a decision names: the files of a basis that rests on it.
SELECT component_hash, kind, name, content FROM basis_component
WHERE component_hash = ANY((
    SELECT component_hashes FROM basis
    WHERE administration_id = %(administration_id)s
        AND pack_versions[array_position(string_to_array(program_code, '+'), %(code)s)] = %(version)s
    ORDER BY basis_id LIMIT 1
)::bytea[]) AND kind IN ('law-file', 'agency-requirements') AND starts_with(name, split_part(%(code)s, '@', 1) || '/')
ORDER BY name

-- name: insert_generation
INSERT INTO law_generation (administration_id, component_hashes, activated_at, note)
VALUES (%(administration_id)s, %(component_hashes)s, %(at)s, %(note)s) RETURNING generation_id

-- name: lock_generations
-- Who derives a generation from the one in force holds this to the end of the transaction, so that no change is lost.
SELECT pg_advisory_xact_lock(736005190002)

-- name: select_generation
SELECT generation_id, component_hashes FROM law_generation
WHERE administration_id = %(administration_id)s ORDER BY generation_id DESC LIMIT 1

-- name: select_one_generation
SELECT component_hashes FROM law_generation
WHERE administration_id = %(administration_id)s AND generation_id = %(generation_id)s

-- name: select_activated_at
SELECT activated_at FROM law_generation WHERE administration_id = %(administration_id)s AND generation_id = %(generation_id)s

-- name: select_generation_id
SELECT max(generation_id) FROM law_generation WHERE administration_id = %(administration_id)s

-- name: select_generations
-- For people: what was put in force and when; few rows.
SELECT generation_id, activated_at, note, (
    SELECT array_agg(ARRAY[kind, name] ORDER BY kind, name)
    FROM basis_component WHERE component_hash = ANY(component_hashes)
) FROM law_generation WHERE administration_id = %(administration_id)s ORDER BY generation_id DESC

-- The administration that the settings name.

-- name: insert_administration
-- The first start registers it; numbers count from 1. Two starters at once: one of them finds the other's row.
INSERT INTO administration (administration_id, code, name, time_zone, is_test, created_at)
SELECT coalesce(max(administration_id), 0) + 1, %(code)s, %(name)s, %(time_zone)s, %(is_test)s, %(at)s
FROM administration
ON CONFLICT DO NOTHING

-- name: insert_own_party
-- In whose name the administration's people act.
INSERT INTO party (party_id, administration_id, name, created_at)
VALUES (%(party_id)s, %(administration_id)s, %(name)s, %(at)s)
ON CONFLICT DO NOTHING

-- name: select_administration
SELECT administration_id FROM administration WHERE code = %(code)s

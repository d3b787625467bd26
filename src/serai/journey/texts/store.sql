-- name: insert_texts
-- A text is kept once, when it is served first.
INSERT INTO text_version (administration_id, version, code, audience, language, sentence, remedy, appeal, hint, grace, first_served_at)
SELECT %(administration_id)s, version, code, audience, language, sentence, remedy, appeal, hint, grace, %(at)s
FROM unnest(%(versions)s::bigint[], %(codes)s::text[], %(audiences)s::text[], %(languages)s::text[], %(sentences)s::text[],
    %(remedies)s::text[], %(appeals)s::text[], %(hints)s::text[], %(graces)s::text[])
    AS served (version, code, audience, language, sentence, remedy, appeal, hint, grace)
ORDER BY version, code, audience, language
ON CONFLICT DO NOTHING

-- name: insert_notice
-- The same in the same words to the same party in the same way is one notice, of when it was served first.
INSERT INTO notice (notice_id, administration_id, party_id, served_at, means, standard, event_kind, audience, language, case_ids, decision_ids,
    text_versions, digest)
VALUES (%(notice_id)s, %(administration_id)s, %(party_id)s, %(at)s, %(means)s, %(standard)s, %(event_kind)s, %(audience)s, %(language)s,
    %(case_ids)s, %(decision_ids)s, %(text_versions)s, %(digest)s)
ON CONFLICT (administration_id, digest) DO NOTHING

-- name: select_notices
-- party_id null: to whomever. Those of a case by its ids, those it took in among them.
SELECT notice_id, party_id, served_at, means, standard, event_kind, audience, language, decision_ids, text_versions
FROM own_notice
WHERE case_ids && %(case_ids)s::bigint[] AND administration_id = %(administration_id)s
    AND (%(party_id)s::bigint IS NULL OR party_id = %(party_id)s)
ORDER BY notice_id

-- name: select_texts
SELECT version, code, audience, language, sentence, remedy, appeal, hint, grace FROM text_version
WHERE administration_id = %(administration_id)s AND version = ANY(%(versions)s::bigint[])
ORDER BY code, version, language

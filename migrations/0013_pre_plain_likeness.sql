-- match: of a number by whose signs a document is found, a keyed hash of the number without case and punctuation. Equal: the same number
-- written otherwise. Without a default: no row is written; rows from before are like by their signs alone.
ALTER TABLE likeness_key ADD COLUMN plain_hash bigint;

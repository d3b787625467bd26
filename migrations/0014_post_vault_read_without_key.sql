-- vault: a row is written for each person that matching reads while parcels are decided, and checking its administration cost more
-- than writing it (26 of 325 us a declaration). The other tables of that way have no such key: an administration is never deleted.
-- squawk-ignore ban-drop-constraint
ALTER TABLE vault_read DROP CONSTRAINT vault_read_administration_id_fkey;

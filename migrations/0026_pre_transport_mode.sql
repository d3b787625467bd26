-- How a consignment travels, as its newest declaration says (UN/ECE Recommendation 19), for published release times: `detail`, which has it
-- too, is opened by no SQL. Null: not stated, or lodged before this column was there.
ALTER TABLE declared_consignment ADD COLUMN transport_mode_code text;

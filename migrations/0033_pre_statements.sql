-- squawk-ignore-file require-concurrent-index-creation
-- statements: what stood and moved on a party's accounts (select_sums, list_payments). A batch has an entry an account, so there are few.
CREATE INDEX ledger_entry_by_account ON ledger_entry (account_id, posting_id);
-- statements: what of payments was taken off the charges of consignments (select_allocations, list_owing).
CREATE INDEX payment_allocation_by_consignment ON payment_allocation (consignment_id);

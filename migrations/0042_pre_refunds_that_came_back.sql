-- squawk-ignore-file require-concurrent-index-creation
-- refunds: orders that the bank rejected or a payee's bank sent back, the newest first on the page of money (list_came_back).
CREATE INDEX refund_order_came_back ON refund_order (administration_id, refund_order_id) WHERE status IN (4, 6);

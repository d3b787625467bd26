-- advise: the act by which an order, payment, transport document or return was withdrawn by its sender; it stays, and counts no more.
-- Declarations are withdrawn by a decision. Without a default: no row is written.
ALTER TABLE document ADD COLUMN withdrawn_by bigint;

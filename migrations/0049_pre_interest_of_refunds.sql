-- refunds: why an order has no interest, or why it is not known (Why of journey/repayments/interest.py); '': it has, or it was not worked out.
ALTER TABLE refund_order ADD COLUMN interest_why text COLLATE "C" NOT NULL DEFAULT '';

-- acts: what an officer has ordered of a transport unit, and so of all that lies in it or comes into it, until it is ended. order_id: the act
-- on the unit; kind: of the measure that is taken on each consignment. is_reaching: some are not reached yet, by its beginning or its end.
CREATE TABLE unit_order (
    order_id bigint PRIMARY KEY,
    administration_id smallint NOT NULL,
    transport_unit_id bigint NOT NULL,
    party_id bigint NOT NULL,
    ended_by bigint,
    ordered_at timestamptz NOT NULL,
    ended_at timestamptz,
    is_reaching boolean NOT NULL,
    acting_user text NOT NULL,
    end_acting_user text,
    kind text COLLATE "C" NOT NULL,
    reason_code text COLLATE "C" NOT NULL,
    end_reason_code text COLLATE "C",
    law_reference text,
    number text COLLATE "C" NOT NULL
);
-- What stands on a unit (select_unit_orders).
CREATE INDEX unit_order_standing ON unit_order (transport_unit_id) WHERE ended_by IS NULL;
-- What is not done yet, or goes on reaching what comes in (select_unit_orders_to_reach): few.
CREATE INDEX unit_order_to_reach ON unit_order (order_id) WHERE ended_by IS NULL OR is_reaching;

CALL let_readers_see('unit_order');

-- acts: the consignments that an order on a unit has reached, and the act that was done on each. ended_by: the act that took that back.
CREATE TABLE unit_order_reach (
    order_id bigint NOT NULL REFERENCES unit_order,
    consignment_id bigint NOT NULL,
    act_id bigint NOT NULL,
    ended_by bigint,
    administration_id smallint NOT NULL,
    PRIMARY KEY (order_id, consignment_id)
);
-- What stands on a consignment by its units (select_held_by_units).
CREATE INDEX unit_order_reach_standing ON unit_order_reach (consignment_id) WHERE ended_by IS NULL;

CALL let_readers_see('unit_order_reach');

-- has_orders: something was ordered of the unit, or of what it lies in: whoever declares goods in it looks what stands.
ALTER TABLE transport_unit ADD COLUMN has_orders boolean NOT NULL DEFAULT false;

"""What a payment record has led to."""

import msgspec


class PaymentRecorded(msgspec.Struct, frozen=True):
    """How the case stands after the mark. status: settled or insufficient; amounts in currency_code.

    act_id: of the act that recorded it, for its receipt, and to take it back.
    """

    act_id: str
    case_id: str
    status: str
    currency_code: str
    due_amount: str
    settled_amount: str
    missing_amount: str

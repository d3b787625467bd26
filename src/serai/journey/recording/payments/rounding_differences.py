"""Payments by bank that fall short by a rounding: the administration's account of roundings bears what is
missing, so that a lost cent holds no parcel.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psycopg import AsyncConnection

from serai.foundation.administration import own_party_id
from serai.foundation.id_text import format_id
from serai.journey.consignments.act_records import record_act, select_standing_acts
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.journey.recording.payments.owed import Owed
from serai.journey.services import Services
from serai.model.acts import Act

Connection = AsyncConnection[Any]

KIND: Final = "rounding-difference"
ROUNDED: Final = frozenset({"payment-received"})
"""Kinds of payments that may be short by a rounding."""
_ACTING_USER: Final = "system:rounding"


def roundings_of(services: Services, payments: Sequence[Act], owed: Mapping[int, Owed]) -> list[Act]:
    """Return what the administration bears of payments that come now, each after the last one of its case.

    owed: by case, without these payments."""
    by_case: dict[int, list[Act]] = {}
    for one in payments:
        by_case.setdefault(one.case_id, []).append(one)
    found = []
    for case_id, its in by_case.items():
        last = its[-1]
        currency_code = last.parameters["currency_code"]
        missing_minor = owed[case_id].stands(currency_code, its).missing_minor
        if 0 < missing_minor <= shipped_posting_rules().rounding_minor.get(currency_code, 0):
            found.append(_rounding(services, last, missing_minor))
    return found


def _rounding(services: Services, payment: Act, missing_minor: int) -> Act:
    act_id = int(services.ids.take(1)[0])
    return Act(
        act_id=act_id,
        case_id=payment.case_id,
        kind=KIND,
        subject_id=payment.case_id,
        party_id=own_party_id(services.administration_id),
        acting_user=_ACTING_USER,
        at=payment.at,
        leaf_id=act_id,
        law_reference=payment.law_reference,
        parameters={
            "currency_code": payment.parameters["currency_code"],
            "amount_minor": missing_minor,
            "payment": format_id(payment.act_id),
        },
        reference=f"rounding-{format_id(payment.act_id)}",
    )


async def take_back_roundings(
    services: Services, connection: Connection, payment: Act, reversal: Act
) -> None:
    """Take back what was borne of a payment that is taken back. reversal: of the payment."""
    standing = await select_standing_acts(
        connection, [reversal.case_id], [KIND], administration_id=services.administration_id
    )
    for _, one in standing:
        if one.parameters["payment"] == format_id(payment.act_id):
            act_id = int(services.ids.take(1)[0])
            back = Act(
                act_id=act_id,
                case_id=reversal.case_id,
                kind="reversal",
                subject_id=reversal.case_id,
                party_id=one.party_id,
                acting_user=_ACTING_USER,
                at=reversal.at,
                leaf_id=act_id,
                reason_code=reversal.reason_code,
                law_reference=one.law_reference,
                reverses=one.act_id,
                reference=f"{one.reference}-back",
            )
            await record_act(services, connection, back)

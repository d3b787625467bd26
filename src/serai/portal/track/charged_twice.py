"""What a buyer is told of tax that was charged twice: what it was, who gives it back, by when."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import text_in
from serai.foundation.locales import amount_text
from serai.journey.acts.repayment.charged_twice import ChargedTwice, decide_by, read_charged_twice
from serai.journey.acts.repayment.service import State
from serai.journey.buyers.service import AtParcel
from serai.journey.processing.citations.double_charge import GROUND
from serai.journey.refunds.orders import RefundOrder
from serai.journey.refunds.store import list_orders
from serai.journey.repayments.repayment_law import Leg
from serai.journey.services import Services
from serai.model.message_text import MessageText
from serai.model.money import format_minor
from serai.model.refunds import STATUS_SENTENCES, Status

TwiceState = Literal["told", "requested", "granted", "refused", "ordered", "sent", "paid", "came-back"]
"""told: the supplier was told; requested: an officer decides; granted: and not ordered yet; refused;
ordered: to be sent to the bank; sent: the bank has it; paid; came-back: it did not reach its payee."""
_ORDERS_MAX: Final = 20
_OF_ORDER: Final[Mapping[Status, TwiceState]] = {
    "ordered": "ordered",
    "sent": "sent",
    "accepted": "sent",
    "executed": "paid",
    "rejected": "came-back",
    "withdrawn": "came-back",
    "returned": "came-back",
}


class TwiceCharged(msgspec.Struct, frozen=True, kw_only=True):
    """Tax that was taken in the shop and charged at the border again. amount: in words of the language;
    taxes: what they are called. who, by_when, standing: sentences. decide_by: the day by which an officer
    decides; null: no such day runs."""

    leg: Leg
    currency_code: str
    amount: str
    taxes: list[str]
    state: TwiceState
    who: str
    by_when: str
    standing: str
    decide_by: dt.date | None
    law_reference: str
    found_at: dt.datetime


WHO: Final[Mapping[Leg, str]] = {
    "customs-repays": translatable("Customs gives it back to whoever paid it at the border."),
    "supplier-corrects": translatable(
        "The shop gives you back the tax that it took, and corrects its tax return. What was charged at the"
        " border stays."
    ),
}
_DECIDES: Final = translatable("You need not apply: an officer decides on it.")
_DECIDES_BY: Final = translatable("You need not apply: an officer decides by {day}.")
_CORRECTS: Final = translatable(
    "The shop may correct its return for {years} years after that return was due. By when it pays you, the"
    " law that we have read does not say: ask it now, and show it the receipt of the border."
)
_NO_TIME: Final = translatable(
    "By when, the law that we have read does not say: ask the shop now, and show it the receipt of the"
    " border."
)
_STANDING: Final[Mapping[State | Literal["told"], tuple[TwiceState, str]]] = {
    "told": ("told", translatable("The holder of the shop's tax number was told.")),
    "requested": ("requested", translatable("An officer has it.")),
    "granted": ("granted", translatable("It was granted, and is ordered back next.")),
    "refused": (
        "refused",
        translatable("An officer has refused it. You can appeal against the decision on this page."),
    ),
    "taken-back": ("requested", translatable("It was granted, and taken back: an officer has it.")),
    "drafted": ("requested", translatable("An officer has it.")),
}


async def read_orders_back(services: Services, connection: Any, at: AtParcel) -> list[RefundOrder]:
    """Return what of the parcel's case was ordered back, as it was placed."""
    return await list_orders(
        connection,
        case_ids=[at.consignment.case_id],
        limit=_ORDERS_MAX,
        administration_id=services.administration_id,
    )


async def read_twice_charged(
    services: Services,
    connection: Any,
    at: AtParcel,
    orders: list[RefundOrder],
    taxes: list[str],
    *,
    language: str,
    time_zone: str,
) -> TwiceCharged | None:
    """Return what a buyer is told of a double charge of the parcel; None: none was found. orders: of
    `read_orders_back`; taxes: what the taxes of the decision are called."""
    found = await read_charged_twice(services, connection, at.consignment)
    if found is None:
        return _before_release(orders, taxes, language)
    said = found.found.parameters
    by = None if found.repayment is None else decide_by(found.repayment, services.country_code, time_zone)
    state, standing = _STANDING["told" if found.repayment is None else found.repayment.state]
    if state == "granted" and found.repayment is not None:
        # What was ordered before the decision goes back for another reason.
        its = [one for one in orders if one.ordered_at >= found.repayment.act.at]
        if its:
            state, standing = _OF_ORDER[its[-1].status], STATUS_SENTENCES[its[-1].status][0]
    return TwiceCharged(
        leg=found.leg,
        currency_code=said["currency_code"],
        amount=_amount(said["amount_minor"], said["currency_code"], language),
        taxes=taxes,
        state=state,
        who=text_in(WHO[found.leg], language),
        by_when=_by_when(found, by, language) if state in ("told", "requested") else "",
        standing=text_in(standing, language),
        decide_by=by,
        law_reference="" if found.terms is None else found.terms.law_reference,
        found_at=found.found.at,
    )


def _before_release(orders: list[RefundOrder], taxes: list[str], language: str) -> TwiceCharged | None:
    """Return what was paid at the border before the shop's token came: it is ordered back at once."""
    one = next((one for one in reversed(orders) if one.ground == GROUND), None)
    if one is None:
        return None
    return TwiceCharged(
        leg="customs-repays",
        currency_code=one.currency_code,
        amount=_amount(one.amount_minor, one.currency_code, language),
        taxes=taxes,
        state=_OF_ORDER[one.status],
        who=text_in(WHO["customs-repays"], language),
        by_when="",
        standing=text_in(STATUS_SENTENCES[one.status][0], language),
        decide_by=None,
        law_reference=one.law_reference,
        found_at=one.ordered_at,
    )


def _by_when(found: ChargedTwice, decide_by: dt.date | None, language: str) -> str:
    if found.leg == "customs-repays":
        said = _DECIDES if decide_by is None else MessageText(_DECIDES_BY, day=decide_by)
        return text_in(said, language)
    years = None if found.terms is None else found.terms.correct_within_years
    return text_in(_NO_TIME if years is None else MessageText(_CORRECTS, years=str(years)), language)


def _amount(amount_minor: int, currency_code: str, language: str) -> str:
    return f"{currency_code} {amount_text(format_minor(amount_minor, currency_code), language)}"

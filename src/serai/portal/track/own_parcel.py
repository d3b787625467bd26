"""A buyer's parcel after the one-time code: what it costs and how that comes, why, what can be done."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import msgspec

from serai.explanation.case_explanation import PURPOSE, CaseReplays
from serai.explanation.steps import ChargeExplained, Explanation
from serai.foundation.access.actor import Role
from serai.foundation.id_text import format_id
from serai.foundation.locales import amount_text
from serai.foundation.vault.reading import Reach
from serai.journey.acts.appeals import LODGED, OUTCOMES
from serai.journey.buyers.requests import RequestKind, require_confirmed
from serai.journey.buyers.service import AtParcel
from serai.journey.case_records.amounts_payable import sum_payable
from serai.journey.case_records.store import select_charge_lines
from serai.journey.cases.service import CaseFiles
from serai.journey.consignments.act_records import select_acts, select_standing_acts
from serai.journey.consignments.act_words import read_act_words
from serai.journey.consignments.store import select_consignments_of_cases
from serai.journey.revenue.payment_advice import advise_payment
from serai.journey.services import Services
from serai.journey.visibility.table import Viewer, show
from serai.model.acts import ACT_KINDS, Act, net_amounts
from serai.model.errors import SeraiError
from serai.model.frames import LANES
from serai.model.money import format_minor
from serai.portal.case.view import BillLine, anchor_of, bill_of
from serai.portal.payment_code import Transfer, transfer_of
from serai.portal.track.charged_twice import TwiceCharged, read_orders_back, read_twice_charged

BUYER = Viewer(None, frozenset({Role.BUYER}))
_REQUESTS = (
    *("buyer-request", "buyer-proof", "buyer-request-answered", "review-request", "review-upheld"),
    *(LODGED, *OUTCOMES),
)
_ABOUT = ("request", "appeal")
"""Parameters by which an answer names what it answers."""
_TIMES = "\u00d7"
_TAXES = frozenset({"tax", "excise"})
_REFUSE = LANES.index("refuse")


class OwnCharge(msgspec.Struct, frozen=True):
    """One charge. arithmetic: how it comes, in figures, as `EUR 56.00 x 23 % = EUR 12.88`. due: at the border
    or with the sale."""

    title: str
    arithmetic: str
    amount: str
    currency_code: str
    due: str
    is_waived: bool


class OwnReason(msgspec.Struct, frozen=True):
    """Why it was decided so, what to do, how to object."""

    sentence: str
    remedy: str
    appeal: str


class OwnRequest(msgspec.Struct, frozen=True):
    """What the buyer stated or asked for. answer: None while an officer has it."""

    request_id: str
    kind: RequestKind | Literal["buyer-proof", "review-request", "appeal-lodged"]
    at: dt.datetime
    answer: str | None
    answer_words: str | None


class OwnParcel(msgspec.Struct, frozen=True):
    """What a buyer sees of a parcel.

    double_charge: tax that was taken in the shop, too; None: none was found. to_pay: sums due at the border
    that are not paid yet, one a currency; transfer: how to pay them. paid: what was paid, put on account or
    secured for the order. is_sum_unknown: something is missing before they are known. may_ask_review: it is
    refused without a person, and a person can be asked to look. may_appeal: no appeal of the buyer's is open.
    """

    decision_id: str
    to_pay: list[str]
    transfer: Transfer | None
    paid: list[str]
    is_sum_unknown: bool
    charges: list[OwnCharge]
    reasons: list[OwnReason]
    requests: list[OwnRequest]
    may_ask_review: bool
    may_appeal: bool
    double_charge: TwiceCharged | None = None


@dataclass(frozen=True, slots=True)
class OwnParcels:
    """Reads parcels for their buyers."""

    files: CaseFiles
    replays: CaseReplays
    services: Services
    time_zone: str

    async def read(self, at: AtParcel, language: str) -> OwnParcel:
        """Return what a buyer may see of the parcel. Raises SeraiError `code-needed`."""
        require_confirmed(at)
        files, row = self.files, at.consignment
        async with files.database.read(files.administration_id) as connection:
            rendered = await files.decisions.read(connection, row, row.decision_id, language)
            explanation = await self._explain(connection, at, language)
            acts = await select_standing_acts(
                connection, [row.case_id], _REQUESTS, administration_id=files.administration_id
            )
            owed, paid = await self._owed(connection, at)
            shown = show(BUYER, "decision", rendered.decision)
            bill = bill_of(shown, explanation, language)
            twice = await read_twice_charged(
                self.services,
                connection,
                at,
                await read_orders_back(self.services, connection, at),
                _taxes(shown, bill),
                language=language,
                time_zone=self.time_zone,
            )
        mine = [act for _, act in acts if _is_of_buyer(act, row.consignment_id)]
        requests = await self._requests(at, mine)
        titles = {} if explanation is None else _explained(explanation)
        return OwnParcel(
            decision_id=format_id(row.decision_id),
            to_pay=_sums(left := _left(shown, owed), language),
            transfer=transfer_of(
                advise_payment(files.payee, format_id(row.case_id), is_owed=any(left.values())),
                [(currency, f"{amount:f}") for currency, amount in left.items()],
            ),
            paid=_sums(paid, language),
            is_sum_unknown="totals" not in shown,
            charges=[_charge(line, titles.get(line.why)) for line in bill],
            reasons=[_reason(one) for one in _reasons(shown)],
            requests=requests,
            may_ask_review=row.lane == _REFUSE and not any(one.kind == "review-request" for one in mine),
            may_appeal=not any(one.kind == LODGED and one.answer is None for one in requests),
            double_charge=twice,
        )

    async def _owed(self, connection: Any, at: AtParcel) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        """Return what is left to pay at the border in the whole case, and what was paid, by currency."""
        key = {"administration_id": self.files.administration_id}
        case_id = at.consignment.case_id
        rows = await select_consignments_of_cases(connection, [case_id], **key)
        charges = await select_charge_lines(connection, [one.consignment_id for one in rows], **key)
        acts = await select_acts(connection, [case_id], **key)
        left: dict[str, Decimal] = {}
        for one in sum_payable(charges, acts):
            if one.due == "border":
                left[one.currency_code] = left.get(one.currency_code, Decimal(0)) + Decimal(one.amount)
        paid: dict[str, Decimal] = {}
        for act in net_amounts([one.act for one in acts if one.reversed_by is None], format_id):
            said = act.parameters
            if "payment" in ACT_KINDS[act.kind].effects:
                amount = Decimal(format_minor(said["amount_minor"], said["currency_code"]))
                paid[said["currency_code"]] = paid.get(said["currency_code"], Decimal(0)) + amount
        return left, paid

    async def _explain(self, connection: Any, at: AtParcel, language: str) -> Explanation | None:
        files, row = self.files, at.consignment
        reach = Reach(files.administration_id, PURPOSE, at.actor, files.clock.now())
        try:
            replay = await self.replays.replay(connection, row, row.decision_id, reach)
        except SeraiError:
            return None  # erased, or of a law that is gone: the sums stand all the same
        return replay.explain(language, shows_cumulative_allowances=False)

    async def _requests(self, at: AtParcel, acts: Sequence[Act]) -> list[OwnRequest]:
        files = self.files
        answers = {act.parameters[name]: act for act in acts for name in _ABOUT if name in act.parameters}
        reach = Reach(files.administration_id, "subject-request", at.actor, files.clock.now())
        words = await read_act_words(
            files.database.write,
            files.keyring,
            files.codec,
            [one.act_id for one in answers.values() if one.has_words],
            reach,
        )
        made = []
        for act in acts:
            if act.parameters.keys() & set(_ABOUT):
                continue
            name = format_id(act.act_id)
            answer = answers.get(name)
            made.append(
                OwnRequest(
                    name,
                    act.parameters.get("kind", act.kind),
                    act.at,
                    None if answer is None else str(answer.parameters.get("answer", answer.kind)),
                    None if answer is None else words.get(answer.act_id),
                )
            )
        return made


def _is_of_buyer(act: Act, consignment_id: int) -> bool:
    """Say whether an act is the buyer's of a consignment, or answers one: others may appeal, too."""
    if act.kind == LODGED:
        return act.subject_id == consignment_id and (act.acting_user or "").startswith("buyer:")
    return act.subject_id == consignment_id


def _left(decision: Mapping[str, Any], owed: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return what is left to pay for a parcel: its charges, and no more than is left for the whole order,
    for which payments are recorded."""
    sums: dict[str, Decimal] = {}
    of_items = [one for item in decision.get("goods_items", ()) for one in item.get("charges", ())]
    for one in (*decision.get("charges", ()), *of_items):
        if one["due"] == "border" and not one.get("is_waived", False) and one["kind"] != "claim":
            currency = one["currency_code"]
            sums[currency] = sums.get(currency, Decimal(0)) + Decimal(one["amount"])
    return {currency: min(amount, owed.get(currency, Decimal(0))) for currency, amount in sums.items()}


def _sums(sums: Mapping[str, Decimal], language: str) -> list[str]:
    return [f"{currency} {amount_text(str(amount), language)}" for currency, amount in sums.items() if amount]


def _taxes(decision: Mapping[str, Any], bill: Sequence[BillLine]) -> list[str]:
    """Return what the taxes of a decision that are due at the border are called. bill: its charges, in their
    order."""
    of_items = [one for item in decision.get("goods_items", ()) for one in item.get("charges", ())]
    charges = (*of_items, *decision.get("charges", ()))
    return list(
        dict.fromkeys(
            line.title
            for one, line in zip(charges, bill, strict=True)
            if one["kind"] in _TAXES and one["due"] == "border" and not line.is_waived
        )
    )


def _explained(explanation: Explanation) -> dict[str, ChargeExplained]:
    of_items = [charge for item in explanation.items for charge in item.charges]
    return {anchor_of(one.step.id): one for one in (*explanation.charges, *of_items)}


def _charge(line: BillLine, explained: ChargeExplained | None) -> OwnCharge:
    result = f"{line.currency_code} {line.amount}"
    arithmetic = ""
    if line.base and line.rate:
        arithmetic = f"{line.currency_code} {line.base} {_TIMES} {line.rate} = {result}"
    elif explained is not None and explained.step.filled:
        arithmetic = f"{explained.step.filled.replace('*', _TIMES)} = {result}"
    return OwnCharge(line.title, arithmetic, line.amount, line.currency_code, line.due, line.is_waived)


def _reasons(shown: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    of_items = [reason for item in shown.get("goods_items", ()) for reason in item.get("reasons", ())]
    found = {str(one["code"]): one for one in (*shown.get("reasons", ()), *of_items)}
    return list(found.values())


def _reason(reason: Mapping[str, Any]) -> OwnReason:
    return OwnReason(*(str(reason.get(name) or "") for name in ("sentence", "remedy", "appeal")))

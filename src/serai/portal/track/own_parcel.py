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
from serai.foundation.vault.reading import Reach
from serai.journey.buyers.requests import RequestKind, require_confirmed
from serai.journey.buyers.service import AtParcel
from serai.journey.cases.service import CaseFiles
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.consignments.act_words import read_act_words
from serai.journey.visibility.table import Viewer, show
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.frames import LANES
from serai.portal.case.view import BillLine, anchor_of, bill_of

BUYER = Viewer(None, frozenset({Role.BUYER}))
_REQUESTS = ("buyer-request", "buyer-proof", "buyer-request-answered", "review-request", "review-upheld")
_TIMES = "\u00d7"
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
    kind: RequestKind | Literal["buyer-proof", "review-request"]
    at: dt.datetime
    answer: str | None
    answer_words: str | None


class OwnParcel(msgspec.Struct, frozen=True):
    """What a buyer sees of a parcel.

    to_pay: sums due at the border, one a currency; is_sum_unknown: something is missing before they are
    known. may_ask_review: it is refused without a person, and a person can be asked to look.
    """

    decision_id: str
    to_pay: list[str]
    is_sum_unknown: bool
    charges: list[OwnCharge]
    reasons: list[OwnReason]
    requests: list[OwnRequest]
    may_ask_review: bool


@dataclass(frozen=True, slots=True)
class OwnParcels:
    """Reads parcels for their buyers."""

    files: CaseFiles
    replays: CaseReplays

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
        shown = show(BUYER, "decision", rendered.decision)
        mine = [act for _, act in acts if act.subject_id == row.consignment_id]
        bill = bill_of(shown, explanation, language)
        titles = {} if explanation is None else _explained(explanation)
        return OwnParcel(
            decision_id=format_id(row.decision_id),
            to_pay=_sums(bill),
            is_sum_unknown="totals" not in shown,
            charges=[_charge(line, titles.get(line.why)) for line in bill],
            reasons=[_reason(one) for one in _reasons(shown)],
            requests=await self._requests(at, mine),
            may_ask_review=row.lane == _REFUSE and not any(one.kind == "review-request" for one in mine),
        )

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
        answers = {act.parameters["request"]: act for act in acts if "request" in act.parameters}
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
            if "request" in act.parameters:
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


def _sums(bill: Sequence[BillLine]) -> list[str]:
    sums: dict[str, Decimal] = {}
    for line in bill:
        if line.due == "border" and not line.is_waived and not line.is_claim:
            sums[line.currency_code] = sums.get(line.currency_code, Decimal(0)) + Decimal(line.amount)
    return [f"{currency} {amount}" for currency, amount in sums.items() if amount]


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

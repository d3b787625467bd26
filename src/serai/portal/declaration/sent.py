"""What became of a parcel that was sent: the decision's words, the receipt, and what to do next."""

from typing import Any, Final

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.cases.page_words import words_of
from serai.journey.documents.submission import Answer

TAKEN: Final = frozenset({"decided", "recorded", "repeated"})


class Reason(msgspec.Struct, frozen=True):
    """A reason of the decision as everybody may read it."""

    lane: str = ""
    sentence: str = ""
    remedy: str = ""
    appeal: str = ""
    language: str = ""


class _Item(msgspec.Struct, frozen=True):
    reasons: list[Reason] = []


class _Totals(msgspec.Struct, frozen=True):
    due_at_border_amount: str
    due_at_sale_amount: str


class _Decision(msgspec.Struct, frozen=True):
    """As much of a decision as the page shows."""

    mrn: str = ""
    lane: str = ""
    status: str = ""
    currency_code: str = ""
    totals: _Totals | None = None
    goods_items: list[_Item] = []
    reasons: list[Reason] = []
    findings: list[Reason] = []


class Sent(msgspec.Struct, frozen=True):
    """A parcel that was taken. status: in words. at_border, at_sale: sums, "" for nothing; is_known: whether
    they could be worked out. to_do: reasons and findings that ask for something; told: the others. receipt:
    the text that proves it. is_repeated: it had been sent before, this is the same answer.
    """

    reference: str
    case_id: str
    mrn: str
    lane: str
    status: str
    at_border: str
    at_sale: str
    is_known: bool
    to_do: list[Reason]
    told: list[Reason]
    receipt: str
    is_repeated: bool


_STANDS_STILL: Final = frozenset({"await", "review", "examine", "refuse"})


def sent_of(answer: Answer, language: str) -> Sent:
    """Return an answer as the page shows it. answer: taken, with texts."""
    decision = msgspec.json.decode(answer.decision or b"{}", type=_Decision)
    reasons = [*decision.reasons, *(one for item in decision.goods_items for one in item.reasons)]
    # The same reason stands at the whole and at each of its items.
    said = [one for one in dict.fromkeys([*decision.findings, *reasons]) if one.sentence]
    to_do = [one for one in said if one in decision.findings or one.lane in _STANDS_STILL]
    return Sent(
        reference=answer.reference,
        case_id=format_id(answer.case_id),
        mrn=decision.mrn,
        lane=decision.lane,
        status=words_of(language).statuses.get(decision.status, decision.status),
        at_border=_sum(decision, "due_at_border_amount"),
        at_sale=_sum(decision, "due_at_sale_amount"),
        is_known=decision.totals is not None,
        to_do=to_do,
        told=[one for one in said if one not in to_do],
        receipt=(answer.receipt or b"").decode(),
        is_repeated=answer.status == "repeated",
    )


def _sum(decision: _Decision, name: str) -> str:
    amount: Any = getattr(decision.totals, name, "")
    return f"{decision.currency_code}\u00a0{amount}" if amount.strip("0.") else ""

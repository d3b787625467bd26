"""What the buyer of a parcel says, as officers read it: by kind on the parcel's page, in words on its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.buyers.requests import BUYER_ACTS, BUYER_ANSWER
from serai.model.acts import Act

PURPOSE: Final = "examination"
"""For which an officer opens what a buyer has written."""


class BuyerSaid(msgspec.Struct, frozen=True, kw_only=True):
    """One thing. kind: of RequestKind, or `buyer-proof`. answer: `accepted`, `rejected`; "": none yet.
    words: "" where they were erased, or are a proof. email: of another contact. proof_href: where it is."""

    act_id: str
    kind: str
    at: datetime
    answer: str = ""
    words: str = ""
    answer_words: str = ""
    email: str = ""
    proof_href: str = ""
    media_type: str = ""
    size_bytes: int = 0


class BuyerPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page. fault: of the answer that was sent, told at its field; given: what was typed, by field."""

    case_id: str
    reference: str
    said: list[BuyerSaid]
    fault: str = ""
    faults: list[dict[str, str]] = []
    given: dict[str, str] = {}


def list_said(acts: Sequence[Act], words: Mapping[int, str], case_id: str) -> list[BuyerSaid]:
    """Return what a buyer said, what waits for an answer first, else the newest first.

    acts: of the kinds BUYER_ACTS and BUYER_ANSWER; words: those that were opened, by act.
    """
    answers = {str(act.parameters["request"]): act for act in acts if act.kind == BUYER_ANSWER}
    said = [_said(act, answers, words, case_id) for act in acts if act.kind in BUYER_ACTS]
    return sorted(said, key=lambda one: (bool(one.answer), -one.at.timestamp()))


def _said(act: Act, answers: Mapping[str, Act], words: Mapping[int, str], case_id: str) -> BuyerSaid:
    name = format_id(act.act_id)
    answer = answers.get(name)
    more: dict[str, Any] = {}
    if act.kind == "buyer-proof":
        more = {
            "proof_href": f"/v1/cases/{case_id}/proofs/{name}",
            "media_type": str(act.parameters.get("media_type", "")),
            "size_bytes": int(act.parameters.get("size_bytes", 0)),
        }
    else:
        more["words"] = words.get(act.act_id, "")
        if act.parameters.get("kind") == "contact":
            # The address is the first line.
            more["email"], _, more["words"] = more["words"].partition("\n")
    return BuyerSaid(
        act_id=name,
        kind=str(act.parameters.get("kind", act.kind)),
        at=act.at,
        answer="" if answer is None else str(answer.parameters["answer"]),
        answer_words="" if answer is None else words.get(answer.act_id, ""),
        **more,
    )

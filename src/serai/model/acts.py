"""Acts: what an officer or a party does that changes a decision or a status, in one shape; their kinds."""

from datetime import datetime
from typing import Any, Final, Literal

import msgspec

SubjectKind = Literal["consignment", "goods-item", "charge", "transport-unit", "document", "case"]
SUBJECT_KINDS: Final[tuple[SubjectKind, ...]] = (
    "consignment",
    "goods-item",
    "charge",
    "transport-unit",
    "document",
    "case",
)


class ActKind(msgspec.Struct, frozen=True):
    """One kind of act. A new one is a row here, and where no rule of its effect is there yet a rule.

    effect: the rule of `journey/release` by which it bears on decisions; "": by what it brings (another
    version, an arrival), or not at all. is_reversible: another act may take it back.
    """

    code: str
    subject_kind: SubjectKind
    meaning: str
    effect: str = ""
    is_reversible: bool = False


_ROWS: Final = (
    ActKind("amendment", "document", "another version of a document"),
    ActKind("amendment-request", "document", "an officer is asked for it, after release"),
    ActKind("invalidation", "consignment", "a declaration is invalidated", "invalidation"),
    ActKind("invalidation-request", "consignment", "an officer is asked for it, after release"),
    ActKind("presentation", "consignment", "the goods of a declaration are there"),
    ActKind("document-withdrawal", "document", "an order, payment, waybill or return is taken back"),
    ActKind("document-withdrawal-request", "document", "an officer is asked for it, after release"),
    ActKind(
        "match-joined", "document", "an officer says that a document belongs to the case", is_reversible=True
    ),
    ActKind("match-parted", "document", "an officer says that a document does not belong to the case"),
    ActKind("recall-hit-closed", "consignment", "an officer has looked for recalled goods"),
    ActKind("custody-settled", "case", "an officer has looked at events of who does not hold the goods"),
    ActKind("screening-reported", "document", "the result of a screening before loading"),
    ActKind("loading-decided", "document", "an officer's word before loading"),
    ActKind("review-request", "consignment", "a human's review of a refusal is asked for"),
    ActKind("review-upheld", "consignment", "an officer says that a refusal stands"),
    ActKind("review-set-aside", "consignment", "an officer sets a refusal aside", "review"),
    ActKind("paid", "case", "what is due at the border was paid", "payment", is_reversible=True),
    ActKind("on-account", "case", "it was put on account", "payment", is_reversible=True),
    ActKind("secured", "case", "it was secured", "payment", is_reversible=True),
    ActKind("quote-difference", "case", "an account bears what a binding quote left out", "payment"),
    ActKind(
        "value-determined",
        "consignment",
        "an officer says which price of the goods is used",
        "value",
        is_reversible=True,
    ),
    ActKind(
        "record-questioned",
        "case",
        "what is stored is not what the log commits to: nothing is released until an officer has looked",
        "hold",
        is_reversible=True,
    ),
    ActKind("reversal", "case", "an earlier act is taken back"),
)
ACT_KINDS: Final[dict[str, ActKind]] = {one.code: one for one in _ROWS}


QUESTIONED: Final = "record-questioned"
"""By which a case is marked whose stored record is not what the evidence log commits to."""


def kinds_with(effect: str) -> list[str]:
    """Return the codes of the kinds that bear on decisions by one rule."""
    return [one.code for one in ACT_KINDS.values() if one.effect == effect]


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """An act, done. Instants are UTC; ids are of what they name, None where there is none.

    case_id: in which case its subject was. subject_number: sequence number of a goods item, place of a
    charge; 0: the whole. parameters: by name, no words of people; amounts in minor units. acting_user: which
    key or account. on_behalf_of: the party in whose name, by a mandate. expected_decision_id: the decision
    that whoever acted had before him. law_reference, due_at: which law asks or allows it, by when. reverses:
    the act that it takes back. reference: the acting party's own, once for ever. version: of the document.
    leaf_id: the leaf in the log that commits to it. has_words: why, in words, is in the vault under act_id.
    """

    act_id: int
    case_id: int
    kind: str
    subject_id: int
    party_id: int
    acting_user: str
    at: datetime
    leaf_id: int
    subject_number: int = 0
    version: int = 1
    reason_code: str | None = None
    parameters: dict[str, Any] = {}
    on_behalf_of: int | None = None
    expected_decision_id: int | None = None
    law_reference: str | None = None
    due_at: datetime | None = None
    reverses: int | None = None
    reference: str | None = None
    has_words: bool = False

    @property
    def subject_kind(self) -> SubjectKind:
        """What the act is about."""
        return ACT_KINDS[self.kind].subject_kind

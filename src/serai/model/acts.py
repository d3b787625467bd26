"""Acts: what an officer or a party does that changes a decision or a status, in one shape; their kinds."""

from collections import Counter
from collections.abc import Callable, Sequence
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

    effects: rules of `journey/release` by which it bears on decisions; none: it bears by what it brings
    (another version, an arrival), or not at all. is_reversible: another act may take it back. state: of an
    officer's measure, the state of the goods after it, one of GOODS_STATES; "": it leaves that as it is.
    is_measure: it is an officer's, and `laws/measures.yaml` says when it may be taken and why. is_internal:
    parties do not hear of it. answers_officer: its words are between its party and the administration.
    is_told: its words are for the declarant, too.
    """

    code: str
    subject_kind: SubjectKind
    meaning: str
    effects: tuple[str, ...] = ()
    is_reversible: bool = False
    state: str = ""
    is_measure: bool = False
    is_internal: bool = False
    answers_officer: bool = False
    is_told: bool = False


def _measure(code: str, meaning: str, state: str = "", *more: str, is_reversible: bool = True) -> ActKind:
    """Return a kind of an officer's measure. state: of the goods after it. more: effects beside that."""
    effects = (*more, "measure") if state else more
    is_internal = code in ("assignment", "note")
    return ActKind(
        code,
        "consignment",
        meaning,
        effects,
        is_reversible,
        state,
        is_measure=True,
        is_internal=is_internal,
        is_told=not is_internal,
    )


FREE: Final = "free"
GOODS_STATES: Final = (
    FREE, "held", "in-examination", "refused", "suspended", "detained", "seized", "confiscated", "abandoned",
    "destroyed", "returned",
)  # fmt: skip
"""Where an officer's measures have brought goods: nothing stands in their way, or something does."""
DISPOSED_STATES: Final = frozenset({"confiscated", "abandoned", "destroyed", "returned"})
"""Goods that will not be released: nothing is owed on them any more."""


PERMIT_PRESENTED: Final = "permit-presented"
"""By which a permit is named after the declaration was lodged."""
NAME_VERDICT: Final = "name-verdict"
"""By which an officer says whether somebody on a document is who a list names."""
OPENING: Final = "opening"
"""The effect of an agency's word that goods are free of its rules: they are open as by a permit."""
_ROWS: Final = (
    ActKind("amendment", "document", "another version of a document"),
    ActKind("amendment-request", "document", "an officer is asked for it, after release"),
    ActKind("invalidation", "consignment", "a declaration is invalidated", ("invalidation",)),
    ActKind("invalidation-request", "consignment", "an officer is asked for it, after release"),
    ActKind("presentation", "consignment", "the goods of a declaration are there"),
    ActKind("document-withdrawal", "document", "an order, payment, waybill or return is taken back"),
    ActKind("document-withdrawal-request", "document", "an officer is asked for it, after release"),
    ActKind(
        "match-joined", "document", "an officer says that a document belongs to the case", is_reversible=True
    ),
    ActKind("match-parted", "document", "an officer says that a document does not belong to the case"),
    ActKind("return-examination", "consignment", "goods that came back may be others than those declared"),
    ActKind("recall-hit-closed", "consignment", "an officer has looked for recalled goods"),
    ActKind("custody-settled", "case", "an officer has looked at events of who does not hold the goods"),
    ActKind("screening-reported", "document", "the result of a screening before loading"),
    ActKind("loading-decided", "document", "an officer's word before loading"),
    ActKind("review-request", "consignment", "a human's review of a refusal is asked for"),
    ActKind("review-upheld", "consignment", "an officer says that a refusal stands"),
    ActKind("review-set-aside", "consignment", "an officer sets a refusal aside", ("review",)),
    ActKind(
        "split-verdict",
        "consignment",
        "an officer says whether parcels are one order",
        is_internal=True,
    ),
    ActKind(
        NAME_VERDICT,
        "consignment",
        "an officer says whether somebody on a document is who a list names",
        is_internal=True,
    ),
    ActKind(
        "rights-answered",
        "consignment",
        "a declarant or the holder of a right answers about goods that are detained",
        is_internal=True,
    ),
    ActKind("buyer-request", "consignment", "its buyer states or asks for something", is_internal=True),
    ActKind("buyer-proof", "consignment", "its buyer has sent a proof", is_internal=True),
    ActKind("buyer-request-answered", "consignment", "an officer answers its buyer", is_internal=True),
    ActKind("tax-paid-proven", "consignment", "a token proves that tax was paid at sale"),
    ActKind("double-charge-found", "consignment", "tax paid at sale was charged at the border, too"),
    ActKind("paid", "case", "what is due at the border was paid", ("payment",), is_reversible=True),
    ActKind(
        "payment-received",
        "case",
        "what is due at the border came to the administration's bank account",
        ("payment",),
        is_reversible=True,
    ),
    ActKind("on-account", "case", "it was put on account", ("payment",), is_reversible=True),
    ActKind("secured", "case", "it was secured", ("payment",), is_reversible=True),
    ActKind(
        "repayment",
        "case",
        "what was charged is repaid, or remitted where it was not paid",
        ("payment",),
        is_reversible=True,
    ),
    ActKind("repayment-drafted", "consignment", "an application for repayment is ready to be confirmed"),
    ActKind(
        "repayment-requested", "consignment", "repayment or remission is applied for", answers_officer=True
    ),
    ActKind("repayment-refused", "consignment", "an officer refuses repayment", is_told=True),
    ActKind("quote-difference", "case", "an account bears what a binding quote left out", ("payment",)),
    ActKind(
        "rounding-difference",
        "case",
        "an account bears what a payment was short of by a rounding",
        ("payment",),
    ),
    ActKind(
        "bearing-declared",
        "case",
        "whoever paid says to whom it was passed on",
        is_reversible=True,
    ),
    ActKind(
        "record-questioned",
        "case",
        "what is stored is not what the log commits to: nothing is released until an officer has looked",
        ("hold",),
        is_reversible=True,
    ),
    _measure("information-requested", "an officer asks for information or a document"),
    ActKind("information-given", "consignment", "a party answers what an officer asks", answers_officer=True),
    ActKind(PERMIT_PRESENTED, "consignment", "a permit is named for goods that need one", ("permit",)),
    ActKind(
        "agency-maintained",
        "consignment",
        "an agency keeps goods that a rule of its remit names",
        ("agency",),
    ),
    ActKind(
        "agency-cleared",
        "consignment",
        "an agency says that goods are free to go",
        ("agency", OPENING),
        is_told=True,
    ),
    ActKind(
        "agency-refused",
        "consignment",
        "an agency says that goods may not come in",
        ("agency",),
        is_told=True,
    ),
    ActKind(
        "agency-lapsed",
        "consignment",
        "an agency was silent until the law ended its suspension",
        ("agency", OPENING),
    ),
    ActKind(
        "agency-examination-wanted", "consignment", "an agency asks that goods are examined", ("agency",)
    ),
    ActKind("agency-examination-recorded", "consignment", "what an agency has found in an examination"),
    ActKind("goods-pictured", "consignment", "whoever declared sends a picture of the goods"),
    _measure("hold", "an officer holds the goods", "held"),
    _measure("examination-ordered", "an officer orders an examination", "in-examination"),
    _measure("examination-recorded", "what an examination has found", is_reversible=False),
    ActKind("examination-photo", "consignment", "a photo of an examination was added", is_reversible=True),
    ActKind(
        "second-examination-requested",
        "consignment",
        "whoever declared the goods asks that they are examined once more",
        answers_officer=True,
    ),
    ActKind(
        "second-examination-answered",
        "consignment",
        "an officer grants or refuses a second examination",
        is_told=True,
    ),
    _measure("value-determined", "an officer says which price of the goods is used", "", "determination"),
    _measure(
        "classification-determined", "an officer says which commodity code goods have", "", "determination"
    ),
    _measure("origin-determined", "an officer says which origin goods have", "", "determination"),
    _measure("quantity-determined", "an officer says which quantity of goods there is", "", "determination"),
    _measure("release", "an officer ends a control: nothing found then stands against release", FREE),
    _measure("release-against-security", "an officer ends a control against security", FREE, "payment"),
    _measure(
        "security-called", "an officer calls a security for what is owed", "", "payment", is_reversible=False
    ),
    _measure(
        "security-freed", "an officer frees a security, or a part of it", "", "security", is_reversible=False
    ),
    _measure("refusal", "an officer refuses release", "refused"),
    _measure("suspension", "an officer suspends release for an agency or the holder of a right", "suspended"),
    _measure("detention", "an officer detains the goods", "detained"),
    _measure("seizure", "an officer seizes the goods", "seized"),
    _measure("confiscation", "the goods are confiscated", "confiscated"),
    _measure("abandonment", "the goods are abandoned to the State", "abandoned"),
    _measure("destruction", "the goods are destroyed", "destroyed", is_reversible=False),
    _measure("return-to-sender", "the goods go back to their sender", "returned"),
    _measure(
        "assignment",
        "an officer takes the case in hand, gives it to another, or gives it back",
        is_reversible=False,
    ),
    _measure("note", "an officer's note", is_reversible=False),
    ActKind(
        "hearing-opened",
        "consignment",
        "an officer says what adverse measure is meant",
        is_reversible=True,
        is_told=True,
    ),
    ActKind("hearing-notified", "consignment", "it is proven that the declarant knows of a hearing"),
    ActKind(
        "hearing-notice-returned",
        "consignment",
        "the message that proved it came back: the period of the hearing has not begun",
    ),
    ActKind("hearing-answered", "consignment", "the declarant is heard", answers_officer=True),
    ActKind(
        "appeal-lodged",
        "consignment",
        "the declarant appeals against a measure or a decision",
        answers_officer=True,
    ),
    ActKind("appeal-stated", "consignment", "one side states its view in an appeal", is_told=True),
    ActKind("appeal-allowed", "consignment", "an appeal is allowed", is_told=True),
    ActKind("appeal-dismissed", "consignment", "an appeal is dismissed", is_told=True),
    ActKind(
        "effect-suspended",
        "consignment",
        "the effect of what an appeal is against is suspended",
        is_reversible=True,
        is_told=True,
    ),
    ActKind("unit-hold", "transport-unit", "an officer holds a transport unit and all in it"),
    ActKind(
        "unit-examination-ordered", "transport-unit", "an officer orders an examination of a transport unit"
    ),
    ActKind(
        "unit-examination-recorded", "transport-unit", "what an examination of a transport unit has found"
    ),
    ActKind(
        "unit-examination-photo",
        "transport-unit",
        "a photo of an examination of a transport unit was added",
    ),
    ActKind("unit-release", "transport-unit", "an officer ends what was ordered of a transport unit"),
    ActKind("reversal", "case", "an earlier act is taken back"),
)
ACT_KINDS: Final[dict[str, ActKind]] = {one.code: one for one in _ROWS}
MEASURES: Final = tuple(one.code for one in _ROWS if one.is_measure)
"""Kinds of what an officer does to a case."""
MEASURE_FINDINGS: Final = {
    one.code: f"measure-{one.state}" for one in _ROWS if one.state and one.state != FREE
}
"""By the kind of a measure, the code of what its decision says of it."""
UNIT_FINDINGS: Final = {
    "hold": "measure-held-in-unit",
    "examination-ordered": "measure-in-examination-in-unit",
}
"""By the kind of a measure that an order on a transport unit brought, what its decision says of it."""
MEASURE_REASON: Final = "measure-reason-"
"""What the code of a finding begins with that says why a measure was taken; its reason code follows."""
AGENCY_FINDINGS: Final = {
    "agency-maintained": "agency-maintained",
    "agency-examination-wanted": "agency-maintained",
    "agency-refused": "agency-refused",
}
"""By the kind of what an agency said last, the code of what a decision says of it."""
OF_A_VERSION: Final = frozenset({"review", "determination", OPENING})
"""Effects of an officer's or agency's word on what was declared: it is of the version that was before
them."""


SECURING: Final = frozenset({"secured", "release-against-security"})
"""Kinds by which an amount is secured, not paid."""
LESSENING: Final = frozenset({"security-called", "security-freed"})
"""Kinds by which less stays secured."""
QUESTIONED: Final = "record-questioned"
"""By which a case is marked whose stored record is not what the evidence log commits to."""


def kinds_with(effect: str) -> list[str]:
    """Return the codes of the kinds that bear on decisions by one rule."""
    return [one.code for one in ACT_KINDS.values() if effect in one.effects]


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """An act, done. Instants are UTC; ids are of what they name, None where there is none.

    case_id: in which case its subject was; of a transport unit, the unit. subject_number: sequence number of
    a goods item, place of a charge; 0: the whole. parameters: by name, no words of people; amounts in minor
    units. acting_user: which key or account. on_behalf_of: the party in whose name, by a mandate.
    expected_decision_id: the decision that whoever acted had before him. law_reference, due_at: which law
    asks or allows it, by when. reverses: the act that it takes back. reference: the acting party's own, once
    for ever. version: of the document. leaf_id: the leaf in the log that commits to it. has_words: why, in
    words, is in the vault under act_id. refunded_minor: of a payment, what was ordered back since: it pays
    nothing any more; no part of what was recorded.
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
    refunded_minor: int = 0

    @property
    def subject_kind(self) -> SubjectKind:
        """What the act is about."""
        return ACT_KINDS[self.kind].subject_kind


def net_amounts(acts: Sequence[Act], number_of: Callable[[int], str]) -> list[Act]:
    """Return acts that stand, each with what of its amount still counts: of a payment, less what was ordered
    back of it; of a security, less what was called and freed of it. number_of: writes the id of an act as
    parameters do."""
    less: Counter[str] = Counter()
    for act in acts:
        if act.kind in LESSENING:
            less[act.parameters["security"]] += act.parameters["amount_minor"]
        if act.refunded_minor:
            less[number_of(act.act_id)] += act.refunded_minor
    if not less:
        return list(acts)
    return [
        msgspec.structs.replace(
            act,
            parameters={
                **act.parameters,
                "amount_minor": act.parameters["amount_minor"] - less[number_of(act.act_id)],
            },
            refunded_minor=0,
        )
        if number_of(act.act_id) in less and "amount_minor" in act.parameters
        else act
        for act in acts
    ]

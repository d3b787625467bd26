"""What comes into processing and what goes out: submissions of parties, and one answer for each document."""

from collections.abc import Callable, Sequence

import msgspec

from serai.formats.decoded import Document
from serai.foundation.access.actor import Actor
from serai.foundation.http.interface_words import translatable
from serai.model.errors import SeraiError
from serai.model.findings import Finding


class Sender(msgspec.Struct, frozen=True):
    """Who files. roles: as registered with the administration. identifiers: names under which others know the
    party. acting_user: the key or account that was shown; "": the node itself. at_case: the only case that a
    buyer's session reaches; None: whoever is no such buyer."""

    party_id: int
    roles: frozenset[str]
    identifiers: tuple[str, ...] = ()
    acting_user: str = ""
    at_case: int | None = None


def sender_of(actor: Actor) -> Sender:
    """Return an actor as the sender of documents."""
    assert actor.party_id is not None, "the guard lets nobody in without a party"
    roles = frozenset(role.value for role in actor.roles)
    return Sender(actor.party_id, roles, acting_user=f"{actor.means.value}:{actor.credential_id}")


KINDS_BY_TRANSACTION = (
    frozenset({"declaration"}),
    frozenset({"order", "payment", "transport-document", "return"}),
    frozenset({"arrival"}),
)
"""Kinds of documents that commit together, in the order in which a batch of several is done."""


def places_by_transaction(submissions: "Sequence[Submission]") -> list[list[int]]:
    """Return the places of submissions that commit together, one list for each of KINDS_BY_TRANSACTION."""
    return [
        [place for place, submission in enumerate(submissions) if submission.kind in kinds]
        for kinds in KINDS_BY_TRANSACTION
    ]


Places = Callable[[str], str]
"""Gives the place in the sender's own message for a pointer into the document read from it; what is no such
pointer stays."""


class Submission(msgspec.Struct, frozen=True):
    """Documents of one kind that one party hands in together. Either raw NDJSON lines, or documents read from
    another form.

    findings: faults that reading already gave, one list a document (None stands for a document that could not
    be read). places: of documents that came in another form than JSON.
    """

    sender: Sender
    kind: str
    lines: Sequence[bytes] = ()
    documents: Sequence[Document | None] = ()
    findings: Sequence[list[Finding]] = ()
    places: Sequence[Places | None] = ()

    @property
    def document_count(self) -> int:
        """How many answers the filing gets."""
        return len(self.lines) or len(self.documents)


class QualityParts(msgspec.Struct, frozen=True, gc=False):
    """Scores of one kind of question each, 0 to 100; null: nothing of the kind was asked.

    presence: whether all is there. form: whether it is written as it must be, check digits among it. meaning:
    whether it says anything. plausibility: whether it can be.
    """

    presence: int | None
    form: int | None
    meaning: int | None
    plausibility: int | None


class QualityOut(msgspec.Struct, frozen=True, gc=False):
    """The data-quality score of a declaration as it came in: 0 to 100, and the checks that failed.

    parts: what it is made of. not_carried: of the checks that failed, those that no message of the sender's
    standard can pass, because it has no element for what they ask.
    """

    score: int
    failed: tuple[str, ...] = ()
    parts: QualityParts | None = None
    not_carried: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What became of one document.

    status: decided, recorded (a document that is no declaration), repeated (known content: the stored
    answer), rejected (faults), refused (`problem_code` says why: reference-reused, version-not-current ...),
    failed (ours, `problem` says which incident), not-accepted (in mid-stream; `problem` says when to come
    again).
    case_id, document_id, decision_id: 0 where there is none. decision, receipt: JSON. data_quality: None
    where the document has none: no declaration, not taken, or of before there were scores.
    """

    status: str
    reference: str
    case_id: int = 0
    document_id: int = 0
    decision_id: int = 0
    decision: bytes = b""
    receipt: bytes = b""
    findings: list[Finding] = []
    problem_code: str = ""
    version: int = 0
    problem: SeraiError | None = None
    data_quality: QualityOut | None = None


REFUSALS = {
    "reference-reused": (
        translatable("This reference was used before with other content."),
        translatable(
            "Give it a reference of its own, or send it as an amendment that names the version it replaces."
        ),
    ),
    "version-not-current": (
        translatable("The amendment names a version that is not the newest."),
        translatable("Read the case for its newest version, then send the amendment again."),
    ),
    "amends-nothing": (
        translatable("There is no earlier document under this reference to amend."),
        translatable("Send it without `amends_version`."),
    ),
    "amendment-too-late": (
        translatable("The goods have been released, so the declaration cannot be amended any more."),
        translatable(
            "Nothing more to send: your request for a change is recorded, and an officer looks at it."
        ),
    ),
    "arrived-already": (
        translatable("This has arrived at another time already."),
        translatable(
            "If the earlier report was wrong, amend it: send it again under its reference with"
            " `amends_version`."
        ),
    ),
    "withdrawn": (
        translatable("This document was withdrawn."),
        translatable("If it holds after all, file it again under another reference."),
    ),
    "return-unknown-declaration": (
        translatable("You have no part in a declaration by which these goods can have come."),
        translatable(
            "Check mrn: it is that of the declaration by which the goods came. Without it, name the tax-paid"
            " token, the order or the house document."
        ),
    ),
    "return-of-several-declarations": (
        translatable("These goods may have come by more than one of your declarations."),
        translatable("Name the registration number (mrn) of the one, or the serial numbers of the pieces."),
    ),
    "return-before-release": (
        translatable("The goods of this declaration have not been released, so they cannot come back yet."),
        translatable("If they do not come after all, withdraw the declaration instead."),
    ),
}
"""Why a well-formed document is refused: sentence and remedy by code."""

"""Why somebody may read people: a closed list, and who may for which purpose; nothing else is one."""

from typing import Final, Literal

from serai.foundation.http.interface_words import translatable
from serai.journey.visibility.table import Viewer
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

ReadingPurpose = Literal[
    "examination", "screening", "appeal", "audit", "correction", "subject-request", "transport-papers"
]
"""Why the names and addresses of a case are read."""

WORDS: Final[dict[ReadingPurpose, str]] = {
    "examination": translatable("Examination of this parcel"),
    "screening": translatable("A name that resembles a listed one"),
    "appeal": translatable("An appeal"),
    "audit": translatable("Post-clearance audit"),
    "correction": translatable("Correction of what was sent"),
    "subject-request": translatable("The person asked for their data"),
    "transport-papers": translatable("Papers that travel with the parcel"),
}
_OF_OFFICERS: Final = frozenset(WORDS) - {"correction", "transport-papers"}
_OF_PARTIES: Final = frozenset({"correction", "subject-request", "transport-papers"})


def purposes_of(viewer: Viewer) -> list[ReadingPurpose]:
    """Return the purposes for which this viewer may read people.

    Law enforcement is for officers; a party corrects what it sent, writes the papers of what it sends, and
    answers the person (GDPR 15).
    """
    own = _OF_OFFICERS if viewer.is_officer else _OF_PARTIES
    return [one for one in WORDS if one in own]


def require_purpose(viewer: Viewer, purpose: str) -> None:
    """Raise SeraiError `vault-purpose-missing` unless the viewer may read people for this purpose."""
    allowed = purposes_of(viewer)
    if purpose not in allowed:
        raise SeraiError(
            "vault-purpose-missing",
            "Names are read for a purpose of the list only.",
            MessageText("Yours are: {listed}.", listed=", ".join(allowed)),
        )

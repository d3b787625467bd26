"""Why somebody may read people: a closed list, and who may for which purpose; nothing else is one."""

from enum import StrEnum
from typing import Final

from serai.journey.visibility.table import Viewer
from serai.model.errors import SeraiError


class ReadingPurpose(StrEnum):
    """Why the names and addresses of a case are read."""

    EXAMINATION = "examination"
    SCREENING = "screening"
    APPEAL = "appeal"
    AUDIT = "audit"
    CORRECTION = "correction"
    SUBJECT_REQUEST = "subject-request"


WORDS: Final = {
    ReadingPurpose.EXAMINATION: "Examination of this parcel",
    ReadingPurpose.SCREENING: "A name that resembles a listed one",
    ReadingPurpose.APPEAL: "An appeal",
    ReadingPurpose.AUDIT: "Post-clearance audit",
    ReadingPurpose.CORRECTION: "Correction of what was sent",
    ReadingPurpose.SUBJECT_REQUEST: "The person asked for their data",
}
_OF_PARTIES: Final = frozenset({ReadingPurpose.CORRECTION, ReadingPurpose.SUBJECT_REQUEST})


def purposes_of(viewer: Viewer) -> tuple[ReadingPurpose, ...]:
    """Return the purposes for which this viewer may read people.

    Law enforcement is for officers; a party corrects what it sent, and answers the person (GDPR 15).
    """
    if viewer.is_officer:
        return tuple(one for one in ReadingPurpose if one is not ReadingPurpose.CORRECTION)
    return tuple(one for one in ReadingPurpose if one in _OF_PARTIES)


def require_purpose(viewer: Viewer, purpose: str) -> None:
    """Raise SeraiError `vault-purpose-missing` unless the viewer may read people for this purpose."""
    allowed = purposes_of(viewer)
    if purpose not in allowed:
        raise SeraiError(
            "vault-purpose-missing",
            "Names are read for a purpose of the list only.",
            f"Yours are: {', '.join(allowed)}.",
        )

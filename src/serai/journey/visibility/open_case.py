"""A case that was opened for a viewer, and the one answer where it is not for them."""

from dataclasses import dataclass

from serai.journey.visibility.table import Viewer, may_see
from serai.model.errors import SeraiError


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case a viewer may see. own_kinds: kinds of document the viewer's party has in it. family: it and
    the cases merged into it.
    """

    case_id: int
    family: tuple[int, ...]
    viewer: Viewer
    own_kinds: frozenset[str]

    @property
    def is_declared_by_viewer(self) -> bool:
        """Say whether the viewer's party filed the declaration: of its own decision it sees
        everything but officers' rules.
        """
        return "declaration" in self.own_kinds

    def may_see(self, kind: str, field: str) -> bool:
        """Say whether the viewer sees a field of the case or its decision."""
        return may_see(self.viewer, kind, field, is_sender=self.is_declared_by_viewer)


def not_found() -> SeraiError:
    """Return the one answer to what is not there and to what is not for the asker."""
    return SeraiError(
        "not-found",
        "There is no such case, or it is not yours to see.",
        "Compare the number with the one you were given; a case is seen by the parties that have a"
        " document in it.",
    )

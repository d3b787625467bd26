"""The signs that part an interchange, as UNA states them or as they are by default."""

import msgspec

from serai.model.findings import Finding

SERVICE_ADVICE = "UNA"
_CHARACTERS = 9


class Separators(msgspec.Struct, frozen=True):
    """One sign each. release: a blank where none is used. decimal_mark: point or comma."""

    component: str = ":"
    element: str = "+"
    decimal_mark: str = "."
    release: str = "?"
    reserved: str = " "
    terminator: str = "'"

    @property
    def has_release(self) -> bool:
        """Say whether a sign takes away the meaning of the next."""
        return self.release != " "


def read_separators(text: str) -> tuple[Separators, str, list[Finding]]:
    """Read UNA at the head of an interchange. Returns the signs, the text behind UNA, and what is wrong."""
    if not text.startswith(SERVICE_ADVICE):
        return Separators(), text, []
    stated = text[len(SERVICE_ADVICE) : _CHARACTERS]
    parting = [stated[place] for place in (0, 1, 3, 5) if place < len(stated)]
    if len(parting) < 4 or not _can_part(parting) or stated[2] not in ".,":
        return Separators(), "", [Finding("edifact-separators", "/UNA")]
    return Separators(*stated), text[_CHARACTERS:], []


def _can_part(signs: list[str]) -> bool:
    """Say whether signs are different ones that no word or number holds; only release may be a blank."""
    unfit = any(one.isalnum() or not one.isprintable() or ord(one) > 126 for one in signs)
    return not unfit and len(set(signs)) == len(signs) and all(signs[place] != " " for place in (0, 1, 3))

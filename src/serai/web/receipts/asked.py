"""What somebody gives on the page to be checked: a receipt, and what opens it; pasted or as files."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from serai.evidence.leaf import Opening, Openings
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problems import InputFaultyError
from serai.web.log_api import read_check_request

OPENINGS_COUNT_MAX: Final = 64
NOTHING_GIVEN: Final = translatable("Paste a receipt, or choose its file.")
NOT_READABLE: Final = translatable("This names a receipt, but not in the form in which Serai gives it out.")
OPENS_NOTHING: Final = translatable(
    "This opens nothing. Give the file as it was fetched: it holds the document and its salt."
)


class Asked(NamedTuple):
    """What is to be checked. text, openings_text: as they go back into the form. faults: sentences in
    English by field; while there are any, nothing is checked."""

    receipt: bytes = b""
    openings: tuple[Opening, ...] = ()
    text: str = ""
    openings_text: str = ""
    faults: Mapping[str, str] = {}


async def read_asked(form: Mapping[str, Any]) -> Asked:
    """Read the form. What is pasted counts before a file."""
    text, openings_text = _pasted(form, "receipt"), _pasted(form, "openings")
    # Blanks around what is pasted come from copying; a file is taken byte for byte.
    content = text.strip().encode("utf-8", "replace") or await _read_file(form.get("file"))
    given = openings_text.strip().encode("utf-8", "replace") or await _read_file(form.get("openings_file"))
    if not content.strip():
        return Asked(text=text, openings_text=openings_text, faults={"receipt": NOTHING_GIVEN})
    try:
        together = read_check_request(content)
    except InputFaultyError:
        return Asked(text=text, openings_text=openings_text, faults={"receipt": NOT_READABLE})
    receipt = content if together is None else together.receipt.encode("utf-8", "replace")
    openings = [] if together is None else together.openings
    try:
        further = _read_openings(given) if given.strip() else []
    except ValueError:
        return Asked(text=text, openings_text=openings_text, faults={"openings": OPENS_NOTHING})
    return Asked(receipt, (*openings, *further), text, openings_text)


def _read_openings(content: bytes) -> list[Opening]:
    """Raises ValueError where nothing is opened by it, or too much."""
    try:
        found = msgspec.json.decode(content, type=Openings).openings
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise ValueError from fault
    if not 0 < len(found) <= OPENINGS_COUNT_MAX:
        raise ValueError
    return found


def _pasted(form: Mapping[str, Any], field: str) -> str:
    value = form.get(field)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


async def _read_file(given: Any) -> bytes:
    if given is None or isinstance(given, str):
        return b""
    try:
        return bytes(await given.read())
    finally:
        await given.close()

"""CONTRL, the answer of UN/EDIFACT itself: an interchange and each of its messages is taken or rejected, and
which segment, which element is why. Segments and elements are counted as in the places of findings."""

import datetime as dt
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from serai.formats.edifact.interchange import Interchange, Message
from serai.formats.edifact.segment import Segment
from serai.formats.edifact.write import segment, write_interchange
from serai.model.findings import Finding

IDENTIFIER = ("CONTRL", "D", "3", "UN")
REJECTED, TAKEN = "4", "7"
"""Code list 0083. Taken: what stands below is taken, too, where it is not rejected by name."""

_UNSPECIFIED = "18"
_PLACE = re.compile(r"/(\d+)/(\d+)(?:/([A-Z0-9]{3}))?(?:/(\d+))?(?:/(\d+))?", re.ASCII)
_SERVICE_PLACE = re.compile(r"/(U[A-Z]{2})(?:/(\d+))?(?:/(\d+))?", re.ASCII)
_SERVICE_SEGMENTS = frozenset({"UNH", "UNT"})


class _Errors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    errors: dict[str, str]


class _Reason(NamedTuple):
    """A fault at a place. error: of code list 0085. element, component: empty for a whole segment."""

    error: str
    position: int
    tag: str
    element: str
    component: str


@cache
def _errors() -> dict[str, str]:
    content = (files("serai.formats.edifact") / "contrl.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=_Errors).errors


def write_contrl(
    interchange: Interchange, faults: Sequence[Finding], *, is_rejected: bool, at: dt.datetime
) -> bytes:
    """Answer an interchange. faults: why something of it was not taken. is_rejected: nothing of it was.

    Messages without a fault are named where the interchange was taken: one that was rejected has none that
    stand.
    """
    by_message: dict[int, list[_Reason]] = {}
    for one in faults:
        place = _PLACE.match(one.pointer)
        number = int(place[1]) if place is not None and len(place[1]) < 9 else 0
        by_message.setdefault(number, []).append(_reason(one))
    told = [_interchange(interchange, by_message.get(0, []), is_rejected=is_rejected)]
    for message in interchange.messages:
        reasons = by_message.get(message.number, [])
        if reasons or not is_rejected:
            told += _message(message, reasons, is_rejected=is_rejected)
    return write_interchange(_header(interchange, at), [(IDENTIFIER, told)])


def _header(interchange: Interchange, at: dt.datetime) -> Segment:
    """Return UNB of the answer: sender and recipient change places, the reference stays."""
    header = interchange.header
    return segment(
        "UNB",
        [header.text(2) or "UNOA", "3"],
        _components(header, 4),
        _components(header, 3),
        at.strftime("%y%m%d:%H%M").split(":"),
        interchange.reference[:14],
    )


def _interchange(interchange: Interchange, reasons: Sequence[_Reason], *, is_rejected: bool) -> Segment:
    header = interchange.header
    return segment(
        "UCI",
        interchange.reference[:14],
        _components(header, 3),
        _components(header, 4),
        REJECTED if is_rejected else TAKEN,
        *_distinct(reasons),
    )


def _message(message: Message, reasons: Sequence[_Reason], *, is_rejected: bool) -> list[Segment]:
    own = [one for one in reasons if not one.position or one.tag in _SERVICE_SEGMENTS]
    told = [
        segment(
            "UCM",
            message.reference[:14],
            _components(message.header, 3),
            REJECTED if is_rejected else TAKEN,
            *_distinct(own),
        )
    ]
    position = 0
    for one in sorted((one for one in reasons if one not in own), key=lambda reason: reason.position):
        if one.position != position:
            position = one.position
            whole = () if one.element else (one.error,)
            told.append(segment("UCS", str(position), *whole))
        if one.element:
            told.append(segment("UCD", one.error, [one.element, one.component]))
    return told


def _distinct(reasons: Sequence[_Reason]) -> tuple[str | list[str], ...]:
    """Return what UCI and UCM say of an error: there is room for one."""
    if not reasons:
        return ()
    first = reasons[0]
    return (first.error, first.tag, [first.element, first.component])


def _reason(fault: Finding) -> _Reason:
    error = _errors().get(fault.code, _UNSPECIFIED)
    place = _PLACE.fullmatch(fault.pointer)
    if place is not None and len(place[2]) < 9:
        return _Reason(error, int(place[2]), place[3] or "", place[4] or "", place[5] or "")
    service = _SERVICE_PLACE.fullmatch(fault.pointer)
    if service is not None:
        return _Reason(error, 0, service[1], service[2] or "", service[3] or "")
    return _Reason(error, 0, "", "", "")


def _components(one: Segment, element: int) -> list[str]:
    return list(one.elements[element - 2]) if element - 2 < len(one.elements) else [""]

"""One interchange: its bytes read safely, its envelope checked, its messages apart.

Places are `/UNB` and the like for the envelope, `/2/7/NAD/3/1` inside: message, segment (UNH is 1), tag,
element (the tag is 1), component.
"""

from functools import cache
from importlib.resources import files

import msgspec

from serai.formats.edifact.segment import Segment, cut_segments, read_segment
from serai.formats.edifact.separators import Separators, read_separators
from serai.formats.found import Found
from serai.formats.packed import find_packed
from serai.model.findings import Finding

INTERCHANGE_BYTES_MAX = 8 * 1024 * 1024
"""A manifest of 9,999 consignments of five segments each is below 8 MB."""

SEGMENTS_MAX = 200_000
SEGMENT_CHARACTERS_MAX = 10_000
"""The longest segment read here, NAD, holds less than 500."""

_BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_UTF_8_MARK = b"\xef\xbb\xbf"
_NUMBER_CHARACTERS_MAX = 18
_HEAD_CHARACTERS = 60


class Message(msgspec.Struct, frozen=True):
    """One message. number: its place in the interchange. segments: between UNH and UNT.

    function: message type (UNH 0065), version and release as stated, such as D and 95B.
    """

    number: int
    header: Segment
    segments: list[Segment]

    @property
    def reference(self) -> str:
        """Return the sender's number of the message."""
        return self.header.text(2) or ""

    @property
    def kind(self) -> str:
        """Return the type of message, such as CUSCAR."""
        return self.header.text(3) or ""


class Interchange(msgspec.Struct, frozen=True):
    """One interchange as sent. header: UNB."""

    signs: Separators
    header: Segment
    messages: list[Message]

    @property
    def reference(self) -> str:
        """Return the sender's number of the interchange."""
        return self.header.text(6) or ""


def read_interchange(content: bytes) -> tuple[Interchange | None, list[Finding]]:
    """Read one interchange. Returns it, or None where nothing can be made of it, and all that is wrong with
    its envelope. Never raises on any bytes."""
    faults = _find_unsafe(content)
    if faults:
        return None, faults
    found = Found()
    if content.startswith(_UTF_8_MARK):
        found.add(Finding("edifact-byte-order-mark", "", "advice"))
        content = content.removeprefix(_UTF_8_MARK)
    text, faults = _decode(content)
    signs, text, misparted = read_separators(text.lstrip())
    faults = [*faults, *misparted]
    if faults:
        return None, faults
    if text.count(signs.terminator) > SEGMENTS_MAX:
        return None, [Finding("edifact-too-many-segments", "", parameters={"count_max": str(SEGMENTS_MAX)})]
    pieces, rest = cut_segments(text, signs)
    if rest:
        found.add(Finding("edifact-cut-off", f"/{len(pieces) + 1}", parameters={"count": str(len(pieces))}))
    reader = _Envelope(signs, found)
    for piece in pieces:
        reader.take(piece)
    interchange = reader.finish()
    return interchange, found.findings()


# ---- bytes ----


@cache
def codecs() -> dict[str, str | None]:
    """Return codecs by the name of the repertoire; None: one that is not read."""
    content = (files("serai.formats.edifact") / "repertoires.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=_Repertoires).codecs


class _Repertoires(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    codecs: dict[str, str | None]


def _find_unsafe(content: bytes) -> list[Finding]:
    if len(content) > INTERCHANGE_BYTES_MAX:
        return [Finding("message-too-large", "", parameters={"bytes_max": str(INTERCHANGE_BYTES_MAX)})]
    if not content.removeprefix(_UTF_8_MARK).strip():
        return [Finding("empty-message", "")]
    packed = find_packed(content)
    if packed is not None:
        return [packed]
    if content[:2] in _BYTE_ORDER_MARKS or b"\x00" in content:
        byte = str(content.find(b"\x00") + 1 or 1)
        return [Finding("edifact-not-in-repertoire", "", parameters={"byte": byte, "repertoire": "UTF-16"})]
    return []


def _decode(content: bytes) -> tuple[str, list[Finding]]:
    """Decode by the repertoire that UNB names, which itself is ASCII."""
    head = content[:_HEAD_CHARACTERS].decode("ascii", "replace").lstrip()
    signs, behind, faults = read_separators(head)
    if faults:
        return "", faults
    behind = behind.lstrip()
    if not behind.startswith("UNB" + signs.element):
        return "", [Finding("edifact-no-interchange", "", parameters={"begin": _shown(behind[:3])})]
    repertoire = behind[4:8]
    codec = codecs().get(repertoire)
    if codec is None:
        known = ", ".join(name for name, one in codecs().items() if one)
        parameters = {"value": _shown(repertoire), "known": known}
        return "", [Finding("edifact-repertoire-unknown", "/UNB/2/1", parameters=parameters)]
    try:
        return content.decode(codec), []
    except UnicodeDecodeError as fault:
        parameters = {"byte": str(fault.start + 1), "repertoire": repertoire}
        return "", [Finding("edifact-not-in-repertoire", "", parameters=parameters)]


def _shown(text: str) -> str:
    """Return what may be shown of bytes that are no interchange."""
    return "".join(sign if sign.isalnum() and sign.isascii() else "." for sign in text)


# ---- envelope ----


class _Envelope:
    """Takes segments in order and tells service segments from those of messages."""

    def __init__(self, signs: Separators, found: Found) -> None:
        self._signs = signs
        self._found = found
        self._header: Segment | None = None
        self._messages: list[Message] = []
        self._group: Segment | None = None
        self._group_count = 0
        self._group_messages = 0
        self._open: Segment | None = None
        self._segments: list[Segment] = []
        self._has_ended = False

    def take(self, piece: str) -> None:
        number = len(self._segments) + 2
        inside = f"/{len(self._messages) + 1}/{number}" if self._open is not None else ""
        if len(piece) > SEGMENT_CHARACTERS_MAX:
            characters_max = str(SEGMENT_CHARACTERS_MAX)
            self._found.add(Finding("too-long", inside, parameters={"characters_max": characters_max}))
            piece = piece[:3]
        segment = read_segment(piece, inside, self._signs)
        if not (len(segment.tag) == 3 and segment.tag.isascii() and segment.tag.isalnum()):
            self._found.add(Finding("edifact-no-tag", inside or f"/{number}"))
            if self._open is not None:
                self._segments.append(msgspec.structs.replace(segment, tag="", place=inside))
        elif self._has_ended:
            self._found.add(Finding("edifact-after-end", f"/{segment.tag}"))
        elif (act := _ACTS.get(segment.tag)) is not None:
            act(self, segment)
        elif self._open is None:
            self._found.add(Finding("edifact-outside-message", segment.place, parameters=_named(segment)))
        else:
            self._segments.append(segment)

    def finish(self) -> Interchange | None:
        if self._open is not None:
            self._miss("UNT")
            self._close_message()
        if self._group is not None:
            self._miss("UNE")
        if not self._has_ended:
            self._miss("UNZ")
        if self._header is None:
            return None
        return Interchange(self._signs, self._header, self._messages)

    def _miss(self, tag: str) -> None:
        self._found.add(Finding("edifact-service-segment-missing", f"/{tag}", parameters={"segment": tag}))

    def _ask(self, segment: Segment, elements: tuple[int, ...]) -> None:
        for element in elements:
            if segment.text(element) is None:
                place = f"{segment.place}/{element}/1"
                field = f"{segment.tag}, element {element}"
                self._found.add(Finding("missing-field", place, parameters={"field": field}))

    def _begin(self, segment: Segment) -> None:
        if self._header is not None:
            self._found.add(Finding("edifact-outside-message", segment.place, parameters=_named(segment)))
            return
        self._header = segment
        self._ask(segment, (2, 3, 4, 5, 6))

    def _begin_group(self, segment: Segment) -> None:
        if self._open is not None or self._group is not None:
            self._miss("UNE" if self._open is None else "UNT")
            self._close_message()
        self._group, self._group_messages = segment, 0
        self._group_count += 1

    def _end_group(self, segment: Segment) -> None:
        if self._open is not None:
            self._miss("UNT")
            self._close_message()
        if self._group is None:
            self._miss("UNG")
            return
        self._compare_count(segment, self._group_messages)
        self._compare_reference(segment, self._group.text(6))
        self._group = None

    def _begin_message(self, segment: Segment) -> None:
        if self._open is not None:
            self._miss("UNT")
            self._close_message()
        number = len(self._messages) + 1
        self._open = msgspec.structs.replace(segment, place=f"/{number}/1/UNH")
        self._ask(self._open, (2, 3))

    def _end_message(self, segment: Segment) -> None:
        if self._open is None:
            self._miss("UNH")
            return
        self._compare_count(segment, len(self._segments) + 2)
        self._compare_reference(segment, self._open.text(2))
        self._close_message()

    def _close_message(self) -> None:
        if self._open is not None:
            self._messages.append(Message(len(self._messages) + 1, self._open, self._segments))
            self._group_messages += 1
        self._open, self._segments = None, []

    def _end(self, segment: Segment) -> None:
        if self._open is not None:
            self._miss("UNT")
            self._close_message()
        if self._group is not None:
            self._miss("UNE")
            self._group = None
        self._compare_count(segment, self._group_count or len(self._messages))
        self._compare_reference(segment, self._header.text(6) if self._header is not None else None)
        self._has_ended = True

    def _compare_count(self, trailer: Segment, count: int) -> None:
        stated = trailer.text(2) or ""
        is_number = stated.isascii() and stated.isdigit() and len(stated) <= _NUMBER_CHARACTERS_MAX
        if not is_number or int(stated) != count:
            parameters = {"segment": trailer.tag, "stated": stated[:20] or "nothing", "count": str(count)}
            self._found.add(Finding("edifact-count", f"{trailer.place}/2/1", parameters=parameters))

    def _compare_reference(self, trailer: Segment, reference: str | None) -> None:
        if (trailer.text(3) or "") != (reference or ""):
            parameters = {"segment": trailer.tag, "header": _HEADERS[trailer.tag]}
            self._found.add(Finding("edifact-reference", f"{trailer.place}/3/1", parameters=parameters))


_HEADERS = {"UNT": "UNH", "UNE": "UNG", "UNZ": "UNB"}
_ACTS = {
    "UNB": _Envelope._begin,
    "UNG": _Envelope._begin_group,
    "UNH": _Envelope._begin_message,
    "UNT": _Envelope._end_message,
    "UNE": _Envelope._end_group,
    "UNZ": _Envelope._end,
}


def _named(segment: Segment) -> dict[str, str]:
    return {"segment": segment.tag}

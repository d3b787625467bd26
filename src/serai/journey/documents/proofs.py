"""Files that people upload, buyers as proofs, declarants as answers: a picture or a PDF by its content,
whatever its name says; nothing that runs.

A picture ends where its format says so: what hangs behind it (a script, an archive) is no picture. Nothing is
decoded; the size of a picture is read from its head.
"""

import base64
import zlib
from collections.abc import Callable
from hashlib import sha256
from struct import Struct, error
from typing import Final, Literal

import msgspec

from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

CONTENT_BYTES_MAX: Final = 5 * 2**20
BODY_BYTES_MAX: Final = 7_500_000
"""Of a request that holds it in base64, which writes three bytes as four letters."""
PIXELS_MAX: Final = 50_000_000

MediaType = Literal["application/pdf", "image/jpeg", "image/png"]

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_CHUNK: Final = Struct(">I4s")
_SIDES: Final = Struct(">II")
_SEGMENT: Final = Struct(">H")
_FRAME_SIDES: Final = Struct(">HH")
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG's frame, whose head holds its sides."""
_RUNS: Final = (
    b"/JavaScript",
    b"/JS",
    b"/Launch",
    b"/EmbeddedFile",
    b"/OpenAction",
    b"/AA",
    b"/RichMedia",
    b"/XFA",
)
"""Names in a PDF of what opens or runs something."""


class Proof(msgspec.Struct, frozen=True):
    """A proof whose content was looked at."""

    media_type: MediaType
    content: bytes


class _Kept(msgspec.Struct, frozen=True):
    """How a proof is kept among the words of its act."""

    media_type: MediaType
    sha256: str
    content: bytes


def read_proof(content: bytes) -> Proof:
    """Look at what was uploaded. Raises SeraiError `proof-too-large`, `proof-unfit`."""
    if len(content) > CONTENT_BYTES_MAX:
        raise SeraiError(
            "proof-too-large",
            MessageText("A proof has at most {mib_max} megabytes.", mib_max=CONTENT_BYTES_MAX // 2**20),
            "Send a smaller picture, or the page that matters.",
        )
    for media_type, is_one in _READERS.items():
        if is_one(content):
            return Proof(media_type, content)
    raise SeraiError(
        "proof-unfit",
        "This is neither a picture (JPEG, PNG) nor a plain PDF, or something hangs behind it.",
        "Take a picture of the proof, or print it into a PDF, and send that.",
    )


def words_of_proof(proof: Proof) -> str:
    """Return a proof as the words of its act: sealed, erased and committed to as these are."""
    kept = _Kept(proof.media_type, sha256(proof.content).hexdigest(), proof.content)
    return msgspec.json.encode(kept).decode()


def proof_in_words(words: str) -> Proof:
    """Return the proof in an act's words."""
    kept = msgspec.json.decode(words, type=_Kept)
    return Proof(kept.media_type, kept.content)


def decode_base64(text: str) -> bytes:
    """Return the bytes of a proof sent as text. Raises SeraiError `proof-unfit`."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as fault:
        raise SeraiError("proof-unfit", "This is no base64.", "Encode the file's bytes in base64.") from fault


def _is_png(content: bytes) -> bool:
    if not content.startswith(_PNG):
        return False
    place, is_first = len(_PNG), True
    while place + _CHUNK.size <= len(content):
        size, name = _CHUNK.unpack_from(content, place)
        begin, end = place + _CHUNK.size, place + _CHUNK.size + size
        if end + 4 > len(content) or not name.isalpha():
            return False
        if zlib.crc32(content[place + 4 : end]) != int.from_bytes(content[end : end + 4]):
            return False
        if is_first and (name != b"IHDR" or size != 13 or not _fits(*_SIDES.unpack_from(content, begin))):
            return False
        place, is_first = end + 4, False
        if name == b"IEND":
            return bool(place == len(content))
    return False


def _is_jpeg(content: bytes) -> bool:
    if not content.startswith(b"\xff\xd8\xff") or not content.endswith(b"\xff\xd9"):
        return False
    place, has_frame = 2, False
    try:
        while content[place] == 0xFF:
            marker = content[place + 1]
            if marker == 0xDA:  # the picture itself, to its end
                inside = content.find(b"\xff\xd9", place)
                return has_frame and inside == len(content) - 2
            (size,) = _SEGMENT.unpack_from(content, place + 2)
            if marker in _FRAMES:
                height, width = _FRAME_SIDES.unpack_from(content, place + 5)
                has_frame = _fits(width, height)
                if not has_frame:
                    return False
            if size < 2:
                return False
            place += 2 + size
    except (IndexError, error):
        return False
    return False


def _is_pdf(content: bytes) -> bool:
    return (
        content.startswith(b"%PDF-")
        and content.rstrip(b"\r\n\x00 ").endswith(b"%%EOF")
        and not any(name in content for name in _RUNS)
    )


def _fits(width: int, height: int) -> bool:
    return bool(0 < width * height <= PIXELS_MAX)


_READERS: Final[dict[MediaType, Callable[[bytes], bool]]] = {
    "image/png": _is_png,
    "image/jpeg": _is_jpeg,
    "application/pdf": _is_pdf,
}

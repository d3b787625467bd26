"""What a node publishes of its law: packs and worked examples by hash, in a note that its log's key signs.

The note's text begins with a line that no checkpoint has, so that neither can stand for the other:

    serai-law-publication/1
    2026-11-29T18:00:00+00:00
    EU-2026/pack.yaml 31415 <SHA-256>
"""

import datetime as dt
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import msgspec

from serai.evidence.errors import EvidenceError
from serai.evidence.notes import Signer, read_note, sign_note, verify_note
from serai.foundation.shipped import FILE_BYTES_MAX, FILES_COUNT_MAX, FOLDER_BYTES_MAX
from serai.model.errors import SeraiError

NOTE_FILE: Final = "law-publication"
NOTE_BYTES_MAX: Final = 1_000_000
_FORMAT: Final = "serai-law-publication/1"
_LINE: Final = re.compile(
    r"([A-Z]{2}[A-Z0-9-]{1,30}/(?:pack\.yaml|tariff\.csv|cases\.yaml|README\.md)) ([0-9]{1,9}) ([0-9a-f]{64})"
)
"""Only what a pack's folder has: no path leads out of it."""
PARTS: Final = ("pack.yaml", "tariff.csv", "cases.yaml", "README.md")


class PublishedFile(msgspec.Struct, frozen=True):
    """A file by its path below the folder of laws. sha256: of its bytes, hexadecimal."""

    path: str
    size_bytes: int
    sha256: str

    @property
    def code(self) -> str:
        """The pack it belongs to."""
        return self.path.partition("/")[0]

    def check(self, content: bytes) -> None:
        """Refuse other bytes. Raises SeraiError `law-file-differs`."""
        if len(content) != self.size_bytes or sha256(content).hexdigest() != self.sha256:
            raise SeraiError(
                "law-file-differs",
                f"{self.path} is not the file that was signed.",
                "Nothing was loaded. Fetch again later, and tell the publisher if it stays so.",
            )


class Publication(msgspec.Struct, frozen=True):
    """A publication whose signature holds."""

    origin: str
    published_at: dt.datetime
    files: tuple[PublishedFile, ...]


def write_publication(files: Mapping[str, bytes], at: dt.datetime, origin: str, signer: Signer) -> str:
    """Return the signed note of files by path. origin: the name of the log's key."""
    lines = [
        f"{path} {len(content)} {sha256(content).hexdigest()}" for path, content in sorted(files.items())
    ]
    text = "\n".join([_FORMAT, at.astimezone(dt.UTC).isoformat(timespec="seconds"), *lines, ""])
    return sign_note(text, origin, signer)


def open_publication(content: bytes, origin: str, public_key: bytes) -> Publication:
    """Read a note and verify it. Raises SeraiError `law-publication-unreadable`,
    `law-publication-not-signed`.
    """
    try:
        note = read_note(content.decode("utf-8"))
    except (EvidenceError, UnicodeDecodeError) as fault:
        raise _unreadable("it is no signed note") from fault
    if not verify_note(note, origin, public_key):
        raise SeraiError(
            "law-publication-not-signed",
            f"The publication is not signed by the key of {origin}.",
            "Nothing was loaded. Ask the publisher for the line that `serai log key` prints, by another way.",
        )
    head, at, *lines = [*note.text.splitlines(), ""]
    if head != _FORMAT:
        raise _unreadable(f"it does not begin with {_FORMAT}")
    matches = [_LINE.fullmatch(line) for line in lines if line]
    files = tuple(PublishedFile(match[1], int(match[2]), match[3]) for match in matches if match is not None)
    paths = {one.path for one in files}
    if not files or len(files) != len(matches) or len(paths) != len(files):
        raise _unreadable("a line names no file of a pack, or one twice")
    total = sum(one.size_bytes for one in files)
    if len(files) > FILES_COUNT_MAX or total > FOLDER_BYTES_MAX:
        raise _unreadable(f"it has {len(files)} files of {total} bytes, more than packs may have")
    if any(one.size_bytes > FILE_BYTES_MAX for one in files):
        raise _unreadable(f"a file is larger than {FILE_BYTES_MAX} bytes")
    try:
        published_at = dt.datetime.fromisoformat(at)
    except ValueError as fault:
        raise _unreadable("it does not say when it was published") from fault
    return Publication(origin, published_at, files)


def _unreadable(why: str) -> SeraiError:
    return SeraiError(
        "law-publication-unreadable",
        f"This is no publication of law: {why}.",
        "Name the address below which `serai law publish` wrote, as the publisher gives it.",
    )

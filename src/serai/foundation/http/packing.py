"""Answers packed for those who unpack (gzip)."""

import gzip
import re
import secrets
from io import BytesIO
from typing import Final

PACKED_BYTES_MIN: Final = 1_400
"""What fits into one packet of the network gains nothing."""
BLUR_BYTES_MAX: Final = 64
_NEVER: Final = re.compile(r"q=0(\.0*)?")


def unpacks(accepted: str) -> bool:
    """Say whether a client takes gzip. accepted: its Accept-Encoding."""
    weights = {
        name.strip(): weight
        for name, _, weight in (one.partition(";") for one in accepted.lower().split(","))
    }
    return "gzip" in weights and not _NEVER.fullmatch(weights["gzip"].strip())


def pack_page(content: bytes) -> bytes:
    """Return a page packed, its length blurred: as many letters as chance has it stand in the head, where a
    file's name may stand, so that lengths of answers to guesses do not tell which was right."""
    packed = BytesIO()
    name = "".join(secrets.choice("abcdefgh") for _ in range(1 + secrets.randbelow(BLUR_BYTES_MAX)))
    with gzip.GzipFile(filename=name, mode="wb", fileobj=packed, compresslevel=6, mtime=0) as file:
        file.write(content)
    return packed.getvalue()

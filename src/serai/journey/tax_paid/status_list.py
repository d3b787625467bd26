"""Status lists: for each token one, two, four or eight bits, packed and compressed.

As the Internet-Draft Token Status List (draft-ietf-oauth-status-list, section 4): the first token's bits are
the lowest of the first byte; compressed as ZLIB (RFC 1950), in base64url without padding.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Any, Final, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

Bits = Literal[1, 2, 4, 8]
VALID: Final = 0
REVOKED: Final = 1
"""INVALID in the draft: for ever."""
SUSPENDED: Final = 2
"""For now: whoever suspended it may take that back."""
USED: Final = 3
"""One of the draft's values for applications; here: goods were released against it."""
PACKED_BYTES_MAX: Final = 1 << 24
"""16 MiB: 67 million tokens of two bits. What unpacks to more is refused, however short it came."""
_BYTE_BITS: Final = 8


class StatusList(msgspec.Struct, frozen=True):
    """Statuses of tokens by index. packed: their bits, lowest first."""

    bits: Bits
    packed: bytes

    def __len__(self) -> int:
        """Return how many statuses it holds, those that fill the last byte included."""
        return len(self.packed) * _BYTE_BITS // self.bits

    def status(self, index: int) -> int | None:
        """Return the status at an index; None: the list does not reach so far."""
        if not 0 <= index < len(self):
            return None
        byte, within = divmod(index * self.bits, _BYTE_BITS)
        return self.packed[byte] >> within & (1 << self.bits) - 1


def pack_statuses(statuses: npt.NDArray[np.uint8], bits: Bits) -> StatusList:
    """Make a list of statuses by index. Raises ValueError: a status needs more bits."""
    if len(statuses) and int(statuses.max()) >= 1 << bits:
        raise ValueError(f"a status does not fit into {bits} bits")
    each = _BYTE_BITS // bits
    padded = np.zeros(-(-len(statuses) // each) * each, dtype=np.uint8)
    padded[: len(statuses)] = statuses
    shifts = np.arange(each, dtype=np.uint8) * np.uint8(bits)
    packed: Any = np.bitwise_or.reduce(padded.reshape(-1, each) << shifts, axis=1)
    return StatusList(bits, packed.astype(np.uint8).tobytes())


def encode_list(one: StatusList) -> str:
    """Write a list as its `lst` member."""
    return urlsafe_b64encode(zlib.compress(one.packed, 9)).rstrip(b"=").decode()


def decode_list(bits: int, text: str) -> StatusList:
    """Read a list from its members `bits` and `lst`. Raises SeraiError `status-list-unreadable`."""
    if bits not in {1, 2, 4, 8}:
        raise _unreadable("The status list cannot be read: its entries are of 1, 2, 4 or 8 bits.")
    try:
        compressed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacking = zlib.decompressobj()
        packed = unpacking.decompress(compressed, PACKED_BYTES_MAX + 1)
    except (Base64Error, ValueError, zlib.error) as fault:
        raise _unreadable(
            "The status list cannot be read: it is not compressed as the standard says."
        ) from fault
    if len(packed) > PACKED_BYTES_MAX:
        raise _unreadable(
            MessageText(
                "The status list cannot be read: it is longer than {packed_bytes_max} bytes.",
                packed_bytes_max=PACKED_BYTES_MAX,
            )
        )
    if not unpacking.eof or unpacking.unused_data:
        raise _unreadable("The status list cannot be read: it is cut off, or something follows it.")
    return StatusList(bits, packed)  # type: ignore[arg-type]


def _unreadable(why: str) -> SeraiError:
    return SeraiError(
        "status-list-unreadable",
        why,
        "Fetch it again from the address that the tokens name.",
    )

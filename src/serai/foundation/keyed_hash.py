"""SipHash-2-4 of whole columns: a keyed hash of short messages that nobody foresees who lacks the key
(Aumasson and Bernstein, SipHash: a fast short-input PRF, INDOCRYPT 2012)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

UInt64s = npt.NDArray[np.uint64]
KEY_SIZE_BYTES: Final = 16
_START: Final = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)


def sip_hash(key: bytes, words: Sequence[UInt64s], last: int) -> UInt64s:
    """Return the hash of each row. key: of KEY_SIZE_BYTES. words: columns, the message by eight bytes; last:
    the end of each message, fewer than eight bytes with the length of all in the highest byte."""
    assert len(key) == KEY_SIZE_BYTES, "a whole key"
    halves = np.frombuffer(key, dtype="<u8").astype(np.uint64)
    count = len(words[0])
    state = [np.full(count, np.uint64(one) ^ halves[place % 2]) for place, one in enumerate(_START)]
    for word in (*words, np.full(count, last, dtype=np.uint64)):
        state[3] ^= word
        _mix(state, 2)
        state[0] ^= word
    state[2] ^= np.uint64(0xFF)
    _mix(state, 4)
    hashes: UInt64s = state[0] ^ state[1] ^ state[2] ^ state[3]
    return hashes


def _mix(state: list[UInt64s], rounds_count: int) -> None:
    for _ in range(rounds_count):
        _half_round(state, 0, 1, 13, 32)
        _half_round(state, 2, 3, 16, 0)
        _half_round(state, 0, 3, 21, 0)
        _half_round(state, 2, 1, 17, 32)


def _half_round(state: list[UInt64s], one: int, other: int, turn: int, own_turn: int) -> None:
    state[one] += state[other]
    state[other] = _turned(state[other], turn) ^ state[one]
    if own_turn:
        state[one] = _turned(state[one], own_turn)


def _turned(values: UInt64s, bits: int) -> UInt64s:
    turned: UInt64s = (values << np.uint64(bits)) | (values >> np.uint64(64 - bits))
    return turned

"""What is sealed: a person's part, and a block of messages; each under a fresh key of its own.

A fresh key encrypts once, so its nonce is zero. A person's part is bound to administration, document and
person, a block to administration and its documents. A salt is sealed with its value: whoever erases the value
erases the salt of its commitment.

person's part, open: length of salt u8, salt, value: from format 2 on compressed with the dictionary of people
(`small_values.py`), since keys of fields are half of it.
block, open: size of salts u8, size of the frame u32, length of each message u32, salts, the messages joined
and compressed into one frame, zeros. An erased message has length 0.
"""

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from struct import Struct
from typing import Final

import msgspec
import numpy as np
import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from serai.foundation.vault.layout import row_changed
from serai.foundation.vault.wrapping import KEY_SIZE_BYTES, NONCE_SIZE_BYTES
from serai.model.columns import Int64s
from serai.model.small_values import SmallValues

LEVEL: Final = 1


class MessageCodec:
    """Compresses with the last of the dictionaries (or none) and reads what any of them wrote. Safe in
    threads.
    """

    def __init__(self, dictionaries: Iterable[bytes] = ()) -> None:
        self._dictionaries = list(dictionaries)
        self._own = _Tools(self._dictionaries)

    def compress(self, content: bytes) -> bytes:
        """The content made small."""
        return self._own.compressor.compress(content)

    def compress_harder(self, content: bytes, level: int) -> bytes:
        """The content made smaller, slowly."""
        dictionary = zstandard.ZstdCompressionDict(self._dictionaries[-1]) if self._dictionaries else None
        return zstandard.ZstdCompressor(level=level, dict_data=dictionary).compress(content)

    def decompress(self, data: bytes) -> bytes:
        """The content again."""
        dictionary_id = zstandard.get_frame_parameters(data).dict_id
        return self._own.decompressors[dictionary_id].decompress(data)


class _Tools(threading.local):
    """What one thread compresses with: zstd's own objects serve one thread at a time."""

    def __init__(self, dictionaries: Sequence[bytes]) -> None:
        loaded = [zstandard.ZstdCompressionDict(content) for content in dictionaries]
        current = loaded[-1] if loaded else None
        if current is not None:
            current.precompute_compress(level=LEVEL)
        self.compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=current)
        self.decompressors = {one.dict_id(): zstandard.ZstdDecompressor(dict_data=one) for one in loaded}
        self.decompressors[0] = zstandard.ZstdDecompressor()


ZERO_NONCE: Final = bytes(NONCE_SIZE_BYTES)
PERSON_BINDING: Final = Struct(">shqq")
PEOPLE: Final = SmallValues("people-1")
_BLOCK_BINDING = Struct(">sh")
_BLOCK_HEAD = Struct(">BI")
_TAG_SIZE_BYTES = 16
# What is left must fit where it was: zstd may find less to share without the message that went.
_LEVELS_HARDER = (3, 9, 19)


class Opened(msgspec.Struct, frozen=True):
    """A value and the salt that was sealed with it."""

    salt: bytes
    value: bytes

    def __repr__(self) -> str:
        return "Opened(...)"


def open_person(
    key: bytes,
    sealed: bytes,
    *,
    format_number: int,
    administration_id: int,
    document_id: int,
    person_id: int,
) -> Opened:
    """Open a person's part of a row. Raises VaultError `vault-row-changed`."""
    plain = _decrypt(key, sealed, PERSON_BINDING.pack(b"p", administration_id, document_id, person_id))
    end = 1 + plain[0]
    value = plain[end:]
    return Opened(plain[1:end], value if format_number == 1 else PEOPLE.decompress(value))


def seal_block(key: bytes, plain: bytes, *, administration_id: int, document_ids: Int64s) -> bytes:
    """Seal a block (`write_block`)."""
    return AESGCM(key).encrypt(ZERO_NONCE, plain, _bind_block(administration_id, document_ids))


def write_block(messages: Sequence[bytes], salts: Sequence[bytes] | None, codec: MessageCodec) -> bytes:
    """Return the open bytes of a block. salts: of equal size."""
    return _join(messages, salts, codec.compress(b"".join(messages)))


def open_block(
    key: bytes, sealed: bytes, codec: MessageCodec, *, administration_id: int, document_ids: Int64s
) -> list[Opened | None]:
    """Open a block: a message for each document, None where it was erased. Raises VaultError
    `vault-row-changed`.
    """
    plain = _decrypt(key, sealed, _bind_block(administration_id, document_ids))
    count = len(document_ids)
    salt_size, frame_size = _BLOCK_HEAD.unpack_from(plain)
    place = _BLOCK_HEAD.size
    lengths = np.frombuffer(plain, dtype=">u4", count=count, offset=place).tolist()
    place += 4 * count
    begin = place + salt_size * count
    joined = codec.decompress(plain[begin : begin + frame_size])
    found: list[Opened | None] = []
    end = 0
    for number, length in enumerate(lengths):
        salt = plain[place + number * salt_size : place + (number + 1) * salt_size]
        found.append(Opened(salt, joined[end : end + length]) if length else None)
        end += length
    return found


def rewrite_block(
    key: bytes,
    sealed: bytes,
    codec: MessageCodec,
    *,
    administration_id: int,
    document_ids: Int64s,
    left: Mapping[int, bytes],
) -> tuple[bytes, bytes]:
    """Return a block of the same size, and the fresh key it is sealed under. left: by document, what takes
    the place of its message; b"": nothing. Their salts are gone: no commitment confirms what they were.

    Where what is left needs more room than there was, nothing of those messages is left.
    """
    opened = open_block(key, sealed, codec, administration_id=administration_id, document_ids=document_ids)
    salt_size = max((len(one.salt) for one in opened if one is not None), default=0)
    ids = document_ids.tolist()
    salts = [
        bytes(salt_size) if one is None or other in left else one.salt
        for other, one in zip(ids, opened, strict=True)
    ]
    messages = [
        left.get(other, b"" if one is None else one.value) for other, one in zip(ids, opened, strict=True)
    ]
    bare = [b"" if other in left else one for other, one in zip(ids, messages, strict=True)]
    size = len(sealed) - _TAG_SIZE_BYTES
    for tried in (messages, bare):
        plain = _fit(tried, salts, codec, size)
        if plain is not None:
            fresh = os.urandom(KEY_SIZE_BYTES)
            return (
                seal_block(fresh, plain, administration_id=administration_id, document_ids=document_ids),
                fresh,
            )
    raise AssertionError("fewer messages need no more room")


def _fit(messages: Sequence[bytes], salts: Sequence[bytes], codec: MessageCodec, size: int) -> bytes | None:
    """Return the open bytes of a block in so much room; None: it is too little."""
    for level in _LEVELS_HARDER:
        plain = _join(messages, salts, codec.compress_harder(b"".join(messages), level))
        if len(plain) <= size:
            return plain + bytes(size - len(plain))
    return None


def _join(messages: Sequence[bytes], salts: Sequence[bytes] | None, frame: bytes) -> bytes:
    lengths = np.array([len(one) for one in messages], dtype=">u4").tobytes()
    salt_size = len(salts[0]) if salts else 0
    return b"".join((_BLOCK_HEAD.pack(salt_size, len(frame)), lengths, *(salts or ()), frame))


def _decrypt(key: bytes, sealed: bytes, binding: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(ZERO_NONCE, sealed, binding)
    except InvalidTag as fault:
        raise row_changed() from fault


def _bind_block(administration_id: int, document_ids: Int64s) -> bytes:
    return _BLOCK_BINDING.pack(b"m", administration_id) + document_ids.astype(">i8").tobytes()

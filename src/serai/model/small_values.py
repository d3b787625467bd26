"""Small values made smaller, each alone: zstd with a dictionary that ships with the program, since a value
of a few hundred bytes repeats nothing of its own.

A dictionary in `dictionaries/` never changes once values were written with it: a better one is another file,
and another format number of what it serves. `tools/zstd_dictionaries.py` makes them, of invented data.
"""

import threading
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import zstandard

_LEVEL: Final = 1
_MAGIC: Final = zstandard.FRAME_HEADER
"""Every frame begins so; left out where all values are frames."""


class SmallValues(threading.local):
    """Compresses and reads values with one of the shipped dictionaries. Safe in threads: zstd's own objects
    serve one at a time, so each thread has its own."""

    def __init__(self, dictionary: str) -> None:
        shipped = _read_dictionary(dictionary)
        compressor = zstandard.ZstdCompressor(
            level=_LEVEL, dict_data=shipped, write_dict_id=False, write_content_size=True
        )
        self._compress, self._compress_all = compressor.compress, compressor.multi_compress_to_buffer
        self._decompress = zstandard.ZstdDecompressor(dict_data=shipped).decompress

    def compress(self, value: bytes) -> bytes:
        """Return a value made small."""
        return self._compress(value)[len(_MAGIC) :]

    def compress_all(self, values: Sequence[bytes]) -> list[bytes]:
        """Return many values made small, each as `compress` makes it, in one call."""
        if not values:
            return []
        made = self._compress_all([*values])
        begin = len(_MAGIC)
        return [made[place].tobytes()[begin:] for place in range(len(made))]

    def decompress(self, small: bytes) -> bytes:
        """Return the value again. Raises zstandard.ZstdError for what `compress` did not write."""
        return self._decompress(_MAGIC + small)


@cache
def _read_dictionary(name: str) -> zstandard.ZstdCompressionDict:
    content = (files("serai.model") / "dictionaries" / f"{name}.zdict").read_bytes()
    dictionary = zstandard.ZstdCompressionDict(content)
    dictionary.precompute_compress(level=_LEVEL)
    return dictionary

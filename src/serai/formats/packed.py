"""Bytes that came packed: told by how they begin."""

from typing import Final

from serai.model.findings import Finding

_MARKS: Final = {b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}


def packing_of(content: bytes) -> str | None:
    """Return how content is packed (`zip`, `gzip`, `bzip2`, `xz`); None: it is not. Its start is enough."""
    return next((kind for mark, kind in _MARKS.items() if content.startswith(mark)), None)


def find_packed(content: bytes) -> Finding | None:
    """Say that a message came packed; None: it did not."""
    kind = packing_of(content)
    return None if kind is None else Finding("packed-message", "", parameters={"kind": kind})

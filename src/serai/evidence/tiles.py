"""The log cut into tiles of 256 hashes: addresses, growth, and the hash of any range (C2SP tlog-tiles).

A tile `(level, index)` holds up to 256 hashes of 32 bytes; an entry of level L is the root of 256^L leaves.
Only the last tile of a level is partial, and it only ever grows: a shorter partial tile is a prefix of the
longer one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from serai.evidence.errors import EvidenceError
from serai.evidence.hashing import EMPTY_ROOT, HASH_SIZE_BYTES, node_hash, pair_hashes
from serai.evidence.proofs import Range

WIDTH = 256
TILE_SIZE_BYTES = WIDTH * HASH_SIZE_BYTES
LEVEL_MAX = 63
ENTRIES = -1

TileId = tuple[int, int]
"""Level and index of a tile."""

_PATH = re.compile(r"tile/(entries|\d{1,2})/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")


class TilePath(msgspec.Struct, frozen=True):
    """Address of a tile. level: `ENTRIES` for a bundle of leaf data; width: what it holds, 1 to 256."""

    level: int
    index: int
    width: int = WIDTH


def write_path(path: TilePath) -> str:
    """The path below the log's prefix, e.g. `tile/0/x001/x234/067.p/8`."""
    level = "entries" if path.level == ENTRIES else str(path.level)
    digits = str(path.index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[place : place + 3] for place in range(0, len(digits), 3)]
    number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{number}" + ("" if path.width == WIDTH else f".p/{path.width}")


def read_path(text: str) -> TilePath:
    """Read a tile's path. Errors: `tile-path-unreadable` for any other spelling than the one `write_path`
    gives.
    """
    if found := _PATH.fullmatch(text):
        level = ENTRIES if found[1] == "entries" else int(found[1])
        path = TilePath(level, int(found[2].replace("/", "").replace("x", "")), int(found[3] or WIDTH))
        if level <= LEVEL_MAX and write_path(path) == text:
            return path
    raise EvidenceError(
        "tile-path-unreadable",
        "This is not the path of a tile.",
        "Use tile/<level>/<index> or tile/entries/<index>, as C2SP tlog-tiles writes them.",
    )


def append_hashes(tiles: Mapping[TileId, bytes], size: int, new: list[bytes]) -> dict[TileId, bytes]:
    """The tiles that change when leaf hashes are appended to a log of `size` leaves.

    tiles: at least the right edge (`edge_ids(size)`). Returns new and grown tiles, each whole from its
    first hash on.
    """
    changed: dict[TileId, bytes] = {}
    level, first, entries = 0, size, new
    while entries:
        index, offset = divmod(first, WIDTH)
        edge = tiles[level, index][: offset * HASH_SIZE_BYTES] if offset else b""
        data = edge + b"".join(entries)
        for number, place in enumerate(range(0, len(data), TILE_SIZE_BYTES)):
            changed[level, index + number] = data[place : place + TILE_SIZE_BYTES]
        entries = _roots_of_full_tiles(data)
        level, first = level + 1, index
    return changed


def edge_ids(size: int) -> set[TileId]:
    """The partial last tile of each level of a log of `size` leaves: all that appending needs."""
    found: set[TileId] = set()
    level = 0
    while size:
        if size % WIDTH:
            found.add((level, size // WIDTH))
        size //= WIDTH
        level += 1
    return found


def tile_widths(size: int) -> list[int]:
    """Entries in each level of a log of `size` leaves, level 0 first."""
    counts = []
    while size:
        counts.append(size)
        size //= WIDTH
    return counts


def tile_paths(first: int, count: int, level: int) -> Iterator[TilePath]:
    """The tiles of a level that holds `count` entries, from the one on that holds entry `first`."""
    for place in range(first - first % WIDTH, count, WIDTH):
        yield TilePath(level, place // WIDTH, min(WIDTH, count - place))


def ids_for_ranges(ranges: Iterable[Range]) -> set[TileId]:
    """The tiles from which `hash_range` can make the hashes of these ranges."""
    return {_place(height, number)[:2] for start, end in ranges for height, number in _full_nodes(start, end)}


def hash_range(tiles: Mapping[TileId, bytes], start: int, end: int) -> bytes:
    """Hash of the subtree over leaves start to end; `(0, size)` is the root. Errors: `tile-missing`."""
    if start == end:
        return EMPTY_ROOT
    nodes = [_node(tiles, height, number) for height, number in _full_nodes(start, end)]
    root = nodes.pop()
    while nodes:
        root = node_hash(nodes.pop(), root)
    return root


def split_hashes(data: bytes) -> list[bytes]:
    """The single hashes of a tile or of a joined path."""
    return [data[place : place + HASH_SIZE_BYTES] for place in range(0, len(data), HASH_SIZE_BYTES)]


def _full_nodes(start: int, end: int) -> Iterable[tuple[int, int]]:
    """Complete subtrees (height, number) that make up the range, from left to right."""
    while start < end:
        height = (end - start).bit_length() - 1
        if start:
            height = min(height, (start & -start).bit_length() - 1)
        yield height, start >> height
        start += 1 << height


def _place(height: int, number: int) -> tuple[int, int, int, int]:
    """Where a complete subtree lies: tile level, tile index, first entry in it, count of entries."""
    level, rest = divmod(height, 8)
    index, offset = divmod(number << rest, WIDTH)
    return level, index, offset, 1 << rest


def _node(tiles: Mapping[TileId, bytes], height: int, number: int) -> bytes:
    level, index, offset, count = _place(height, number)
    data = tiles.get((level, index), b"")[offset * HASH_SIZE_BYTES : (offset + count) * HASH_SIZE_BYTES]
    if len(data) != count * HASH_SIZE_BYTES:
        raise EvidenceError(
            "tile-missing",
            f"Tile {write_path(TilePath(level, index))} is missing or too short.",
            "Fetch the tile again; if the log itself lacks it, restore it from a mirror.",
        )
    hashes = split_hashes(data)
    while len(hashes) > 1:
        hashes = pair_hashes(hashes)
    return hashes[0]


def _roots_of_full_tiles(data: bytes) -> list[bytes]:
    full = len(data) // TILE_SIZE_BYTES * TILE_SIZE_BYTES
    hashes = split_hashes(data[:full])
    for _ in range(8):
        hashes = pair_hashes(hashes)
    return hashes

"""Trees, tiles and proofs agree with one another at every size that matters."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.evidence.errors import EvidenceError
from serai.evidence.hashing import EMPTY_ROOT, leaf_hash, leaf_hashes, node_hash, paths, tree_levels
from serai.evidence.proofs import (
    consistency_ranges,
    inclusion_ranges,
    is_consistent,
    root_from_inclusion,
)
from serai.evidence.tiles import (
    ENTRIES,
    TileId,
    TilePath,
    append_hashes,
    edge_ids,
    hash_range,
    ids_for_ranges,
    read_path,
    split_hashes,
    write_path,
)

LEAVES = leaf_hashes([b"leaf %d" % number for number in range(1500)])


def recursive_root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(recursive_root(hashes[:split]), recursive_root(hashes[split:]))


def grow(steps: list[int]) -> dict[TileId, bytes]:
    tiles: dict[TileId, bytes] = {}
    size = 0
    for step in steps:
        edge = {place: tiles[place] for place in edge_ids(size)}
        tiles |= append_hashes(edge, size, LEAVES[size : size + step])
        size += step
    return tiles


def test_hashes_are_those_of_rfc_6962() -> None:
    assert sha256(b"\x00").digest() == leaf_hash(b"")
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 65, 255, 256, 257, 513, 1024, 1500])
def test_tree_tiles_and_recursion_give_one_root(size: int) -> None:
    root = recursive_root(LEAVES[:size])

    assert tree_levels(LEAVES[:size])[-1][0] == root
    assert hash_range(grow([size]), 0, size) == root


@given(
    steps=st.lists(st.integers(1, 400), min_size=1, max_size=8).filter(
        lambda steps: sum(steps) <= len(LEAVES)
    )
)
@settings(max_examples=40)
def test_tiles_do_not_depend_on_how_the_log_grew(steps: list[int]) -> None:
    assert grow(steps) == grow([sum(steps)])


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8, 13, 33])
def test_batch_paths_prove_every_leaf_and_nothing_else(size: int) -> None:
    levels = tree_levels(LEAVES[:size])

    for index, path in enumerate(paths(levels)):
        for claimed in range(size):
            found = root_from_inclusion(LEAVES[index], claimed, size, split_hashes(path))
            assert (found == levels[-1][0]) == (claimed == index)


@given(size=st.integers(1, len(LEAVES)), data=st.data())
@settings(max_examples=60)
def test_tile_proofs_need_only_the_tiles_they_name(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    tiles = grow([len(LEAVES)])  # the log has grown since: its tiles are longer than this tree's
    ranges = inclusion_ranges(index, size)
    wanted = {place: tiles[place] for place in ids_for_ranges(ranges)}

    proof = [hash_range(wanted, *one) for one in ranges]

    assert root_from_inclusion(LEAVES[index], index, size, proof) == recursive_root(LEAVES[:size])
    assert root_from_inclusion(LEAVES[index], index, size, [*proof, proof[-1] if proof else b"x"]) is None


@given(new=st.integers(1, 700), data=st.data())
@settings(max_examples=100)
def test_consistency_holds_between_any_two_sizes_and_breaks_when_altered(
    new: int, data: st.DataObject
) -> None:
    old = data.draw(st.integers(1, new))
    tiles = grow([new])
    proof = [hash_range(tiles, *one) for one in consistency_ranges(old, new)]
    old_root, new_root = recursive_root(LEAVES[:old]), recursive_root(LEAVES[:new])

    assert is_consistent(old, new, old_root, new_root, proof)
    assert not is_consistent(old, new, new_root[::-1], new_root, proof)
    assert not is_consistent(old, new, old_root, old_root[::-1], proof)
    for place, altered in enumerate(proof):
        assert not is_consistent(
            old, new, old_root, new_root, [*proof[:place], altered[::-1], *proof[place + 1 :]]
        )
    assert not is_consistent(old, new, old_root, new_root, [*proof, old_root])


def test_every_pair_of_small_trees_is_consistent() -> None:
    for new in range(1, 40):
        for old in range(1, new + 1):
            tiles = grow([new])
            proof = [hash_range(tiles, *one) for one in consistency_ranges(old, new)]
            assert is_consistent(old, new, recursive_root(LEAVES[:old]), recursive_root(LEAVES[:new]), proof)


def test_missing_tile_is_named() -> None:
    tiles = grow([600])
    del tiles[0, 2]

    with pytest.raises(EvidenceError, match=r"tile/0/002"):
        hash_range(tiles, 0, 600)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (TilePath(0, 0), "tile/0/000"),
        (TilePath(2, 1_234_067, 8), "tile/2/x001/x234/067.p/8"),
        (TilePath(ENTRIES, 1000), "tile/entries/x001/000"),
    ],
)
def test_tile_paths_are_written_as_c2sp_says(path: TilePath, text: str) -> None:
    assert write_path(path) == text
    assert read_path(text) == path


@pytest.mark.parametrize(
    "text",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/0/x000/001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/64/000",
        "../key",
        "",
    ],
)
def test_other_spellings_of_a_tile_path_are_refused(text: str) -> None:
    with pytest.raises(EvidenceError, match="tile-path-unreadable"):
        read_path(text)

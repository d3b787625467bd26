"""Room on the disk and in memory: asked for before there is none."""

from pathlib import Path

import pytest

from serai.foundation.disk_room import ASKED_EACH_BYTES, DiskRoom, SpoolRoom
from serai.foundation.memory_room import MemoryRoom, available_bytes
from serai.model.errors import SeraiError

MIB = 1 << 20


def test_what_is_announced_must_have_room_beside_the_reserve(tmp_path: Path) -> None:
    room = DiskRoom(tmp_path, free_min_bytes=0)

    room.require(1)
    with pytest.raises(SeraiError, match="disk-full"):
        room.require(1 << 60)


def test_files_under_way_share_one_bound_and_nobody_takes_it_all() -> None:
    room = SpoolRoom(bytes_max=12, free_min_bytes=0)
    first, second, third = (room.share_of(name) for name in ("first", "second", "third"))
    first.hold(6)

    with pytest.raises(SeraiError, match="disk-full"):
        first.hold(1)
    second.hold(3)
    with pytest.raises(SeraiError, match="disk-full"):
        room.share_of("first").hold(1)
    with pytest.raises(SeraiError, match="disk-full"):
        second.hold(1)
    third.hold(1)
    assert room.held_bytes == 10
    first.give_back(6)
    second.hold(2)
    second.give_back(5)
    third.give_back(1)

    assert room.held_bytes == 0
    first.hold(6)


def test_the_disk_of_files_is_asked_again_as_they_grow() -> None:
    with pytest.raises(SeraiError, match="disk-full"):
        SpoolRoom(bytes_max=1 << 62, free_min_bytes=1 << 60).share_of("one").hold(1)

    room = SpoolRoom(bytes_max=1 << 62, free_min_bytes=0).share_of("one")
    room.hold(1)
    with pytest.raises(SeraiError, match="disk-full"):
        room.hold(1 << 60)
    room.hold(ASKED_EACH_BYTES // 2)


def machine(
    root: Path, available_mib: int, groups: dict[str, tuple[str, int, int]], version: int = 2
) -> Path:
    """Lay out what the kernel shows. groups: by path, limit, MiB in use, MiB of it that can be reclaimed."""
    top = root / "sys/fs/cgroup" / ("" if version == 2 else "memory")
    names = ("max", "current", "inactive_file")
    if version == 1:
        names = ("limit_in_bytes", "usage_in_bytes", "total_inactive_file")
    for path, (limit, used, reclaimable) in groups.items():
        folder = top / path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"memory.{names[0]}").write_text(f"{limit}\n")
        (folder / f"memory.{names[1]}").write_text(f"{used * MIB}\n")
        (folder / "memory.stat").write_text(f"anon 5\n{names[2]} {reclaimable * MIB}\n")
    (root / "proc/self").mkdir(parents=True, exist_ok=True)
    line = "0::/a/b\n" if version == 2 else "9:cpu:/x\n4:memory:/a/b\n"
    (root / "proc/self/cgroup").write_text(line)
    (root / "proc/meminfo").write_text(f"MemTotal: 1 kB\nMemAvailable: {available_mib * 1024} kB\n")
    return root


@pytest.mark.parametrize(
    ("available_mib", "groups", "version", "left_mib"),
    [
        (900, {}, 2, 900),
        (900, {"a/b": ("max", 800, 0), "a": (str(500 * MIB), 300, 100)}, 2, 300),
        (900, {"": (str(400 * MIB), 390, 0)}, 2, 10),
        (5, {"a/b": (str(500 * MIB), 300, 100)}, 2, 5),
        (900, {"a/b": (str(500 * MIB), 300, 100)}, 1, 300),
        (900, {"a/b": (str(1 << 62), 300, 100)}, 1, 900),
    ],
)
def test_the_nearest_limit_says_what_is_left(
    tmp_path: Path,
    available_mib: int,
    groups: dict[str, tuple[str, int, int]],
    version: int,
    left_mib: int,
) -> None:
    assert available_bytes(machine(tmp_path, available_mib, groups, version)) == left_mib * MIB


def test_below_the_reserve_nothing_is_taken_in_and_zero_takes_all(tmp_path: Path) -> None:
    root = machine(tmp_path, 100, {})

    MemoryRoom(free_min_bytes=99 * MIB, root=root).require()
    MemoryRoom(free_min_bytes=0, root=root).require()
    with pytest.raises(SeraiError, match="busy"):
        MemoryRoom(free_min_bytes=101 * MIB, root=root).require()


def test_this_machine_can_be_asked() -> None:
    assert available_bytes() > 0

"""The layout report on a small invented tree, and what it must find in this one."""

import tomllib
from pathlib import Path

import pytest

from tools.layout_report.source import JOURNEY, Room, count_uses, longest_chain, measure_rooms, read_modules

ROOT = Path(__file__).parents[2]
OWN_FILES_MAX, CHAIN_MAX, SHARE_PPM_MAX = 15, 6, 150_000
STAGES = (
    "validation", "matching", "reconciliation", "differences", "screening", "assessment", "decision",
    "release", "revenue", "preloading", "descriptions",
)  # fmt: skip
TREE = {
    "__init__.py": '"""A program."""\n',
    "journey/__init__.py": '"""Rooms."""\n',
    "journey/post/__init__.py": '"""Letters."""\n',
    "journey/post/top.py": '"""Sends."""\nfrom serai.journey.post import middle\nfrom serai.law import act\n',
    "journey/post/middle.py": (
        "from typing import Protocol, cast\n\nfrom serai.journey.post.inner.end import LAST\n\n\n"
        'class Sender(Protocol):\n    """Sends."""\n\n    def send(self) -> None: ...\n\n\n'
        'FIRST = cast("int", LAST)\n'
    ),
    "journey/post/inner/__init__.py": '"""Ends."""\n',
    "journey/post/inner/end.py": '"""Ends."""\nLAST = 1\n\n\ndef _private() -> None:\n    print(LAST)\n',
    "law/__init__.py": '"""Law."""\n',
    "law/act.py": '"""An act."""\n\n\ndef state(request):\n    return request.app.state.clock.cast(1)\n',
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in TREE.items():
        path = tmp_path / "src/serai" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_chain_of_three_modules_is_three_and_ends_at_the_rooms_door(tree: Path) -> None:
    post = _room(measure_rooms(read_modules(tree)), "journey.post")

    assert post.chain == tuple(f"serai.journey.post.{one}" for one in ("top", "middle", "inner.end"))


def test_own_files_are_those_in_no_subfolder_and_a_share_is_of_the_journey(tree: Path) -> None:
    rooms = measure_rooms(read_modules(tree))

    post, law = _room(rooms, "journey.post"), _room(rooms, "law")
    assert (post.own_count, post.files_count, law.own_count) == (2, 3, 1)
    assert (post.journey_ppm, law.journey_ppm) == (1_000_000, None)


def test_statements_are_counted_at_every_depth(tree: Path) -> None:
    law = _room(measure_rooms(read_modules(tree)), "law")

    assert law.statements_count == 4


def test_a_public_name_without_docstring_is_missed_and_a_private_one_is_not(tree: Path) -> None:
    """Without: the module `middle`, the method `send`, the function `state`."""
    rooms = measure_rooms(read_modules(tree))

    post, law = _room(rooms, "journey.post"), _room(rooms, "law")
    assert (post.documented_count, post.public_count) == (5, 7)
    assert (law.documented_count, law.public_count) == (2, 3)


def test_protocols_casts_and_uses_of_the_apps_state_are_counted(tree: Path) -> None:
    """A method that is called `cast` is none."""
    assert count_uses(read_modules(tree)) == (1, 1, 1)


def test_a_circle_of_imports_ends() -> None:
    imports = {"a": frozenset("b"), "b": frozenset("a"), "c": frozenset("a")}

    assert longest_chain(imports) == ("c", "a", "b")


def test_no_room_is_crowded_deep_or_large() -> None:
    rooms = measure_rooms([one for one in read_modules(ROOT) if one.name.startswith(f"{JOURNEY}.")])

    assert len(rooms) > 20
    assert [room.name for room in rooms if room.own_count > OWN_FILES_MAX] == []
    assert [room.chain for room in rooms if len(room.chain) > CHAIN_MAX] == []
    assert [room.name for room in rooms if (room.journey_ppm or 0) > SHARE_PPM_MAX] == []


def test_every_module_of_a_stage_but_what_stores_is_held_pure() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    pure = next(one for one in contracts["contracts"] if "pure" in one["name"])["source_modules"]
    paths = [path for one in STAGES for path in (ROOT / "src/serai/journey" / one).rglob("[!_]*.py")]

    stages = [".".join(path.relative_to(ROOT / "src").with_suffix("").parts) for path in paths]
    held = [name for name in stages if any(_is_under(name, one) for one in pure)]
    assert sorted(set(stages) - set(held) - {name for name in stages if _stores(name)}) == []
    assert [name for name in held if _stores(name)] == []


def _room(rooms: list[Room], name: str) -> Room:
    return next(room for room in rooms if room.name == name)


def _is_under(name: str, package: str) -> bool:
    """Whether a module is one of a contract's, or lies in it. A star stands for one name."""
    asked, given = package.split("."), name.split(".")
    return len(given) >= len(asked) and all(
        one in ("*", part) for one, part in zip(asked, given, strict=False)
    )


def _stores(name: str) -> bool:
    last = name.rsplit(".", 1)[-1]
    return last in ("store", "service", "api") or last.endswith("_store")

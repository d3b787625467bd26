"""A standard that is invented and listed has routes, commands, a choice on pages, a check and a place in the
documentation; and no standard is named in many places."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from serai.formats.standard import Standard, read_head
from serai.formats.standards import STANDARDS

ROOT: Final = Path(__file__).parents[2]
INVENTED: Final = Path(__file__).parent / "invented"
PLACES_MAX: Final = 8
_NEWEST: Final = ("cardit", "h7")
"""Standards that came last, and so did not find the lists made for them."""


def test_one_line_makes_a_standard_known_everywhere() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", INVENTED / "listed.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert listed.returncode == 0, listed.stdout + listed.stderr


def test_every_folder_with_a_standard_is_listed_and_no_name_means_two() -> None:
    folders = {path.parent.name for path in (ROOT / "src/serai/formats").glob("*/standard.py")}
    text = (ROOT / "src/serai/formats/standards.py").read_text(encoding="utf-8")
    names = [one.name for one in STANDARDS]

    assert {folder for folder in folders if f"serai.formats.{folder}.standard import" not in text} == set()
    assert len(names) == len(set(names))


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda one: one.name)
def test_every_standard_has_a_sample_that_tells_what_it_is(standard: Standard) -> None:
    first = [sorted(ROOT.glob(pattern))[0] for pattern in standard.samples]

    marks = standard.marks
    tells = bool(marks.roots or marks.interchanges or marks.text)
    assert all(marks.fit(read_head(path.read_bytes())) for path in first if tells)


@pytest.mark.parametrize("name", _NEWEST)
def test_a_standard_is_named_in_few_places(name: str) -> None:
    places = sorted(_places_of(name))

    assert 3 <= len(places) <= PLACES_MAX, places


def test_the_invented_standard_is_named_in_two_places() -> None:
    """Its folder, which here holds its sample, and the line that was added."""
    texts = [path for path in ROOT.glob("src/**/*.py") if "bordereau" in path.read_text(encoding="utf-8")]

    assert texts == []
    assert {path.name for path in INVENTED.glob("*.py")} == {"standard.py", "listed.py"}


def _places_of(name: str) -> Iterator[str]:
    """Give what must be touched for a standard: files that name it in code or data, its own folders once.

    Prose, and pages that are written from the code, are left out: nothing depends on them.
    """
    word = re.compile(rf"(?<![a-z]){name}(?![a-z])", re.IGNORECASE)
    own = [
        folder
        for folder in ("src/serai/formats", "conformance", "tests/formats")
        if (ROOT / folder / name).is_dir()
    ]
    yield from (f"{folder}/{name}" for folder in own)
    if any(path.stem.startswith(name) for path in (ROOT / "examples/standards").iterdir()):
        yield "examples/standards"
    for path in (*ROOT.glob("src/**/*.py"), *ROOT.glob("src/**/*.yaml")):
        place = path.relative_to(ROOT).as_posix()
        if not any(place.startswith(f"{folder}/{name}/") for folder in own) and any(
            word.search(text) for text in _texts_of(path)
        ):
            yield place


def _texts_of(path: Path) -> Iterator[str]:
    """Give the names and texts of a file that its program works with."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":
        yield from (line.partition("#")[0].partition(":")[0] for line in text.splitlines())
        return
    tree = ast.parse(text)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""

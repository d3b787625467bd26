"""A standard that is invented and listed has routes, commands, a choice on pages, a check and a place in the
documentation; and no standard is named in many places."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from serai.formats.standard import Standard, read_head
from serai.formats.standards import STANDARDS
from tests.turns import in_turn_but
from tools.layout_report.format_places import places_of

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


@pytest.mark.parametrize("name", in_turn_but({"h7"}, _NEWEST))
def test_a_standard_is_named_in_few_places(name: str) -> None:
    places = sorted(places_of(ROOT, name))

    assert 3 <= len(places) <= PLACES_MAX, places


def test_the_invented_standard_is_named_in_two_places() -> None:
    """Its folder, which here holds its sample, and the line that was added."""
    texts = [path for path in ROOT.glob("src/**/*.py") if "bordereau" in path.read_text(encoding="utf-8")]

    assert texts == []
    assert {path.name for path in INVENTED.glob("*.py")} == {"standard.py", "listed.py"}

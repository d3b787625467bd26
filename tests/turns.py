"""Longer tests take turns: `make test` takes a tenth, another after the next commit; `make test-slow` all.

What is marked `in_turn` tells at length what quicker tests tell, too. Which tenth is in turn says TESTS_TURN,
any number; without it, as where somebody runs one file, all of them run.
"""

import os
from collections.abc import Collection, Iterable
from typing import Final
from zlib import crc32

import pytest

TURNS: Final = 10
VARIABLE: Final = "TESTS_TURN"


def is_in_turn(test_id: str) -> bool:
    """Say whether a test that is marked so is to run now. test_id: as pytest names it."""
    turn = os.environ.get(VARIABLE, "")
    return not turn or crc32(test_id.encode()) % TURNS == int(turn) % TURNS


def in_turn_but(often: Collection[object], values: Iterable[object]) -> list[object]:
    """Return values for `pytest.mark.parametrize`, all in turn but for those that are taken often."""
    return [one if one in often else pytest.param(one, marks=pytest.mark.in_turn) for one in values]


SIZES: Final = in_turn_but({"phone"}, ["phone", "desktop"])
"""Of pages: whoever breaks one breaks it on a phone first."""

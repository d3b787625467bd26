"""Which values of a parametrised test the gate takes; `make test-slow` takes the others, too."""

from collections.abc import Collection, Iterable

import pytest


def slow_but(often: Collection[object], values: Iterable[object]) -> list[object]:
    """Return values for `pytest.mark.parametrize`, all slow but those that are taken often."""
    return [one if one in often else pytest.param(one, marks=pytest.mark.slow) for one in values]


SIZES = slow_but({"phone"}, ["phone", "desktop"])
"""Of pages: whoever breaks one breaks it on a phone first."""

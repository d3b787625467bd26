"""One node with two web processes for all quick tests of faults, and two parties that file there."""

from collections.abc import Iterator

import pytest

from tests.faults.serving import Serving, serving, short_folder


@pytest.fixture(scope="session")
def node() -> Iterator[Serving]:
    """`serai serve` with two web processes, an embedded database and invented exchange rates."""
    with short_folder() as folder, serving(folder) as node:
        yield node


@pytest.fixture(scope="session")
def party(node: Serving) -> tuple[int, str]:
    """A carrier's number and key."""
    return node.add_party("Invented Express")


@pytest.fixture
def key(party: tuple[int, str]) -> str:
    """A carrier's key."""
    return party[1]


@pytest.fixture(scope="session")
def stranger(node: Serving) -> str:
    """The key of another carrier."""
    return node.add_party("Invented Rival")[1]

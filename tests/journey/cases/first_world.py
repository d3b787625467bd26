"""A world begun once in this process: law, parties and list are in a database of which modules get copies."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.journey.cases.world import Begun, begun_worlds, running_world


@cache
def _first_world(make_database: Callable[[], str], folder: Path) -> tuple[str, Begun]:
    """Begin a world and end its server: the connection string of its database, and the rest of it."""
    dsn = make_database()
    with running_world(dsn, folder) as world:
        return dsn, Begun(folder, world.keys)


def copy_first_world(
    make_database: Callable[[], str], copy_database: Callable[[str], str], folder: Path
) -> str:
    """Return the connection string of a copy, to be run once. folder: where the first one is begun."""
    first, begun = _first_world(make_database, folder)
    dsn = copy_database(first)
    begun_worlds[dsn] = begun
    return dsn

"""Changes of the law that come at once: each derives from what the one before made."""

import asyncio
from datetime import UTC, datetime

from serai.app import Node
from serai.foundation.database import Database
from serai.journey.assessment.store import Component, make_component, select_components, select_generation
from serai.journey.law_in_force.service import derive_law, load_law

AT = datetime(2026, 7, 1, tzinfo=UTC)
PARTIES = b"entry_id,name,kind_code\nI-1,Invented Name,person\n"


async def add_list(opened: Database, one: Component) -> None:
    await derive_law(opened, 1, AT, one.name, lambda present: [*present, one])


async def test_two_lists_imported_at_once_are_both_in_force(database: str) -> None:
    lists = [make_component("denied-parties", f"{name}.csv", PARTIES) for name in ("one", "two")]
    async with Database(database, pool_size_count=2, statement_timeout_ms=60_000) as opened:
        await load_law(opened, 1, AT)

        await asyncio.gather(*(add_list(opened, one) for one in lists))

        async with opened.write() as connection:
            found = await select_generation(connection, administration_id=1)
            assert found is not None
            in_force = await select_components(connection, found[1])
    assert {"one.csv", "two.csv"} <= {component.name for component in in_force}


async def test_two_first_starts_put_one_generation_in_force(database: str) -> None:
    async with Database(database, pool_size_count=2, statement_timeout_ms=60_000) as opened:
        async with opened.write() as connection:
            await connection.execute("DELETE FROM law_generation")

        first, second = await asyncio.gather(load_law(opened, 1, AT), load_law(opened, 1, AT))

    assert first.generation_id == second.generation_id


async def test_what_holds_the_law_is_written_without_it(node: Node) -> None:
    law = node.processor.law

    assert repr(law) == f"LawState(generation_id={law.generation_id})"
    assert repr(law.book).startswith("LawBook(")
    assert len(repr(node)) < 100_000, "asyncio writes it at the end of each task that gives a node"

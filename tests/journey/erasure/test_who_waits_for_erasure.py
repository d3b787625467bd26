"""Who waits for erasure is looked at again by the hour: opened no more than needed, and nobody stops it."""

import io
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.foundation.vault.restriction import Restriction, select_restrictions
from serai.journey.erasure.service import Asked, erase_person, erase_restricted
from tests.journey.processing.support import DECLARANT, opened, parcel, select, send

AT = datetime(2026, 7, 3, 12, tzinfo=UTC)
NAMES = ("first", "second")


@pytest.fixture
async def node(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Node]:
    """A node with two consignees who wait for erasure, each under its own epoch, as their cases are open."""
    async with opened(make_database(), tmp_path, clock=FixedClock(AT)) as node:
        for name in NAMES:
            node.services.epochs.drop()
            (answer,) = await send(node, DECLARANT, "declaration", parcel(name))
            assert answer.status == "decided"
            outcome = await erase_person(
                node.services, Asked(await consignee(node, name), "subject-request", "test", AT)
            )
            assert outcome.ground is not None
            assert outcome.ground.code == "open-case"
        yield node


async def consignee(node: Node, name: str) -> int:
    query = "SELECT first_person_id + 1 FROM consignment WHERE reference = %s"
    ((person_id,),) = await select(node, query, f"D-{name}")
    assert isinstance(person_id, int)
    return person_id


async def read_long_ago(node: Node, person_id: int) -> None:
    """Say that a person's case was looked at when its documents had just come."""
    async with node.database.write() as connection:
        change = "UPDATE vault_restriction SET read_at = %s WHERE person_id = %s"
        await connection.execute(change, [AT, person_id])


async def waiting(node: Node) -> dict[int, Restriction]:
    async with node.database.write() as connection:
        return await select_restrictions(connection, administration_id=node.administration_id)


async def test_who_waits_is_not_opened_by_the_hour_and_whose_epoch_is_lost_stops_nobody(
    node: Node, told: io.StringIO
) -> None:
    opened_counts = []

    for hours in range(6):
        assert await erase_restricted(node.services, AT + timedelta(hours=hours)) == 0
        ((count,),) = await select(node, "SELECT count(*) FROM vault_read")
        opened_counts.append(count)

    # In the first hours their documents had only just come, and others might have come with them.
    assert opened_counts[0] < opened_counts[3] == opened_counts[4] == opened_counts[5]
    assert {one.read_at for one in (await waiting(node)).values()} == {AT + timedelta(hours=2)}

    lost, kept = [await consignee(node, name) for name in NAMES]
    (key, *_) = sorted(node.services.keyring.folder.glob("*/*.key"))
    key.chmod(0o600)
    key.write_bytes(b"damaged")

    for person_id in (lost, kept):
        await read_long_ago(node, person_id)
    at = AT + timedelta(hours=1)
    assert await erase_restricted(node.services, at) == 0

    assert (await waiting(node))[lost].read_at == AT
    assert (await waiting(node))[kept].read_at == at
    (said,) = (
        one for one in map(json.loads, told.getvalue().splitlines()) if one["event"] == "erasures-set-aside"
    )
    assert (said["level"], said["code"], said["rows_count"]) == ("error", "vault-key-damaged", 1)

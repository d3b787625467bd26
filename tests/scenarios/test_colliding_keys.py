"""Must-show 8: four processes, the same documents at once, match keys that collide. Nothing joins and nothing
is called repeated by a hash alone, and of each declaration there is one decision, never two."""

import asyncio
import multiprocessing
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from serai.model.columns import Int64s
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    PLATFORM,
    PROVIDER,
    opened,
    order,
    parcel,
    payment,
    send,
    transport,
)
from tests.journey.processing.test_colliding_keys import CASES, DECISIONS, LOOSE

PROCESSES_COUNT = 4
CASES_COUNT = 60
FILE_COUNT = 25
SENDERS = {
    "order": (PLATFORM, order),
    "payment": (PROVIDER, payment),
    "transport-document": (CARRIER, transport),
    "declaration": (DECLARANT, parcel),
}
TWICE = "SELECT count(*) - count(DISTINCT supersedes) FROM decision WHERE supersedes IS NOT NULL"
FIRST = "SELECT count(*) FROM decision WHERE supersedes IS NULL"


def to_sixteen(key_hashes: Int64s) -> Int64s:
    """Every key collides with those of a dozen other cases."""
    return key_hashes & 15


def file_all(dsn: str, folder: Path, seed: int, told: Any) -> None:
    """File every document of every case as one process of the node, in an order of its own."""
    told.put(asyncio.run(_file_all(dsn, folder, seed)))


async def _file_all(dsn: str, folder: Path, seed: int) -> list[tuple[str, str, str, int]]:
    tasks = [(kind, f"{number:03d}") for kind in SENDERS for number in range(CASES_COUNT)]
    random.Random(seed).shuffle(tasks)
    found = []
    async with opened(dsn, folder, to_sixteen) as node:
        for begin in range(0, len(tasks), FILE_COUNT):
            for kind, (sender, make) in SENDERS.items():
                names = [name for its_kind, name in tasks[begin : begin + FILE_COUNT] if its_kind == kind]
                answers = await send(node, sender, kind, *map(make, names)) if names else []
                found += [
                    (kind, name, one.status, one.document_id)
                    for name, one in zip(names, answers, strict=True)
                ]
    return found


@pytest.mark.slow
def test_four_processes_whose_keys_collide_join_nothing_by_a_hash_alone(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    dsn = make_database()
    # The first process of a node makes its keys; then four at once.
    asyncio.run(_open_once(dsn, tmp_path))
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    processes = [
        context.Process(target=file_all, args=(dsn, tmp_path, seed, told)) for seed in range(PROCESSES_COUNT)
    ]
    for process in processes:
        process.start()
    answers = [answer for _ in processes for answer in told.get(timeout=600)]
    for process in processes:
        process.join()

    names = [f"{number:03d}" for number in range(CASES_COUNT)]
    statuses = Counter((kind, name, status) for kind, name, status, _ in answers)
    ids: dict[tuple[str, str], set[int]] = {(kind, name): set() for kind in SENDERS for name in names}
    for kind, name, _, document_id in answers:
        ids[kind, name].add(document_id)
    for kind in SENDERS:
        taken = "decided" if kind == "declaration" else "recorded"
        for name in names:
            assert statuses[kind, name, taken] == 1, "taken once"
            assert statuses[kind, name, "repeated"] == PROCESSES_COUNT - 1
            assert len(ids[kind, name]) == 1, "every repeat is answered with the document itself"
    with psycopg.connect(dsn) as connection:
        rows = {
            query: connection.execute(query).fetchall() for query in (CASES, DECISIONS, LOOSE, TWICE, FIRST)
        }
    assert rows[CASES] == [([f"D-{name}"], [1, 2, 3, 4]) for name in names]
    assert rows[DECISIONS] == rows[FIRST] == [(CASES_COUNT,)]
    assert rows[LOOSE] == rows[TWICE] == [(0,)]


async def _open_once(dsn: str, folder: Path) -> None:
    async with opened(dsn, folder, to_sixteen):
        pass

"""Fills a store with invented parcels by the way that every declaration goes, a hundred thousand a day.

It may be stopped at any time; the next run goes on with the first lot that is not whole.
"""

import asyncio
import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from serai.app import Node, open_node
from serai.foundation.settings import AdministrationSettings, DataSettings, ServerSettings, Settings
from serai.journey.documents.submission import Sender, Submission
from serai.laboratory.invented.parcels import consignments
from tests.browser.look_at_pages import CARRIER_ID, Filled, fill

LOT_COUNT = 100_000
_BATCH_COUNT = 10_000
_NAMED_COUNT = 2_000
_STATE = "seeded.json"


class Seeded(msgspec.Struct):
    """What stands in a store. at: when the newest lot lands from; lots_count: lots that are whole."""

    filled: Filled
    at: datetime
    lots_count: int = 0


def settings_of(folder: Path) -> Settings:
    """Return the settings of a node whose data lies in `folder`."""
    return Settings(
        data=DataSettings(folder=str(folder)),
        server=ServerSettings().for_one_client(),
        administration=AdministrationSettings(
            code="TL", name="Testland Customs", time_zone="Europe/Dublin", is_test=True
        ),
    )


def read_seeded(folder: Path) -> Seeded | None:
    """Return what stands in the store of a folder; None: nothing yet."""
    state = folder / _STATE
    return msgspec.json.decode(state.read_bytes(), type=Seeded) if state.exists() else None


async def seed(settings: Settings, dsn: str, folder: Path, count: int) -> Seeded:
    """File `count` parcels in lots, the newest lot in the air and each before it a day earlier."""
    seeded = read_seeded(folder)
    if seeded is None:
        filled = await fill(settings, dsn, _NAMED_COUNT, links_count=200)
        seeded = Seeded(filled, filled.at)
        _write(folder, seeded)
    async with open_node(settings, dsn) as node:
        for lot in range(seeded.lots_count, -(-count // LOT_COUNT)):
            begun = time.perf_counter()
            await _file(node, lot, seeded.at - timedelta(days=lot))
            seeded.lots_count = lot + 1
            _write(folder, seeded)
            sys.stdout.write(f"lot {lot + 1}: {LOT_COUNT / (time.perf_counter() - begun):,.0f} a second\n")
            sys.stdout.flush()
        async with node.database.write() as connection:
            await connection.execute("ANALYZE")
    return seeded


async def _file(node: Node, lot: int, at: datetime) -> None:
    sender = Sender(CARRIER_ID, frozenset({"carrier", "declarant"}))
    drawn = consignments(LOT_COUNT, lot + 2, at=at, first_acceptance=at - timedelta(hours=20))
    while lines := await asyncio.to_thread(_take, drawn, lot):
        await node.processor.clear([Submission(sender, "declaration", lines=lines)])


def _take(drawn: Any, lot: int) -> list[bytes]:
    return [
        msgspec.json.encode(_apart(document, lot)) for document, _ in zip(drawn, range(_BATCH_COUNT), strict=False)
    ]


def _apart(document: dict[str, Any], lot: int) -> dict[str, Any]:
    """Give a document numbers of its lot: the draws number flights, bags and items anew in each."""
    mark = f"{lot:03d}"
    document["reference"] = f"{document.get('reference', '')}-{mark}"
    for name in ("house_document", "master_document"):
        if name in document:
            document[name] = f"{document[name]}-{mark}"
    if receptacle := document.get("receptacle_id"):
        document["receptacle_id"] = receptacle[:16] + f"{lot:04d}" + receptacle[20:]
    return document


def _write(folder: Path, seeded: Seeded) -> None:
    (folder / _STATE).write_bytes(json.dumps(msgspec.to_builtins(seeded), indent=1).encode())

"""Fills a store with a lot of invented parcels, by the way that every declaration goes."""

import itertools
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from serai.app import Node, open_node
from serai.foundation.settings import AdministrationSettings, DataSettings, ServerSettings, Settings
from serai.journey.documents.submission import Sender, Submission
from serai.laboratory.invented.parcels import consignments
from tests.browser.look_at_pages import CARRIER_ID, SEED, Filled, fill

LOT_COUNT = 100_000
_BATCH_COUNT = 10_000
_NAMED_COUNT = 2_000
_STATE = "seeded.json"


class Seeded(msgspec.Struct):
    """What stands in a store: whose keys and links."""

    filled: Filled


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
    """File `count` parcels whose flights land within twelve hours, the way of every declaration."""
    filled = await fill(settings, dsn, _NAMED_COUNT, links_count=200)
    async with open_node(settings, dsn) as node:
        await _file(node, filled.at, count)
    seeded = Seeded(filled)
    (folder / _STATE).write_bytes(msgspec.json.encode(seeded))
    return seeded


async def _file(node: Node, at: datetime, count: int) -> None:
    sender = Sender(CARRIER_ID, frozenset({"carrier", "declarant"}))
    drawn = consignments(count, SEED + 1, at=at, first_acceptance=at - timedelta(hours=20))
    while documents := list(itertools.islice(drawn, _BATCH_COUNT)):
        lines = [msgspec.json.encode(one) for one in documents]
        await node.processor.clear([Submission(sender, "declaration", lines=lines)])

"""Several processes at the very first start of a node agree on what each of them would make."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from serai.app import check_start
from serai.foundation.settings import DataSettings, Settings
from tests.journey.processing.support import DECLARANT, PLATFORM, opened, order, parcel, select, send


async def test_what_one_process_wrote_another_can_read(make_database: Any, tmp_path: Path) -> None:
    dsn = make_database()
    # As `serai serve` does before its processes start: the signing key is there when they come.
    await check_start(Settings(data=DataSettings(folder=str(tmp_path / "keys"))), dsn)
    async with AsyncExitStack() as stack:
        nodes = await asyncio.gather(
            *(stack.enter_async_context(opened(dsn, tmp_path / "keys")) for _ in range(3))
        )
        assert await select(nodes[0], "SELECT count(*) FROM vault_dictionary") == [(1,)]
        for place, node in enumerate(nodes):
            name = f"first-{place}"
            await send(node, PLATFORM, "order", order(name))
            # Deciding reads the order again from the vault.
            (declared,) = await send(nodes[place - 1], DECLARANT, "declaration", parcel(name))
            assert declared.status == "decided"

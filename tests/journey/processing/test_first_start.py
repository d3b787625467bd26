"""Several processes at the very first start of a node agree on what each of them would make, and no later
start makes anew what is lost.
"""

import asyncio
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from serai.app import SECRETS, check_start
from serai.foundation.settings import DataSettings, Settings
from serai.model.errors import SeraiError
from tests.journey.processing.support import DECLARANT, PLATFORM, opened, order, parcel, select, send


@pytest.mark.in_turn
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


def _without(folder: Path, pattern: str) -> None:
    (one,) = folder.glob(pattern)
    one.unlink()


def _of_another_node(folder: Path, pattern: str) -> None:
    (one,) = folder.glob(pattern)
    one.chmod(0o600)
    one.write_bytes(b"another node's secret of 32 bytes")


LOSSES: dict[str, tuple[Callable[[Path], None], str]] = {
    **{
        f"{name}, missing": (partial(_without, pattern=f"{name}.secret.1"), "lost-secret") for name in SECRETS
    },
    "a pseudonym, another node's": (
        lambda folder: _of_another_node(folder, "pseudonym-match.secret.1"),
        "lost-secret",
    ),
    "all epochs": (lambda folder: shutil.rmtree(folder / "epochs"), "lost-epoch-keys"),
    "the key of the epoch": (lambda folder: _without(folder, "epochs/*/*.key"), "lost-epoch-keys"),
    "the signing key": (lambda folder: _without(folder, "signing.pem"), "lost-signing-key"),
}


@pytest.mark.parametrize(("lose", "code"), LOSSES.values(), ids=LOSSES.keys())
async def test_what_data_were_made_with_is_never_made_anew(
    filed: tuple[str, Path], tmp_path: Path, lose: Callable[[Path], None], code: str
) -> None:
    dsn, kept = filed
    folder = tmp_path / "data"
    shutil.copytree(kept, folder)
    settings = Settings(data=DataSettings(folder=str(folder)))
    await check_start(settings, dsn)

    lose(folder / "keys")

    with pytest.raises(SeraiError) as refused:
        await check_start(settings, dsn)
    assert refused.value.code == code
    assert (refused.value.next_step, str(refused.value)) != ("", "")


@pytest.fixture(scope="module")
def filed(make_database: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A database with a declaration and an order, and the folder of its node's keys."""
    dsn, folder = make_database(), tmp_path_factory.mktemp("filed") / "data"

    async def fill() -> None:
        await check_start(Settings(data=DataSettings(folder=str(folder))), dsn)
        async with opened(dsn, folder) as node:
            await send(node, PLATFORM, "order", order("lost"))
            (declared,) = await send(node, DECLARANT, "declaration", parcel("lost"))
            assert declared.status == "decided"

    with ThreadPoolExecutor(1) as thread:  # the tests' own loop may run in this one
        thread.submit(lambda: asyncio.run(fill())).result()
    return dsn, folder

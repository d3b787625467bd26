"""Rows of each format ever written stay readable: what a program of its time wrote is here, byte for byte.

A new format adds an entry; none is ever changed.
"""

from base64 import b64decode
from typing import Final

import pytest

from serai.foundation.vault.layout import FORMAT, read_directory, write_directory
from tests.foundation_vault.people import AT, Vault, expected, message

EPOCH_ID: Final = 77
EPOCH_KEY: Final = bytes(range(32))
PEOPLE: Final = [(2001, 1001), (2002, 1001), (2003, 1003)]

ROWS: Final = {
    1: (
        "AAAAAgAAAAMAAAAAAAAD6QAAAAAAAAPrAgEAAAAAAAAH0QAAAAAAAAfSAAAAAAAAB9MAAAA/AAAAPwAAAD8AAABS",
        "HMDr0tb91VWmX4sf+MSIaSc5G9pfMkh3sJhzQFi6ey+43FKNKSSPXgVEJbGynb6QUMkToGB5T9e3U880NPRO+zCkIvEgVOl0tfA738ao"
        "LvPvzcCpW7+HTX4j50Ya7O3Z7Ycrd+PksLR5nHvPmNJTyoAE/1e8rzKfNYtu7IWbz9fniAdOxgyczv85E4kDMTlWUwX5K1xrHDWEvePs",
        "fWpVfB+q75h4+W2ISXdZcLHWGfCbFofjItMJMWWjPuBMJOp3+eoEGNzprZeru28q8bPnMMtnaEamD2j8J1sRxZQhxH9Mau362IqRQDcm"
        "Yq+JJRGXs5rasSrC3rAD5jCdb7YGkaGQ8jygEyv04AYYqWScLFEs6q75yN7Fa57ebjCfodmK1+JrF0j9Vob4sSzl1f84JYLNc5rf8AZw"
        "TB47twjm4kQqOfbYC/G0x10QxPbY5HI9EnJF/29O9ijUCuKDz2Z/Wo4gAO3zOCOnzx8JigyH61GuPgAk3N6HYoiczggayOPbJjC1rgHq"
        "r99w9Yi1vebrQ3W+7s+F9qLY5wia7a2g53qlRgw3VmZ86JgFUQ==",
    ),
    2: (
        "AAAAAgAAAAMAAAACAAAAAAAAA+kAAAABAAAAAAAAA+sAAAABAQIBAAAAAQAAAAAAAAfRAAAAAwE+Pj4BUg==",
        "wUMHTWARVvz78I1ZwffIMVeFvLC5saALeKhOJfDsDxNLvL2giM+poVsn95lSCPrdZQBuX/CbrfHXnVnh5cVpMXdA2NarrtPWb6CWp8QT"
        "rQpjJS9FCw8JyTHTn8E7ZXhsAgWoOiYPneTNr6X+E88aFJWpFZh2+65iOWzF75vkaUdsQGy53orrrRm8ww4u2enk8F+inB+oDUgNy9oA",
        "i40gwIj+mQ4XD7cxFKqtEgHw/UFokdVNpKj05y1SVyKDSicKvwIbBgeGvNpZtqF81Rponw6J8AXrwwsI3e5Up4d9mlcl1UBvKgvkXLkX"
        "sgQej0EB8BzSOsTTQlSO9dx4ZKX4BlOSaRPhNPp6zYPx9Rgnu94Dk6kZTo88WNMzxTiQsyjgd4IjWGdBM9wNegq9655ma1Sj0tBHBMRL"
        "nDeMa3DPRF8FvCdlNeeYwqtsYxtw8HwX1QGgb7QBz8/4R0FY76mZHDHLGYz0hWmGvEec1NYaxHNY5nMIwOv6tz2dIsJAGtT9CZNX7Len"
        "OIcsE72tczaCHAwsHeoCV6ddsP+ugKRchatXI7h6KliFhA==",
    ),
}
"""By format: directory, wrapped keys and sealed parts of PEOPLE and their documents."""


def test_newest_format_is_among_them() -> None:
    assert max(ROWS) == FORMAT


@pytest.mark.parametrize("number", ROWS)
async def test_row_of_each_format_opens(vault: Vault, number: int) -> None:
    folder = vault.keyring.folder / f"{EPOCH_ID:016x}"
    folder.mkdir(mode=0o700)
    (folder / "00001.key").write_bytes(EPOCH_KEY)
    columns = [b64decode(one) for one in ROWS[number]]
    async with vault.write() as connection:
        await connection.execute(
            "INSERT INTO vault_epoch VALUES (%s, 1, 1, %s, NULL) ON CONFLICT DO NOTHING", [EPOCH_ID, AT]
        )
        await connection.execute(
            "INSERT INTO vault_batch VALUES (1001, 1, 'declaration', %s, %s, 1, 1001, 2003, %s, %s, %s)",
            [number, EPOCH_ID, *columns],
        )

    assert await vault.names(PEOPLE) == expected(PEOPLE)
    assert await vault.messages([1001, 1003]) == {1001: message(1001), 1003: message(1003)}


def test_directory_is_written_as_it_was() -> None:
    content = b64decode(ROWS[FORMAT][0])

    assert write_directory(read_directory(FORMAT, content)) == content

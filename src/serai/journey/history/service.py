"""Writes closed hours: a folder each, made under another name and then renamed, so that it is there whole or
not at all."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from serai.foundation.database import Database
from serai.foundation.ids import first_id_at, read_instant
from serai.journey.history import store
from serai.journey.history.rules import SCHEMA_VERSION
from serai.journey.history.tables import read_tables, table_path, write_tables
from serai.model.errors import SeraiError

HOUR: Final = timedelta(hours=1)
CLOSING_DELAY: Final = timedelta(minutes=10)
"""An hour is closed this long after its end, once no transaction writes that began before."""
MANIFEST: Final = "manifest.json"
FOLDER_PATTERN: Final = "hour=*"


class FileNote(msgspec.Struct, frozen=True):
    """What a manifest says of a file. hash: SHA-256, hexadecimal."""

    rows_count: int
    hash: str


class WrittenHour(msgspec.Struct, frozen=True):
    """An hour that was written, as its manifest says. files: by the name of the table."""

    hour_at: datetime
    administration_id: int
    schema_version: int
    files: dict[str, FileNote]


class History:
    """The closed hours of one administration, in a folder."""

    def __init__(self, database: Database, administration_id: int, folder: Path) -> None:
        self._database = database
        self._administration_id = administration_id
        self._folder = folder

    async def write(
        self, *, at: datetime, begin: datetime | None = None, end: datetime | None = None
    ) -> AsyncIterator[WrittenHour]:
        """Write each closed hour that has decisions and is not there yet; give it when it is there.

        at: now. begin, end: only hours that lie wholly between them. An hour is told by the ids of its
        decisions. Raises OSError where the folder cannot be written, SeraiError `history-of-another` where
        it is another administration's.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._check_owner()
        closed = await self._undisturbed_until(at) - CLOSING_DELAY
        last = _hour_of(closed if end is None else min(closed, end))
        hour_at = None if begin is None else _hour_of(begin + HOUR - timedelta(microseconds=1))
        while True:
            hour_at = await self._next_hour(hour_at)
            if hour_at is None or hour_at >= last:
                return
            folder = self._folder / f"hour={hour_at:%Y-%m-%dT%H}"
            if not folder.exists():
                yield await self._write_hour(hour_at, folder)
            hour_at += HOUR

    def _check_owner(self) -> None:
        for path in self._folder.glob(f"{FOLDER_PATTERN}/{MANIFEST}"):
            written = msgspec.json.decode(path.read_bytes(), type=WrittenHour)
            if written.administration_id != self._administration_id:
                raise SeraiError(
                    "history-of-another",
                    f"{self._folder} holds the history of another administration.",
                    "Name a folder of its own for each administration.",
                )
            # What wrote one of them has checked the others.
            return

    async def _undisturbed_until(self, at: datetime) -> datetime:
        """Return now, or when the oldest transaction began that still writes."""
        # What others are doing is hidden from whoever is not the role that they signed in with.
        async with self._database.write_as_owner() as connection:
            oldest = await store.select_oldest_writing(connection)
        return at if oldest is None else min(at, oldest)

    async def _next_hour(self, hour_at: datetime | None) -> datetime | None:
        """Return the hour of the oldest decision from an hour on."""
        async with self._database.read(self._administration_id) as connection:
            found = await store.select_next(
                connection,
                0 if hour_at is None else first_id_at(hour_at),
                administration_id=self._administration_id,
            )
        return None if found is None else _hour_of(read_instant(found))

    async def _write_hour(self, hour_at: datetime, folder: Path) -> WrittenHour:
        making = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=self._folder))
        try:
            rows = await self._write_tables(hour_at, making)
            files = {
                name: FileNote(count, _hash_of(table_path(making, name))) for name, count in rows.items()
            }
            written = WrittenHour(hour_at, self._administration_id, SCHEMA_VERSION, files)
            (making / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(written)) + b"\n")
            making.chmod(0o755)
            for path in [*making.iterdir(), making]:
                _keep(path)
            making.rename(folder)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        _keep(self._folder)
        return written

    async def _write_tables(self, hour_at: datetime, folder: Path) -> dict[str, int]:
        """Write the tables of an hour; return how many rows each has."""
        from_id, to_id = first_id_at(hour_at), first_id_at(hour_at + HOUR)
        return await write_tables(folder, self._chunks(from_id, to_id))

    async def _chunks(self, from_id: int, to_id: int) -> AsyncIterator[dict[str, Any]]:
        # A transaction for each chunk: an hour may take longer than one may last.
        while True:
            async with self._database.read(self._administration_id) as connection:
                tables, from_id = await read_tables(
                    connection, from_id, to_id, administration_id=self._administration_id
                )
            if not tables:
                return
            yield tables


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _keep(path: Path) -> None:
    """Wait until what was written is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""What the use cases of visibility events work with; built by `web/case_files.py` from the node."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.evidence.notes import Signer
from serai.evidence.soundness import LogState
from serai.formats.epcis.event import Event
from serai.foundation.clock import Clock
from serai.foundation.database import Database
from serai.foundation.ids import IdSource
from serai.foundation.vault.epochs import EpochSource
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.pseudonyms import Pseudonymiser
from serai.foundation.vault.records import MessageCodec
from serai.journey.tracking.joining import Key
from serai.journey.tracking.store import HashedKey, join_halves
from serai.journey.visibility.table import Viewer

Connection = AsyncConnection[Any]
Write = Callable[[Callable[[Connection], Awaitable[Any]]], Awaitable[Any]]
"""Does work in a write transaction, again after a deadlock or when the vault's key was rotated."""

_DECODER: Final = msgspec.json.Decoder(Event)
_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class TrackingService:
    """Built once a process. arrival_places: canonical read points where arriving is arriving at customs."""

    database: Database
    write: Write
    ids: IdSource
    clock: Clock
    keyring: Keyring
    epochs: EpochSource
    codec: MessageCodec
    pseudonymiser: Pseudonymiser
    signer: Signer
    log_origin: str
    log_state: LogState
    administration_id: int
    administration_code: str
    arrival_places: frozenset[str]
    events_count_max: int
    integrate_within: timedelta = timedelta(seconds=2)
    random_bytes: Callable[[int], bytes] = os.urandom

    def hash_keys(self, keys: list[Key]) -> list[HashedKey]:
        """Return keys as they are stored: the number as keyed hash."""
        halves = self.pseudonymiser.key_hashes([text.encode() for _, text in keys])
        return [
            join_halves(kind, *pair)
            for (kind, _), *pair in zip(keys, *(half.tolist() for half in halves), strict=True)
        ]

    def pack(self, events: list[Event]) -> list[bytes]:
        """Return events as they are stored."""
        return [self.codec.compress(_ENCODER.encode(one)) for one in events]

    def unpack(self, content: bytes) -> Event:
        """Return an event as it was stored."""
        return read_event(self.codec.decompress(content))


def write_event(event: Event) -> bytes:
    """Return an event as the vault keeps it."""
    return _ENCODER.encode(event)


def read_event(content: bytes) -> Event:
    """Return an event that the vault kept."""
    return _DECODER.decode(content)


class Asker(msgspec.Struct, frozen=True):
    """Who asks for events. credential: goes into the ledger of what is opened."""

    viewer: Viewer
    credential: str

    @property
    def sees_all(self) -> bool:
        """Say whether every party's events are for this one to see."""
        return self.viewer.is_administration

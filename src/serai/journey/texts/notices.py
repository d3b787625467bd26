"""Notices served: what was said about a decision to whom, when, and in which version of which texts.

A notice is written where words really go out, before they go: one row an answer, page, message or run of
webhooks, whatever number of decisions it speaks of. The texts themselves are kept once each, so that what was
served is read again in its own words after the wording has changed.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints
from serai.foundation.queries import load_queries
from serai.journey.services import Services
from serai.journey.texts.catalogue import Audience, Text

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

Means = Literal["answer", "page", "message", "webhook"]
"""How a notice goes out: in the answer to a request, on a page, as a message of a standard, by a webhook."""

WORDLESS = "zxx"
"""The language of what has codes and no words (ISO 639-2)."""


class About(NamedTuple):
    """A decision that a notice speaks of, and its case."""

    case_id: int
    decision_id: int


class Served(msgspec.Struct, frozen=True):
    """What is served in one go: about which decisions, with which texts. language: that was asked for, or
    WORDLESS; standard: of a message; event_kind: of what it tells as something that happened."""

    about: Collection[About]
    texts: Collection[Text]
    means: Means
    language: str
    standard: str | None = None
    event_kind: str | None = None


class Notice(msgspec.Struct, frozen=True):
    """A notice as stored. standard: of a message. event_kind: of what it tells as something that happened.

    decision_ids: what it speaks of; text_versions: all the texts in it, whichever decision each is about.
    """

    notice_id: int
    party_id: int
    served_at: dt.datetime
    means: Means
    standard: str | None
    event_kind: str | None
    audience: Audience
    language: str
    decision_ids: list[int]
    text_versions: list[int]


async def record_notice(services: Services, party_id: int, served: Served) -> None:
    """Keep what is about to be served to a party; nothing to tell of is harmless."""
    if served.about:
        async with services.database.write() as connection:
            await insert_notice(
                connection,
                served,
                notice_id=int(services.ids.take(1)[0]),
                party_id=party_id,
                administration_id=services.administration_id,
                at=services.clock.now(),
            )


async def insert_notice(
    connection: Connection,
    served: Served,
    *,
    notice_id: int,
    party_id: int,
    administration_id: int,
    at: dt.datetime,
) -> None:
    """Keep a notice and its texts; one that is there already, as another notice, stays as it is."""
    decided = sorted(set(served.about))
    versions = {text: text.version for text in served.texts}
    kind = (served.means, served.standard, served.event_kind, served.language)
    content = (party_id, *kind, decided, sorted(set(versions.values())))
    values = {
        "notice_id": notice_id,
        "administration_id": administration_id,
        "party_id": party_id,
        "at": at,
        "means": served.means,
        "standard": served.standard,
        "event_kind": served.event_kind,
        "audience": "public",
        "language": served.language,
        "case_ids": sorted({one.case_id for one in decided}),
        "decision_ids": [one.decision_id for one in decided],
        "text_versions": sorted(set(versions.values())),
        "digest": hashlib.sha256(msgspec.json.encode(content)).digest()[:16],
    }
    if versions:
        await _insert_texts(connection, versions, administration_id=administration_id, at=at)
    await connection.execute(QUERIES["insert_notice"], values)


async def _insert_texts(
    connection: Connection, versions: dict[Text, int], *, administration_id: int, at: dt.datetime
) -> None:
    texts = list(versions)
    await connection.execute(
        QUERIES["insert_texts"],
        {
            "administration_id": administration_id,
            "at": at,
            "versions": bigints(list(versions.values())),
            "codes": [one.code for one in texts],
            "audiences": [one.audience for one in texts],
            "languages": [one.language for one in texts],
            "sentences": [one.sentence for one in texts],
            "remedies": [one.remedy for one in texts],
            "appeals": [one.appeal for one in texts],
            "hints": [one.hint for one in texts],
            "graces": [one.grace for one in texts],
        },
    )


async def select_notices(
    connection: Connection, case_ids: Sequence[int], *, party_id: int | None, administration_id: int
) -> list[Notice]:
    """Return the notices about decisions in cases, oldest first. party_id: whom they went to; None: all."""
    cursor = await connection.execute(
        QUERIES["select_notices"],
        {"case_ids": bigints(case_ids), "party_id": party_id, "administration_id": administration_id},
    )
    return [Notice(*row) for row in await cursor.fetchall()]


async def select_texts(
    connection: Connection, versions: Collection[int], *, administration_id: int
) -> dict[int, list[Text]]:
    """Return texts by version, as they were served."""
    cursor = await connection.execute(
        QUERIES["select_texts"],
        {"versions": bigints(sorted(versions)), "administration_id": administration_id},
    )
    found: dict[int, list[Text]] = {}
    for version, *columns in await cursor.fetchall():
        found.setdefault(version, []).append(Text(*columns))
    return found

"""Erasing a person everywhere in a case, or restricting them until the law lets it happen.

A person of a case has a record in each of its documents; one is asked about, all go. What of free text names
the person goes first, while the names are there to look for; then what confirms a guess outside the vault;
then the person's keys, those asked about last: after a crash whoever asks again has less to do.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.formats.decoded import KINDS
from serai.foundation.id_text import format_id
from serai.foundation.ids import first_id_at, following
from serai.foundation.telemetry import telemetry
from serai.foundation.vault.erasure import Erasure, erase, erase_words
from serai.foundation.vault.reading import Reach, open_messages, open_people, select_records
from serai.foundation.vault.records import Opened
from serai.foundation.vault.restriction import (
    Restriction,
    end_restrictions,
    restrict,
    select_restrictions,
)
from serai.foundation.vault.sealing import Kind, RecordKey
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.descriptions.goods_words import shipped_goods_words
from serai.journey.documents import erased_words as words
from serai.journey.documents import store as document_store
from serai.journey.erasure import store
from serai.journey.erasure.grounds import Facts, Ground, find_ground
from serai.journey.permits.registering import person_hash
from serai.journey.retention.holds import select_holds
from serai.journey.retention.lawful_periods import shipped_periods
from serai.journey.revenue import store as revenue_store
from serai.journey.services import Services
from serai.journey.tracking import case_store
from serai.model.acts import LESSENING, kinds_with, net_amounts
from serai.model.documents import IDENTIFIERS, roles_of
from serai.model.errors import SeraiError
from serai.model.names.normalised import normalise_name

Connection = AsyncConnection[Any]

PURPOSE: Final = "erasure"
_COMING: Final = timedelta(hours=1)
"""So long before people are read a document of theirs may have got its number and not be there yet."""
_RECEIVING: Final = frozenset({"buyer", "consignee", "importer"})
_COUNTED: Final = _RECEIVING | {"consignor", "seller"}
_DECODERS: Final = {kind: msgspec.json.Decoder(one) for kind, one in KINDS.items()}


class Asked(msgspec.Struct, frozen=True):
    """Who is to be erased, why (a word), on whose word."""

    person_id: int
    asked_for: str
    actor: str
    at: datetime


class Outcome(msgspec.Struct, frozen=True):
    """What became of it. ground: what forbids it yet; None: nothing. person_ids: the records that are one
    person, erased or restricted; none: nobody was there. messages_count: from which words went."""

    ground: Ground | None
    person_ids: Sequence[int] = ()
    messages_count: int = 0
    keys_rotated: int = 0


class _Record(NamedTuple):
    person_id: int
    document_id: int
    role: str
    content: bytes

    @property
    def key(self) -> RecordKey:
        """Person and document."""
        return self.person_id, self.document_id


class _Case(NamedTuple):
    """A case as it is called today, and what it took in."""

    case_ids: Sequence[int]
    facts: Facts


async def erase_person(services: Services, asked: Asked) -> Outcome:
    """Erase a person of a case, or restrict them where a ground forbids it; safe to repeat.

    Raises VaultError `vault-epoch-unknown`.
    """
    case, records = await _find(services, asked)
    return await _go_on(services, asked, case, records)


async def find_ground_of(services: Services, asked: Asked) -> Ground | None:
    """Return what forbids that a person is erased now; None: nothing. Nobody is opened for that."""
    case, _ = await _find(services, asked)
    return None if case is None else _ground_of(services, case, asked.at)


async def erase_restricted(services: Services, at: datetime) -> int:
    """Erase who was asked to be erased and whose ground has ended; returns how many records.

    Who cannot be erased now, as the keys of an epoch are lost, is set aside, which is told: the next try may
    do.
    """
    async with services.database.write() as connection:
        waiting = await select_restrictions(connection, administration_id=services.administration_id)
    erased: set[int] = set()
    aside: list[str] = []
    for one in waiting.values():
        if one.person_id in erased or (one.until is not None and one.until > at):
            continue
        try:
            outcome = await _erase_waiting(services, one, at)
        except SeraiError as fault:
            aside.append(fault.code)
            continue
        if outcome.ground is None:
            erased.update(outcome.person_ids)
    if aside:
        telemetry().error("erasures-set-aside", code=aside[0], rows_count=len(aside))
    return len(erased)


async def _erase_waiting(services: Services, waiting: Restriction, at: datetime) -> Outcome:
    """Try again. While the law forbids it nobody is opened for that, but for documents that have come since
    and may name the person, too."""
    asked = Asked(waiting.person_id, waiting.asked_for, waiting.actor, at)
    case, records = await _find(services, asked)
    ground = None if case is None else _ground_of(services, case, at)
    before_id = first_id_at(waiting.read_at - _COMING)
    if ground is None or any(document_id >= before_id for (_, document_id), _ in records):
        return await _go_on(services, asked, case, records)
    if (ground.code, ground.until) != (waiting.ground, waiting.until):
        changed = msgspec.structs.replace(waiting, ground=ground.code, until=ground.until)
        async with services.database.write() as connection:
            await restrict(connection, changed, administration_id=services.administration_id)
    return Outcome(ground, [waiting.person_id])


async def _go_on(
    services: Services, asked: Asked, case: _Case | None, records: Sequence[tuple[RecordKey, str]]
) -> Outcome:
    if case is None:
        # Of no case, or erased before: what a crash has left is completed.
        done = await erase(services.database.write, services.keyring, _of(services, asked, asked.person_id))
        return Outcome(None, [asked.person_id] if done.epoch_ids else [], 0, len(done.epoch_ids))
    ground = _ground_of(services, case, asked.at)
    people = await _same_person(services, records, asked)
    if ground is not None:
        await _restrict(services, people, ground, asked)
        return Outcome(ground, [one.person_id for one in people])
    return await _erase(services, case, people, asked)


def _ground_of(services: Services, case: _Case, at: datetime) -> Ground | None:
    return find_ground(case.facts, shipped_periods(), services.country_code, at)


async def _find(services: Services, asked: Asked) -> tuple[_Case | None, list[tuple[RecordKey, str]]]:
    """Return the case of a person, and all records of people in it, with their roles."""
    async with services.database.write() as connection:
        return await _find_in(services, connection, asked)


async def _find_in(
    services: Services, connection: Connection, asked: Asked
) -> tuple[_Case | None, list[tuple[RecordKey, str]]]:
    administration_id = services.administration_id
    held = await select_records(connection, asked.person_id, administration_id=administration_id)
    case_ids = await store.select_family(
        connection, [document_id for _, document_id in held], administration_id=administration_id
    )
    if not case_ids:
        return None, []
    documents = await document_store.select_documents_of_cases(
        connection, administration_id=administration_id, case_ids=case_ids
    )
    records = [
        ((person_id, one.document_id), role)
        for one in documents
        if (roles := roles_of(one.person_roles))
        for person_id, role in zip(following(one.first_person_id, len(roles)), roles, strict=True)
    ]
    standing = await store.select_standing(connection, case_ids, administration_id=administration_id)
    holds = await select_holds(connection, case_ids, administration_id=administration_id)
    facts = Facts(
        [one.ground for one in holds],
        standing.is_open,
        await _owes(connection, case_ids, administration_id),
        standing.has_task,
        standing.last_at,
    )
    return _Case(case_ids, facts), records


async def _owes(connection: Connection, case_ids: Sequence[int], administration_id: int) -> bool:
    owed: Counter[str] = Counter()
    for due in await revenue_store.select_border_dues(
        connection, case_ids, administration_id=administration_id
    ):
        owed[due.currency_code] += due.amount_minor
    kinds = (*kinds_with("payment"), *kinds_with("security"))
    standing = await select_standing_acts(connection, case_ids, kinds, administration_id=administration_id)
    for act in net_amounts([one for _, one in standing], format_id):
        if act.kind in LESSENING and act.kind not in kinds_with("payment"):
            continue
        owed[act.parameters["currency_code"]] -= act.parameters["amount_minor"]
    return any(amount_minor > 0 for amount_minor in owed.values())


async def _same_person(
    services: Services, records: Sequence[tuple[RecordKey, str]], asked: Asked
) -> list[_Record]:
    """Return the records of a case that are of one person: like the one asked about, or like one like it."""
    roles = dict(records)
    reach = Reach(services.administration_id, PURPOSE, asked.actor, asked.at)
    opened = await open_people(services.database.write, services.keyring, list(roles), reach)
    people = [_Record(*key, roles[key], one.value) for key, one in opened.items()]
    if any(one.person_id == asked.person_id and one.role == IDENTIFIERS for one in people):
        return [one for one in people if one.person_id == asked.person_id]
    rest = [one for one in people if one.role != IDENTIFIERS]
    own = [place for place, one in enumerate(rest) if one.person_id == asked.person_id]
    found = [rest[place] for place in words.find_same_person([one.content for one in rest], own)]
    # Numbers under which registers name the parties of a document are mostly the receiver's.
    receiving = {one.document_id for one in found if one.role in _RECEIVING}
    found += [one for one in people if one.role == IDENTIFIERS and one.document_id in receiving]
    return found


async def _restrict(services: Services, people: Sequence[_Record], ground: Ground, asked: Asked) -> None:
    async with services.database.write() as connection:
        for one in people:
            await restrict(
                connection,
                Restriction(
                    *(one.person_id, asked.asked_for, ground.code, ground.until, asked.actor),
                    restricted_at=asked.at,
                    read_at=asked.at,
                ),
                administration_id=services.administration_id,
            )


async def _erase(services: Services, case: _Case, people: Sequence[_Record], asked: Asked) -> Outcome:
    named = words.name_person(
        [one.content for one in people if one.role != IDENTIFIERS], _plain_goods_words()
    )
    left = await _erase_words(services, case, named, asked)
    await _forget(services, case, people, named, left)
    keys_rotated = 0
    for one in sorted(people, key=lambda one: one.person_id == asked.person_id):
        done = await erase(services.database.write, services.keyring, _of(services, asked, one.person_id))
        keys_rotated += len(done.epoch_ids)
    ids = [one.person_id for one in people]
    async with services.database.write() as connection:
        await end_restrictions(connection, ids, administration_id=services.administration_id)
    return Outcome(None, ids, len(left), keys_rotated)


async def _erase_words(
    services: Services, case: _Case, named: words.Named, asked: Asked
) -> Mapping[int, bytes]:
    """Erase the words that name a person out of all messages of a case; returns what is left of each."""
    administration_id = services.administration_id
    async with services.database.write() as connection:
        kinds = await store.select_messages(connection, case.case_ids, administration_id=administration_id)
        keys = await case_store.keys_of_cases(connection, case.case_ids, administration_id=administration_id)
        events = await store.select_sealed_events(
            connection, [key for _, key, _ in keys], administration_id=administration_id
        )
    reach = Reach(administration_id, PURPOSE, asked.actor, asked.at)
    opened = await open_messages(
        services.database.write, services.keyring, services.codec, [*kinds, *events], reach
    )
    # A case may hold many messages: others are answered meanwhile.
    left = await asyncio.to_thread(_left_of, opened, kinds, named)
    erasure = msgspec.structs.replace(_of(services, asked, asked.person_id), kind=Kind.WORDS)
    await erase_words(services.database.write, services.keyring, erasure, left)
    return left


def _left_of(
    opened: Mapping[int, Opened], kinds: Mapping[int, str | None], named: words.Named
) -> dict[int, bytes]:
    """Return what is left of each message that named the person; b"": nothing."""
    changed = {message_id: words.erase_words(one.value, named) for message_id, one in opened.items()}
    return {
        message_id: content if _is_readable(kinds.get(message_id), content) else b""
        for message_id, content in changed.items()
        if content is not None
    }


def _is_readable(kind: str | None, content: bytes) -> bool:
    """Say whether a document without some words is still one: marks may be longer than a field may be."""
    if kind is None:
        return True
    try:
        _DECODERS[kind].decode(content)
    except msgspec.ValidationError:
        return False
    return True


async def _forget(
    services: Services,
    case: _Case,
    people: Sequence[_Record],
    named: words.Named,
    left: Mapping[int, bytes],
) -> None:
    """Take away what names or confirms a person outside the vault."""
    administration_id = services.administration_id
    async with services.database.write() as connection:
        await store.forget_events(connection, sorted(left), administration_id=administration_id)
        if any(one.role in _COUNTED for one in people):
            await store.forget_beneficiaries(connection, case.case_ids, administration_id=administration_id)
        if any(one.role in _RECEIVING for one in people):
            hashes = sorted(_permit_hashes(services, people))
            await store.forget_permit_holders(
                connection, case.case_ids, hashes, administration_id=administration_id
            )
        texts = await store.select_act_texts(connection, case.case_ids, administration_id=administration_id)
        roles = sorted({one.role for one in people})
        await store.forget_listed_names(connection, case.case_ids, roles, administration_id=administration_id)
        bare = [(one, _without_names(one, named, roles)) for one in texts]
        changed = [after for before, after in bare if after != before]
        if changed:
            await store.erase_act_texts(connection, changed, administration_id=administration_id)


def _permit_hashes(services: Services, people: Sequence[_Record]) -> set[bytes]:
    """Return by which hashes people may hold permits."""
    numbers = {msgspec.json.decode(one.content).get("identity_number") for one in people if one.content}
    return {person_hash(services.pseudonymiser, number) for number in numbers if number}


def _without_names(text: store.ActText, named: words.Named, roles: Sequence[str]) -> store.ActText:
    if "entry" in text.parameters and text.parameters.get("role") in roles:
        # Of a verdict on a listed name stays that there was one.
        return text._replace(parameters={"verdict": text.parameters["verdict"]})
    if "holder" in text.parameters and not _RECEIVING.isdisjoint(roles):
        # By which hash of a person a permit was shown; what it gave stays.
        left = {name: value for name, value in text.parameters.items() if name != "holder"}
        text = text._replace(parameters=left)
    reference, account = text.reference, text.parameters.get("account")
    if reference is not None and words.erase_from(reference, named) != reference:
        text = text._replace(reference=f"erased-{text.act_id}")
    if account is not None:
        text = text._replace(parameters={**text.parameters, "account": words.erase_from(account, named)})
    return text


def _of(services: Services, asked: Asked, person_id: int) -> Erasure:
    return Erasure(Kind.PERSON, services.administration_id, person_id, asked.asked_for, asked.actor, asked.at)


@cache
def _plain_goods_words() -> frozenset[str]:
    return frozenset(
        word
        for by_code in shipped_goods_words().words.values()
        for texts in by_code.values()
        for text in texts
        for word in normalise_name(text).split()
    )

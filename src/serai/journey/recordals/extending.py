"""Periods made longer: the time of a holder of detained goods to begin proceedings, and a recordal itself.

A holder asks, an officer decides. A request changes nothing by itself: until it is granted, the period ends
as it would without it.
"""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.id_text import format_id
from serai.journey.consignments import store as consignment_store
from serai.journey.documents.submission import Sender
from serai.journey.law_in_force.service import First
from serai.journey.linking.case_locks import lock_roots
from serai.journey.measure_rules.rights_law import rights_law_of
from serai.journey.processing.notify import notify_case
from serai.journey.processing.transaction import Processor
from serai.journey.recordals import detention_store
from serai.journey.recordals import store as recordal_store
from serai.journey.recordals.clocks import ExtensionAnswer
from serai.journey.recordals.detaining import (
    RightsDetention,
    days_to_extend,
    detention_ended,
    detention_out,
    due_at,
    law_now,
    lock_detention,
    read_again,
    record_answer,
)
from serai.journey.recordals.detention_store import Connection, DetentionRow
from serai.journey.recordals.following import tell_holder
from serai.journey.recordals.service import (
    RecordalOut,
    end_of,
    extension_to_max,
    find_recordal,
    lock_recordal,
    put_marks,
    read_after,
    recordal_faulty,
    recordal_out,
    require_place,
    whose,
)
from serai.journey.recordals.store import RecordalRow
from serai.journey.services import Services
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

EXTENDED: Final = "rights-period-extended"
_Reason = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")]


class RightsExtensionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """More time to begin proceedings. days: working days. reason_code: why, a kebab-case word."""

    days: Annotated[int, Meta(ge=1, le=90)]
    reason_code: _Reason


# ---- detained goods ----


async def ask_for_time(
    processor: Processor, sender: Sender, detention_id: int, asked: RightsExtensionRequest
) -> RightsDetention:
    """Ask, as the holder of a right, for more time to begin proceedings; once. The same again is harmless.

    Raises SeraiError `not-found`, `rights-extension-asked`, `rights-not-extendable`,
    `rights-detention-ended`.
    """
    services, at = processor.services, processor.services.clock.now()
    key: dict[str, Any] = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> DetentionRow:
        row = await lock_detention(services, connection, detention_id, holder_party_id=sender.party_id)
        if row.extension_asked_at is not None:
            if (row.extension_days, row.extension_reason_code) == (asked.days, asked.reason_code):
                return row
            raise _asked_before()
        _require_extendable(services, row, asked.days, at)
        await record_answer(processor, connection, sender, row, side="holder", answer="asks-extension")
        await detention_store.execute(
            connection,
            "ask_extension",
            detention_id=detention_id,
            days=asked.days,
            reason_code=asked.reason_code,
            at=at,
            acting_user=sender.acting_user,
            **key,
        )
        return await read_again(services, connection, detention_id)

    return detention_out(services, await processor.write(work), sender)


async def decide_on_time(
    processor: Processor, sender: Sender, detention_id: int, answer: ExtensionAnswer, time_zone: str
) -> RightsDetention:
    """Decide, as an officer, on a request for more time; where it is granted, holder and parties of the case
    are told. The same again is harmless. time_zone: in which days are counted.

    Raises SeraiError `not-found`, `rights-extension-not-asked`, `rights-answered`, `rights-detention-ended`.
    """
    services, at = processor.services, processor.services.clock.now()
    key: dict[str, Any] = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> DetentionRow:
        # A case is locked before what hangs on it.
        seen = await read_again(services, connection, detention_id)
        consignments = await consignment_store.select_consignments(connection, [seen.consignment_id], **key)
        await lock_roots(connection, [one.case_id for one in consignments])
        row = await lock_detention(services, connection, detention_id)
        if row.extension_answer == answer:
            return row
        until = _require_decidable(row, at)
        if answer == "granted":
            # The days that are granted follow the last one of the period.
            last_instant = until - dt.timedelta(microseconds=1)
            until = due_at(services, last_instant, row.extension_days or 0, time_zone)
            happened = [(one.case_id, one.party_id, one.decision_id) for one in consignments]
            await notify_case(services, connection, EXTENDED, happened, at)
            await tell_holder(services, connection, row, EXTENDED, at)
        await record_answer(processor, connection, sender, row, side="officer", answer=f"extension-{answer}")
        await detention_store.execute(
            connection,
            "decide_extension",
            detention_id=detention_id,
            answer=answer,
            holder_due_at=until,
            at=at,
            acting_user=sender.acting_user,
            **key,
        )
        return await read_again(services, connection, detention_id)

    return detention_out(services, await processor.write(work), sender)


def _require_extendable(services: Services, row: DetentionRow, days: int, at: dt.datetime) -> None:
    law = law_now(services)
    if row.ended_at is not None or (row.holder_due_at is not None and at >= row.holder_due_at):
        raise detention_ended("The time to answer has passed.")
    days_max = days_to_extend(law, row, at)
    if days_max is None:
        raise SeraiError(
            "rights-not-extendable",
            "More time is given to begin proceedings alone, and not for goods that do not keep.",
            "Say first that the goods infringe the right, if they do; else answer in time.",
        )
    if days > days_max:
        raise SeraiError(
            "rights-not-extendable",
            MessageText("At most {days_max} working days are added.", days_max=days_max),
            "Ask for fewer days.",
        )


def _require_decidable(row: DetentionRow, at: dt.datetime) -> dt.datetime:
    """Return when the period ends now."""
    if row.extension_asked_at is None:
        raise _not_asked()
    if row.extension_answer is not None:
        raise SeraiError(
            "rights-answered",
            "This was answered before, and otherwise.",
            "Read when the holder's time ends now.",
        )
    if row.ended_at is not None or row.holder_due_at is None or at >= row.holder_due_at:
        raise detention_ended("The time that was to be made longer has passed.")
    return row.holder_due_at


# ---- recordals ----


async def ask_to_extend(
    services: Services, sender: Sender, recordal_id: int, last_day: dt.date, time_zone: str
) -> RecordalOut:
    """Ask, as its holder, that a recordal lasts longer. The same again is harmless. time_zone: in which its
    last day ends.

    Raises SeraiError `not-found`, `recordal-not-in-force`, `rights-extension-asked`, `recordal-faulty`.
    """
    at, key = services.clock.now(), {"administration_id": services.administration_id}
    until = end_of(last_day, time_zone)
    async with services.database.write() as connection:
        row = await lock_recordal(services, connection, recordal_id, party_id=whose(sender))
        if row.extension_asked_at is not None and row.extension_answer is None:
            if row.extension_to == until:
                return recordal_out(services, row)
            raise _asked_before()
        _require_longer(services, row, until, at)
        await recordal_store.execute(
            connection,
            "ask_extension",
            recordal_id=recordal_id,
            extension_to=until,
            is_late=_is_late(services, row, at, time_zone),
            at=at,
            acting_user=sender.acting_user,
            **key,
        )
        return recordal_out(services, await find_recordal(services, connection, sender, recordal_id))


async def check_extendable(services: Services, recordal_id: int) -> RecordalOut:
    """Return a recordal for which an officer may grant what was asked for. Raises SeraiError `not-found`,
    `rights-extension-not-asked`, `recordal-decided`."""
    async with services.database.write() as connection:
        row = await lock_recordal(services, connection, recordal_id)
        _require_asked(row, services.clock.now())
    return recordal_out(services, row)


async def extend_recordal(
    services: Services,
    by: ActingUser,
    recordal_id: int,
    *,
    extension_to: dt.datetime | None = None,
    first: First | None = None,
) -> RecordalOut:
    """Let a recordal last as long as was asked for. Again is harmless. first: of an approval; extension_to:
    what that is of, where the request may be another one now.

    A request that was made in time is granted even after the recordal has expired: it is in force again.
    Raises SeraiError `not-found`, `rights-extension-not-asked`, `recordal-decided`, `recordals-too-many`.
    """

    async def extend(connection: Connection) -> None:
        if first is not None:
            await first(connection)
        row = await lock_recordal(services, connection, recordal_id)
        if row.extension_answer == "granted" and extension_to in (None, row.extension_to):
            return
        _require_asked(row, by.at)
        if extension_to not in (None, row.extension_to):
            raise _decided_before()
        if not row.is_in_force(by.at):
            await require_place(services, connection, by.at)
        await _decide(connection, by, row, "granted")

    await put_marks(services.database, services.administration_id, by.at, "recordal extended", first=extend)
    return await read_after(services, recordal_id)


async def refuse_to_extend(
    services: Services, by: ActingUser, recordal_id: int, *, reason_code: str
) -> RecordalOut:
    """Refuse to let a recordal last longer. Again is harmless. Raises SeraiError `not-found`,
    `rights-extension-not-asked`, `recordal-decided`."""
    async with services.database.write() as connection:
        row = await lock_recordal(services, connection, recordal_id)
        if row.extension_answer != "refused":
            _require_asked(row, by.at)
            await _decide(connection, by, row, "refused", reason_code)
        return recordal_out(services, await lock_recordal(services, connection, recordal_id))


async def _decide(
    connection: Connection, by: ActingUser, row: RecordalRow, answer: ExtensionAnswer, reason_code: str = ""
) -> None:
    assert row.extension_to is not None, "it was asked for"
    await recordal_store.execute(
        connection,
        "decide_extension",
        recordal_id=row.recordal_id,
        answer=answer,
        reason_code=reason_code or None,
        at=by.at,
        acting_user=by.actor,
        administration_id=by.administration_id,
    )
    subject = format_id(row.recordal_id)
    if answer == "granted":
        await record_act(connection, by, "recordal-extended", subject, row.extension_to.isoformat())
    else:
        await record_act(connection, by, "recordal-extension-refused", subject, reason_code)


def _require_asked(row: RecordalRow, at: dt.datetime) -> None:
    if row.extension_asked_at is None or row.extension_to is None:
        raise _not_asked()
    if row.extension_answer is not None or row.ended_at is not None or at >= row.extension_to:
        raise _decided_before()


def _require_longer(services: Services, row: RecordalRow, until: dt.datetime, at: dt.datetime) -> None:
    if not row.is_in_force(at):
        raise SeraiError(
            "recordal-not-in-force",
            "A recordal is extended while it is in force.",
            "Lodge another one, with a reference of its own.",
        )
    latest = extension_to_max(services, row)
    if latest is None:
        raise recordal_faulty("This law knows no extension. Lodge another recordal.")
    if not row.valid_to < until <= latest:
        raise recordal_faulty("Let the last day lie after the present one, at most as long as the law says.")


def _is_late(services: Services, row: RecordalRow, at: dt.datetime, time_zone: str) -> bool:
    law = rights_law_of(services.country_code, at).recordal.extension
    if law is None or law.asked_before_days is None:
        return False
    return due_at(services, at, law.asked_before_days, time_zone) > row.valid_to


def _asked_before() -> SeraiError:
    return SeraiError(
        "rights-extension-asked",
        "This was asked for before, and otherwise.",
        "Wait for the officer's decision.",
    )


def _decided_before() -> SeraiError:
    return SeraiError(
        "recordal-decided",
        "This request was decided before, or the recordal has ended.",
        "Read the recordal: its holder can ask again while it is in force.",
    )


def _not_asked() -> SeraiError:
    return SeraiError(
        "rights-extension-not-asked",
        "Nobody has asked for it.",
        "Wait until the holder asks.",
    )

"""Telling an act to whom it reaches, in its own transaction: by the feed of events, which webhooks and pages
read, and by e-mail to the people of each party."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.notification import store
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.mailing.addresses import read_email
from serai.journey.mailing.service import OfAct, Recipient, queue_notice
from serai.journey.matching import store as matching_store
from serai.journey.measure_rules.governing_law import governing_law
from serai.journey.measure_rules.hearing_rules import OPENED
from serai.journey.processing.notify import notify_case
from serai.journey.processing.transaction import Processor
from serai.journey.texts.catalogue import find_text
from serai.model.acts import MEASURE_FINDINGS, MEASURE_REASON, Act
from serai.model.languages import DEFAULT_LANGUAGE

Connection = AsyncConnection[Any]

TOLD_AT_ONCE: Final = frozenset({"hold", "examination-ordered", "suspension", "detention", "seizure"})
"""Measures that keep goods at the border: whoever declared or carries them is told promptly (WTO Agreement on
Trade Facilitation, article 5.2)."""
MEASURE_TAKEN: Final = "measure-taken"
PROOF_WITHIN: Final = timedelta(hours=24)
"""For how long proof is awaited where a way is known; where none is, an officer is asked at once."""
PEOPLE_COUNT_MAX: Final = 20
"""Of one party, to whom one act is written."""


class _Telling(NamedTuple):
    """What is told. parties: whom it is written to and proof is awaited from; the event goes to all in the
    case. event_kind: of the event, and of the e-mail; words: of that in a language."""

    act: Act
    consignment: ConsignmentRow
    parties: set[int]
    event_kind: str
    words: Callable[[str], Mapping[str, str]]


async def tell_hearing(processor: Processor, connection: Connection, hearing: Act) -> None:
    """Tell the parties of a case that a hearing has begun; its declarant gets the ground by e-mail, too."""
    consignment = await _consignment(processor, connection, hearing)
    law = (await governing_law(processor, connection, consignment)).law.hearing

    def words(language: str) -> Mapping[str, str]:
        return {
            **_common(hearing, consignment),
            "reason": _reason(hearing, language),
            "law": law.law_reference,
            "days": str(law.days),
        }

    telling = _Telling(hearing, consignment, {consignment.party_id}, OPENED, words)
    await _tell(processor, connection, telling)


async def tell_measure(processor: Processor, connection: Connection, measure: Act) -> None:
    """Tell the parties of a case that its goods are kept; declarant and carrier get reason, law, place and
    remedy by e-mail, too."""
    services = processor.services
    consignment = await _consignment(processor, connection, measure)
    parties = (await matching_store.select_parties(connection, [measure.case_id])).get(measure.case_id, set())
    carriers = await store.select_carriers(connection, parties, administration_id=services.administration_id)
    place = await _place(processor, connection, consignment)

    def words(language: str) -> Mapping[str, str]:
        text = find_text(MEASURE_FINDINGS[measure.kind], language)
        assert text is not None, "every measure that moves goods has its words"
        return {
            **_common(measure, consignment),
            "measure": text.sentence,
            "reason": _reason(measure, language),
            "law": measure.law_reference or "",
            "remedy": text.remedy,
            "appeal": text.appeal or "",
            "place": place,
        }

    reached = {consignment.party_id, *carriers}
    telling = _Telling(measure, consignment, reached, MEASURE_TAKEN, words)
    await _tell(processor, connection, telling)


async def _tell(processor: Processor, connection: Connection, telling: _Telling) -> None:
    services = processor.services
    act, consignment, parties, event_kind, _ = telling
    key = {"administration_id": services.administration_id}
    told = [(act.case_id, consignment.party_id, consignment.decision_id)]
    await notify_case(services, connection, event_kind, told, act.at)
    written = await _write(processor, connection, telling)
    hooked = await store.select_hooked(connection, parties, event_kind, **key)
    for party_id in sorted(parties):
        has_way = party_id in written or party_id in hooked
        await store.execute(
            connection,
            "insert_act_notice",
            act_id=act.act_id,
            party_id=party_id,
            case_id=act.case_id,
            consignment_id=consignment.consignment_id,
            at=act.at,
            due_at=act.at + PROOF_WITHIN if has_way else act.at,
            event_kind=event_kind,
            **key,
        )


async def _write(processor: Processor, connection: Connection, telling: _Telling) -> set[int]:
    """Queue an e-mail to each person of the parties who has an address; return those of them who have one."""
    services = processor.services
    act = telling.act
    if services.notice_seal is None:
        return set()
    people = await store.select_people(
        connection, telling.parties, administration_id=services.administration_id
    )
    written: dict[int, int] = {}
    for person in people:
        address = read_email(person.address)
        if address is None or written.get(person.party_id, 0) >= PEOPLE_COUNT_MAX:
            continue
        written[person.party_id] = written.get(person.party_id, 0) + 1
        language = person.language or DEFAULT_LANGUAGE
        await queue_notice(
            services,
            connection,
            telling.event_kind,
            Recipient("email", address),
            seal=services.notice_seal,
            language=language,
            parameters=telling.words(language),
            case_id=act.case_id,
            about=OfAct(act.act_id, person.party_id),
        )
    return set(written)


async def _consignment(processor: Processor, connection: Connection, act: Act) -> ConsignmentRow:
    """Return what an act is about, with the decision that stands after it."""
    (consignment,) = await consignment_store.select_consignments(
        connection, [act.subject_id], administration_id=processor.services.administration_id
    )
    return consignment


async def _place(processor: Processor, connection: Connection, consignment: ConsignmentRow) -> str:
    """Return the customs office that has the case, in one line."""
    if processor.office_book is None:
        return ""
    offices = await processor.office_book.in_force(connection, processor.services.clock.now())
    office = offices.responsible_for(consignment.consignee_country_code, consignment.logistics_channel_code)
    return ", ".join(part for part in (office.name, office.address, office.hours, office.contact) if part)


def _common(act: Act, consignment: ConsignmentRow) -> dict[str, str]:
    return {"case": format_id(act.case_id), "parcel": consignment.reference}


def _reason(act: Act, language: str) -> str:
    code = act.reason_code or ""
    text = find_text(f"{MEASURE_REASON}{code}", language)
    return code if text is None else text.sentence

"""Whose statement is read, and reading it: of a party its own, of the administration's people that of the
party they name."""

from decimal import Decimal
from typing import Any

import msgspec
from litestar import Request

from serai.foundation.access.actor import ADMINISTRATION
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.journey.cases.page_words import tax_titles
from serai.journey.payment_accounts.store import select_account
from serai.journey.processing.transaction import Processor
from serai.journey.revenue.payment_advice import Payee, advise_payment
from serai.journey.statements import service, store
from serai.journey.statements.answers import (
    AmountsPayableOut,
    MonthsOut,
    Payer,
    StatementOut,
    debts_out,
    months_out,
    statement_out,
)
from serai.journey.statements.period import read_month
from serai.journey.statements.service import Surroundings
from serai.journey.statements.store import Connection, Party
from serai.model.errors import SeraiError
from serai.portal.statement.document import Reader

AnyRequest = Request[Any, Any, Any]


async def read_own_statement(request: AnyRequest, period: str, party: str | None) -> StatementOut:
    """Return a statement. period: such as 2026-11. party: whose; None: of whoever asks. Raises SeraiError
    `not-found`, `statement-period-faulty`."""
    around = _around(request)
    month = read_month(period, around.time_zone)
    of = _whose(request, party)
    async with kit_of(request).database.read(of.administration_id, in_one_snapshot=True) as connection:
        payer = await _payer(connection, of)
        found = statement_out(payer, await service.read_statement(connection, of, month, around))
        return await _with_advice(request, connection, of, found)


async def _with_advice(
    request: AnyRequest, connection: Connection, of: Party, found: StatementOut
) -> StatementOut:
    """Say of each registered account on which something is open how it is paid."""
    settings = provided(request, Settings)
    numbers = settings.payment.accounts.split()
    payee = Payee(settings.payment.payee or settings.administration.name, numbers[0]) if numbers else None
    sections = []
    for one in found.sections:
        advice = None
        if payee is not None and one.account in store.DEFERRED and one.number:
            account = await select_account(
                connection, one.number, party_id=of.party_id, administration_id=of.administration_id
            )
            is_owed = account is not None and Decimal(one.closing_amount) > 0
            number = "" if account is None else format_id(account.account_id)
            advice = advise_payment(payee, number, is_owed=is_owed)
        sections.append(msgspec.structs.replace(one, payment_advice=advice))
    return msgspec.structs.replace(found, sections=sections)


async def read_own_debts(request: AnyRequest, party: str | None) -> AmountsPayableOut:
    """Return what is owed now. party: as for a statement. Raises SeraiError `not-found`."""
    of = _whose(request, party)
    async with kit_of(request).database.read(of.administration_id, in_one_snapshot=True) as connection:
        payer = await _payer(connection, of)
        return debts_out(payer, await service.read_debts(connection, of, _around(request)))


async def list_own_months(request: AnyRequest, party: str | None) -> MonthsOut:
    """Return the months there are statements of. Raises SeraiError `not-found`."""
    of = _whose(request, party)
    async with kit_of(request).database.read(of.administration_id, in_one_snapshot=True) as connection:
        await _payer(connection, of)
        return months_out(await service.list_months(connection, of, _around(request)))


def reader_of(request: AnyRequest, language: str) -> Reader:
    """Return by what a document is written in a language."""
    packs = (one.pack for one in provided(request, Processor).law.book.packs.values())
    time_zone = provided(request, Settings).administration.time_zone
    return Reader(language, time_zone, tax_titles(packs, language))


def _around(request: AnyRequest) -> Surroundings:
    processor, kit = provided(request, Processor), kit_of(request)
    return Surroundings(
        processor.law.book,
        processor.services.country_code,
        provided(request, Settings).administration.time_zone,
        kit.clock.now(),
    )


def _whose(request: AnyRequest, party: str | None) -> Party:
    """Return whose accounts are read. Another party's are answered as those of one that does not exist."""
    actor, kit = actor_of(request), kit_of(request)
    asked = None if party is None else _party_id(party)
    if actor.roles & ADMINISTRATION:
        if asked is None:
            raise SeraiError(
                "statement-of-whom",
                "A statement is of a party, and you are of the administration.",
                "Name the party: ?party= and its number, as GET /v1/parties has it.",
            )
        return Party(asked, kit.administration_id)
    if actor.party_id is None or asked not in (None, actor.party_id):
        raise _not_found()
    return Party(actor.party_id, kit.administration_id)


def _party_id(text: str) -> int:
    try:
        return parse_id(text)
    except SeraiError as fault:
        raise _not_found() from fault


async def _payer(connection: Connection, of: Party) -> Payer:
    name = await store.select_party_name(connection, of)
    if name is None:
        raise _not_found()
    return Payer(of.party_id, name)


def _not_found() -> SeraiError:
    return SeraiError(
        "not-found", "There is no such statement.", "Read GET /v1/statements for those that you may read."
    )

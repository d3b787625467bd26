"""Opening, reading and closing payment accounts."""

from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.registry import find_party
from serai.foundation.id_text import format_id
from serai.journey.payment_accounts import store
from serai.journey.payment_accounts.store import PaymentAccount
from serai.journey.payment_accounts.ways import AccountWay, shipped_ways
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]


class AccountTerms(msgspec.Struct, frozen=True):
    """An account as it is to be opened. As `PaymentAccount`."""

    party_id: int
    number: str
    way: AccountWay
    currency_code: str
    limit_minor: int


async def open_account(
    connection: Connection, by: ActingUser, terms: AccountTerms
) -> tuple[PaymentAccount, bool]:
    """Open an account in the caller's transaction; return it, and whether it is new.

    The same again finds the same. Raises SeraiError `payment-account-faulty`, `reference-reused`,
    `party-unknown`.
    """
    way = shipped_ways()[terms.way]
    if way.has_limit != (terms.limit_minor > 0):
        raise _faulty(
            MessageText("See to it that an account of this way has a limit: {way}.", way=way.code)
            if way.has_limit
            else MessageText("See to it that an account of this way has no limit: {way}.", way=way.code)
        )
    party = await find_party(connection, by.administration_id, terms.party_id)
    if way.held_by and not set(way.held_by) & set(party.roles):
        raise _faulty(
            MessageText(
                "See to it that its holder has one of the roles: {listed}.", listed=", ".join(way.held_by)
            )
        )
    key = {"administration_id": by.administration_id}
    account = PaymentAccount(account_id=by.take_id(), opened_at=by.at, **msgspec.structs.asdict(terms))
    stands = await store.insert_account(connection, account, **key)
    is_new = stands.account_id == account.account_id
    if is_new:
        await record_act(connection, by, "payment-account-opened", _subject(account), account.way)
    elif any(getattr(stands, name) != getattr(terms, name) for name in terms.__struct_fields__):
        raise SeraiError(
            "reference-reused",
            MessageText("Another payment account was opened under the number {number}.", number=terms.number),
            "Open this one under a number of its own; to change a limit, close the old account.",
        )
    return stands, is_new


async def close_account(connection: Connection, by: ActingUser, number: str) -> PaymentAccount:
    """Let nothing more be put on an account. Again changes nothing. Raises SeraiError `not-found`."""
    key = {"administration_id": by.administration_id}
    before = await store.lock_account(connection, number, **key)
    if before is None:
        raise SeraiError(
            "not-found",
            "There is no payment account under this number.",
            "Read GET /v1/payment-accounts for those there are.",
        )
    if before.closed_at is None:
        await store.close_account(connection, number, at=by.at, **key)
        await record_act(connection, by, "payment-account-closed", _subject(before))
    found = await store.select_account(connection, number, **key)
    assert found is not None, "it is held"
    return found


def _subject(account: PaymentAccount) -> str:
    return f"payment account {account.number} of party {format_id(account.party_id)}"


def _faulty(next_step: MessageText) -> SeraiError:
    return SeraiError("payment-account-faulty", "This is no payment account.", next_step)

"""Putting an amount on an account: never more in all than its limit, or than lies on it, whoever asks at
once; and paying into it."""

from typing import Any

from psycopg import AsyncConnection

from serai.journey.payment_accounts import store
from serai.journey.payment_accounts.store import Moved, PaymentAccount
from serai.journey.payment_accounts.ways import shipped_ways
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText
from serai.model.money import format_minor

Connection = AsyncConnection[Any]


def check_usable(found: PaymentAccount | None, currency_code: str) -> PaymentAccount:
    """Return an account if something in a currency may be put on it. found: None, there is none, or it is
    another's. Raises SeraiError `payment-account-unknown`, `payment-account-closed`,
    `payment-account-currency-differs`."""
    if found is None:
        raise account_unknown()
    if found.closed_at is not None or not shipped_ways()[found.way].act:
        raise SeraiError(
            "payment-account-closed",
            MessageText("Nothing can be put on the account {number}.", number=found.number),
            "Use another of your accounts, or pay by reference.",
        )
    if found.currency_code != currency_code:
        raise SeraiError(
            "payment-account-currency-differs",
            MessageText(
                "The account {number} is in {currency_code}, and the amount in {other_code}.",
                number=found.number,
                currency_code=found.currency_code,
                other_code=currency_code,
            ),
            "Use an account in the currency of what is owed, or pay by reference.",
        )
    return found


def account_unknown() -> SeraiError:
    """Return the error of an account that is not there, or another's."""
    return SeraiError(
        "payment-account-unknown",
        "You have no payment account under this number here.",
        "Read GET /v1/payment-accounts for yours, or ask the administration to open it.",
    )


async def draw(
    connection: Connection,
    number: str,
    moved: Moved,
    *,
    currency_code: str,
    administration_id: int,
) -> None:
    """Put an amount on an account for an act, in the caller's transaction, after its cases are locked. Raises
    SeraiError as `check_usable`, and `payment-account-exhausted`."""
    found = check_usable(
        await store.lock_account(connection, number, administration_id=administration_id), currency_code
    )
    if moved.amount_minor > found.available_minor:
        raise SeraiError(
            "payment-account-exhausted",
            MessageText(
                "On the account {number} {currency_code} {left} is left, and {currency_code} {wanted} is to"
                " be put on it.",
                number=number,
                currency_code=currency_code,
                left=format_minor(max(found.available_minor, 0), currency_code),
                wanted=format_minor(moved.amount_minor, currency_code),
            ),
            "Pay into it under its reference, or use another account.",
        )
    await store.insert_movement(connection, found, moved, administration_id=administration_id)

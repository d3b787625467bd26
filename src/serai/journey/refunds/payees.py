"""To which account a payee is paid. The vault alone holds it, with the payee's name."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from stdnum import iban as iban_numbers

from serai.formats.iso20022.message import BankAccount
from serai.foundation.vault.pseudonyms import Purpose
from serai.foundation.vault.reading import Reach, open_messages
from serai.foundation.vault.sealing import RetentionClass
from serai.foundation.vault.writing import write_messages
from serai.journey.refunds import store
from serai.journey.services import Services
from serai.model.errors import SeraiError

Connection = AsyncConnection[Any]

PURPOSE: Final = "refund"
"""For which the vault is read."""


class PayeeAccount(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account at a bank, and in whose name. iban, or other_number where it has none; bic: of its bank."""

    name: str
    iban: str = ""
    other_number: str = ""
    bic: str = ""

    def __repr__(self) -> str:
        return "PayeeAccount(...)"

    @property
    def bank_account(self) -> BankAccount:
        """Return it as a bank message has it."""
        return BankAccount(iban=self.iban, other_number=self.other_number, bic=self.bic)


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(PayeeAccount)


def read_account(given: PayeeAccount) -> PayeeAccount:
    """Return an account as banks write it. Raises SeraiError `refund-account-faulty`."""
    iban = iban_numbers.compact(given.iban) if given.iban else ""
    if bool(iban) == bool(given.other_number):
        raise _faulty("An account has an IBAN, or where its country has none, another number.")
    if iban and not iban_numbers.is_valid(iban):
        raise _faulty("This is no IBAN: its check digits or its length are not right.")
    return msgspec.structs.replace(given, iban=iban)


def payee_of_account(services: Services, number: str) -> bytes:
    """Return the pseudonym of whoever paid from a bank account."""
    (found,) = services.pseudonymiser.pseudonyms(Purpose.MATCH, [b"bank-account:" + number.encode()])
    return found


async def give_account(
    services: Services,
    connection: Connection,
    account: PayeeAccount,
    *,
    party_id: int,
    payee: bytes = b"",
    at: datetime,
) -> None:
    """Keep to which account a payee is paid from now on, in the caller's transaction. What waits for it can
    be paid then. Raises SeraiError `refund-account-faulty`."""
    await give_accounts(services, connection, {(party_id, payee): read_account(account)}, at=at)


async def give_accounts(
    services: Services,
    connection: Connection,
    accounts: Mapping[tuple[int, bytes], PayeeAccount],
    *,
    at: datetime,
) -> None:
    """Keep the accounts of payees (party and pseudonym), as banks write them."""
    if not accounts:
        return
    ids = services.ids.take(len(accounts)).tolist()
    await write_messages(
        connection,
        dict(zip(ids, map(_ENCODER.encode, accounts.values()), strict=True)),
        write=services.database.write,
        epochs=services.epochs,
        codec=services.codec,
        retention_class=RetentionClass.DOCUMENT,
        at=at,
    )
    # In one order everywhere: two who give the same accounts wait, and not for each other.
    for account_id, (party_id, payee) in sorted(zip(ids, accounts, strict=True), key=lambda one: one[1]):
        await store.put_account(
            connection, party_id, payee, account_id, at=at, administration_id=services.administration_id
        )


async def open_accounts(
    services: Services, account_ids: Sequence[int], actor: str, at: datetime
) -> dict[int, PayeeAccount]:
    """Return accounts, those left out that were erased; the vault's ledger tells of it."""
    reach = Reach(services.administration_id, PURPOSE, actor, at)
    opened = await open_messages(
        services.database.write, services.keyring, services.codec, sorted(set(account_ids)), reach
    )
    return {account_id: _DECODER.decode(one.value) for account_id, one in opened.items()}


def _faulty(message: str) -> SeraiError:
    return SeraiError("refund-account-faulty", message, "Correct it and send it again.")

"""Importing a bank statement: each movement is booked once, to the case of its reference, or kept for a
person to look at. What it pays is decided again in the same transaction, some hundred cases at a time.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.formats.iso20022.message import BankMessage, Statement
from serai.formats.iso20022.movement import movements_of
from serai.formats.iso20022.read import read_bank_message
from serai.formats.iso20022.sequence import find_sequence_faults, point_after
from serai.journey.acts.case_acts import First
from serai.journey.bank_statements import store
from serai.journey.bank_statements.booking import Booking
from serai.journey.bank_statements.matching import Found, find_case_of
from serai.journey.bank_statements.store import Booked
from serai.journey.documents.submission import Sender
from serai.journey.processing.transaction import Processor
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.money import format_minor

Connection = AsyncConnection[Any]

CHUNK_COUNT: Final = 1_000
"""Movements in one transaction."""


class StatementImported(msgspec.Struct, frozen=True):
    """What came of a statement. outcomes: movements by what they came to (matching.OUTCOMES). known_count:
    of those that were there already; pending_count: not booked by the bank yet, and left alone."""

    statement: str
    account: str
    outcomes: dict[str, int]
    known_count: int
    pending_count: int
    findings: list[Finding]


class MessageImported(msgspec.Struct, frozen=True):
    """What came of the statements of a message. findings: on the message itself, such as its head."""

    statements: list[StatementImported]
    findings: list[Finding]


class ReadMessage(NamedTuple):
    """A bank message as read, with what is wrong with it."""

    message: BankMessage
    findings: list[Finding]

    @property
    def summary(self) -> tuple[str, str]:
        """Which statements of how many entries, and what comes and goes: for whoever approves the import."""
        sums: Counter[str] = Counter()
        for statement in self.message.statements:
            for entry in statement.entries:
                sums[entry.currency_code] += entry.amount_minor
        names = ", ".join(one.identification for one in self.message.statements[:3])
        count = sum(len(one.entries) for one in self.message.statements)
        in_all = ", ".join(
            f"{format_minor(amount, currency)} {currency}" for currency, amount in sums.items()
        )
        return f"bank statement {names}", f"{count:,} entries, {in_all}"


def read_statements(content: bytes, accounts: Collection[str]) -> ReadMessage:
    """Read a message of camt.053 or camt.054, all of whose statements are of the administration's accounts.

    accounts: the administration's own. Raises SeraiError `statement-unreadable`,
    `statement-of-another-account`, `account-not-set`.
    """
    if not accounts:
        raise SeraiError(
            "account-not-set",
            "No bank account of the administration is set.",
            "Name it in the setting payment.accounts.",
        )
    message, findings = read_bank_message(content)
    if not isinstance(message, BankMessage):
        raise SeraiError(
            "statement-unreadable",
            "This is no bank statement that can be read: camt.053 and camt.054 are.",
            "Check it with `serai check --format iso20022`, which says what is wrong and where.",
        )
    if any(one.account.number not in accounts for one in message.statements):
        raise SeraiError(
            "statement-of-another-account",
            "The statement is of an account that is not the administration's.",
            "Import statements of the accounts in the setting payment.accounts.",
        )
    return ReadMessage(message, list(findings))


async def import_statements(
    processor: Processor, sender: Sender, read: ReadMessage, *, first: First | None = None
) -> MessageImported:
    """Import the statements of a message; the same again books nothing twice.

    sender: who imports it. first: done first in the first transaction, such as an approval.
    """
    at = processor.services.clock.now()
    done = []
    for one in read.message.statements:
        done.append(await _Import(processor, sender, one.account.number, at).run(one, read.findings, first))
        first = None
    statements = read.message.statements
    return MessageImported(
        done, [one for one in read.findings if not any(_is_on(one, statement) for statement in statements)]
    )


@dataclass(frozen=True, slots=True)
class _Import:
    """An import into one account. at: when."""

    processor: Processor
    sender: Sender
    account_number: str
    at: datetime

    async def run(
        self, statement: Statement, findings: Sequence[Finding], first: First | None
    ) -> StatementImported:
        """Book a statement. findings: on the message."""
        movements = list(movements_of(statement))
        found = [one for one in map(find_case_of, movements) if one is not None]
        outcomes: Counter[str] = Counter()
        known_count = 0
        for begin in range(0, len(found), CHUNK_COUNT):
            chunk = found[begin : begin + CHUNK_COUNT]
            booked = await self.processor.write(
                partial(self._keep, statement=statement, chunk=chunk, first=first)
            )
            first = None
            outcomes.update(one.outcome for one in booked)
            known_count += len(chunk) - len(booked)
        # Last: a statement of which only a part was booked is not yet read, and can be sent again.
        faults = await self.processor.write(partial(self._note, statement=statement, first=first))
        return StatementImported(
            statement.identification,
            self.account_number,
            dict(outcomes),
            known_count,
            len(movements) - len(found),
            [*(one for one in findings if _is_on(one, statement)), *faults],
        )

    async def _keep(
        self, connection: Connection, statement: Statement, chunk: Sequence[Found], first: First | None
    ) -> list[Booked]:
        """Book those of some movements that are not there yet."""
        if first is not None:
            await first(connection)
        ids, key = self.processor.services.ids, self._key
        await store.lock_account(connection, self.account_number, at=self.at, **key)
        known = await store.select_known(connection, [one.movement.key for one in chunk], **key)
        booking = Booking(self.processor, self.sender, self.account_number, self.at)
        booked = await booking.book(connection, [one for one in chunk if one.movement.key not in known])
        if booked:
            await store.insert_movements(
                connection,
                booked,
                ids.take(len(booked)).tolist(),
                account_number=self.account_number,
                statement=statement.identification,
                at=self.at,
                **key,
            )
        return booked

    async def _note(self, connection: Connection, statement: Statement, first: First | None) -> list[Finding]:
        """Note how far the account is read; say what is missing before."""
        if first is not None:
            await first(connection)
        before = await store.lock_account(connection, self.account_number, at=self.at, **self._key)
        faults = find_sequence_faults(before, statement)
        if not any(one.code == "iso20022-statement-repeated" for one in faults):
            point = point_after(statement)
            await store.update_account(connection, self.account_number, point, at=self.at, **self._key)
        return faults

    @property
    def _key(self) -> dict[str, int]:
        return {"administration_id": self.processor.services.administration_id}


def _is_on(finding: Finding, statement: Statement) -> bool:
    """Say whether a finding is on a statement or something of it."""
    return f"{finding.pointer}/".startswith(f"{statement.pointer}/")

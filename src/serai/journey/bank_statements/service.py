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
from serai.foundation.copying import TableBuffer
from serai.journey.acts.case_acts import First, take_back_payment
from serai.journey.bank_statements import store
from serai.journey.bank_statements.matching import Found, find_case_of
from serai.journey.bank_statements.store import Booked
from serai.journey.consignments.act_records import record_acts
from serai.journey.documents.submission import Sender
from serai.journey.ledger.posting import enter_posting
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.journey.linking.case_locks import lock_roots
from serai.journey.matching import store as matching_store
from serai.journey.payment_accounts import store as account_store
from serai.journey.payment_accounts.store import Moved, PaymentAccount
from serai.journey.processing.notify import notify_case
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.recording.payment_entries import enter_payments
from serai.journey.refunds.answers import Told, read_id, take_movements
from serai.journey.refunds.payees import PayeeAccount, give_accounts, payee_of_account
from serai.journey.refunds.store import select_known_payees
from serai.journey.revenue import store as revenue_store
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.frames import WITHDRAWN
from serai.model.ledger import KIND_PLACES, POSTED, Account, Entry, Posting, net_entries
from serai.model.money import format_minor

Connection = AsyncConnection[Any]

CHUNK_COUNT: Final = 500
"""Movements in one transaction."""
ACT_KIND: Final = "payment-received"
_OF_NO_CASE: Final = ("paid-out", "no-reference")
"""What came of movements that may be of refund orders."""
_BOOKED_REFUNDS: Final = ("refund-executed", "refund-returned")


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
        booked = await self._book(connection, [one for one in chunk if one.movement.key not in known])
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

    async def _book(self, connection: Connection, found: Sequence[Found]) -> list[Booked]:
        """Book movements to their cases, in the caller's transaction; the rest stands in suspense."""
        roots, currencies = await self._cases(connection, found)
        accounts = await account_store.select_accounts_of_ids(
            connection,
            [one.case_id for one in found if one.case_id is not None and one.case_id not in roots],
            **self._key,
        )
        booked: list[Booked] = []
        acts: list[Act] = []
        refunds = await self._refunds(connection, found)
        for one in found:
            root = None if one.case_id is None else roots.get(one.case_id)
            if one.movement.key in refunds:
                booked.append(refunds[one.movement.key])
            elif one.outcome is not None:
                booked.append(Booked(one, one.outcome, None, None))
            elif one.case_id in accounts:
                booked.append(await self._pay_into(connection, one, accounts[one.case_id]))
            elif root is None:
                booked.append(Booked(one, "reference-unknown", None, None))
            elif one.movement.entry.is_reversal or one.amount_minor < 0:
                booked.append(await self._take_back(connection, one))
            elif currencies[root] - {one.movement.transaction.currency_code}:
                booked.append(Booked(one, "currency-differs", None, None))
            else:
                acts.append(self._act(one, root))
                booked.append(Booked(one, "paid", root, acts[-1].act_id))
        await self._pay(connection, acts)
        await self._keep_payers(connection, [one.found for one in booked if one.outcome == "paid"])
        await self._enter_suspense(connection, booked)
        return booked

    async def _refunds(self, connection: Connection, found: Sequence[Found]) -> dict[bytes, Booked]:
        """Move the refund orders that movements execute or send back; return those movements by key."""
        told = {one.movement.key: self._told(one) for one in found if one.outcome in _OF_NO_CASE}
        told = {key: one for key, one in told.items() if (one.order_id, one.batch_id) != (None, None)}
        if not told:
            return {}
        answers = await take_movements(self.processor.services, connection, list(told.values()), at=self.at)
        by_key = {one.movement.key: one for one in found}
        return {
            # What needs a person is of no act: it waits with the rest, and stands in suspense.
            key: Booked(by_key[key], answer[0], None, answer[1] if answer[0] in _BOOKED_REFUNDS else None)
            for key, answer in zip(told, answers, strict=True)
            if answer is not None
        }

    def _told(self, one: Found) -> Told:
        said = one.movement.transaction
        return Told(
            order_id=read_id(said.end_to_end_id),
            batch_id=read_id(said.payment_information_id),
            amount_minor=one.amount_minor,
            currency_code=said.currency_code,
            account_number=self.account_number,
            reason_code=said.return_reason_code,
        )

    async def _cases(
        self, connection: Connection, found: Sequence[Found]
    ) -> tuple[dict[int, int], dict[int, set[str]]]:
        """Lock the cases that movements name; return for each the one that survived merging, and the
        currencies in which each owes."""
        named = sorted({one.case_id for one in found if one.case_id is not None})
        there = await matching_store.select_roots(connection, named, **self._key)
        locked = await lock_roots(connection, sorted(set(there.values())))
        roots = {case_id: locked[root] for case_id, root in there.items()}
        currencies: dict[int, set[str]] = {root: set() for root in roots.values()}
        for due in await revenue_store.select_border_dues(connection, sorted(currencies), **self._key):
            currencies[due.case_id].add(due.currency_code)
        return roots, currencies

    async def _pay(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Record payments and decide again what they pay."""
        services, paid = self.processor.services, sorted({one.case_id for one in acts})
        if not paid:
            return
        await record_acts(services, connection, acts)
        declared = await matching_store.select_declared(connection, paid, withdrawn=WITHDRAWN, **self._key)
        ids = sorted({one.consignment_id for one in declared})
        await redetermine(services, connection, self.processor.law, ids, self.at)
        await enter_payments(services, connection, paid, self.at)
        told = [(root, self.sender.party_id, 0) for root in paid]
        await notify_case(services, connection, "settled", told, self.at)

    async def _pay_into(self, connection: Connection, one: Found, account: PaymentAccount) -> Booked:
        """Enter what was paid into a payment account, or what the bank takes back of it."""
        services, currency = self.processor.services, one.movement.transaction.currency_code
        if account.currency_code != currency:
            return Booked(one, "currency-differs", None, None)
        subject_id, movement_id = services.ids.take(2).tolist()
        moved = Moved(movement_id, subject_id, None, -one.amount_minor, self.at)
        await account_store.lock_account(connection, account.number, **self._key)
        await account_store.insert_movement(connection, account, moved, **self._key)
        bank = Account(KIND_PLACES["bank"], currency, number=self.account_number)
        into = Account(
            shipped_posting_rules().ways[account.way],
            currency,
            party_id=account.party_id,
            number=account.number,
        )
        entries = [Entry(bank, POSTED, one.amount_minor), Entry(into, POSTED, -one.amount_minor)]
        buffer = TableBuffer()
        await enter_posting(
            services, connection, buffer, Posting("bank", subject_id, self.at, net_entries(entries))
        )
        await buffer.write(connection)
        return Booked(one, "account-paid", None, subject_id)

    def _act(self, one: Found, root: int) -> Act:
        act_id = int(self.processor.services.ids.take(1)[0])
        return Act(
            act_id=act_id,
            case_id=root,
            kind=ACT_KIND,
            subject_id=root,
            party_id=self.sender.party_id,
            acting_user=self.sender.acting_user,
            at=self.at,
            leaf_id=act_id,
            parameters={
                "currency_code": one.movement.transaction.currency_code,
                "amount_minor": one.amount_minor,
                "bank_account": self.account_number,
            }
            | self._payer(one),
            reference=_reference(one),
        )

    def _payer(self, one: Found) -> dict[str, str]:
        """Return the pseudonym of the account that paid, where the bank says it."""
        number = one.movement.transaction.debtor_account.number
        return {"payer": payee_of_account(self.processor.services, number).hex()} if number else {}

    async def _keep_payers(self, connection: Connection, found: Sequence[Found]) -> None:
        """Keep from which accounts payments came: what is due back of them goes there."""
        services, accounts = self.processor.services, {}
        for one in found:
            said = one.movement.transaction
            if said.debtor_account.number:
                payee = payee_of_account(services, said.debtor_account.number)
                accounts[self.sender.party_id, payee] = PayeeAccount(
                    name=said.debtor_name[:70] or "Account holder",
                    iban=said.debtor_account.iban,
                    other_number=said.debtor_account.other_number,
                    bic=said.debtor_account.bic,
                )
        known = await select_known_payees(connection, self.sender.party_id, list(accounts), **self._key)
        new = {payee: account for payee, account in accounts.items() if payee not in known}
        await give_accounts(services, connection, new, at=self.at)

    async def _take_back(self, connection: Connection, one: Found) -> Booked:
        """Take back the payment that the bank takes back: of the same reference and amount, the newest."""
        paid = await store.select_act_of_reference(
            connection,
            one.reference,
            abs(one.amount_minor),
            account_number=self.account_number,
            **self._key,
        )
        if paid is None or not await take_back_payment(
            self.processor, connection, self.sender, paid[0], reference=_reference(one), at=self.at
        ):
            return Booked(one, "reversal-unmatched", None, None)
        return Booked(one, "taken-back", paid[1], paid[0])

    async def _enter_suspense(self, connection: Connection, booked: Sequence[Booked]) -> None:
        """Enter what came or went and is for no case: it stands in suspense until somebody has looked."""
        entries = []
        for one in booked:
            if one.act_id is None and one.found.amount_minor:
                currency = one.found.movement.transaction.currency_code
                bank = Account(KIND_PLACES["bank"], currency, number=self.account_number)
                entries += [
                    Entry(bank, POSTED, one.found.amount_minor),
                    Entry(bank._replace(kind=KIND_PLACES["suspense"]), POSTED, -one.found.amount_minor),
                ]
        buffer, services = TableBuffer(), self.processor.services
        posting = Posting("bank", int(services.ids.take(1)[0]), self.at, net_entries(entries))
        await enter_posting(services, connection, buffer, posting)
        await buffer.write(connection)

    @property
    def _key(self) -> dict[str, int]:
        return {"administration_id": self.processor.services.administration_id}


def _is_on(finding: Finding, statement: Statement) -> bool:
    """Say whether a finding is on a statement or something of it."""
    return f"{finding.pointer}/".startswith(f"{statement.pointer}/")


def _reference(one: Found) -> str:
    """Return under which reference a movement acts: once, whatever tells of it again."""
    return f"bank-{one.movement.key.hex()}"

"""Booking movements of a bank account: to their cases, which are decided again, to payment accounts and to
refund orders; what is for none of them stands in suspense.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import AsyncConnection

from serai.foundation.copying import TableBuffer
from serai.journey.acts.case_acts import take_back_payment
from serai.journey.bank_statements import store
from serai.journey.bank_statements.matching import Found
from serai.journey.bank_statements.store import Booked
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_acts
from serai.journey.documents.submission import Sender
from serai.journey.ledger.posting import enter_posting
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.journey.ledger.store import select_ordered_back
from serai.journey.linking.case_locks import lock_roots
from serai.journey.matching import store as matching_store
from serai.journey.payment_accounts import store as account_store
from serai.journey.payment_accounts.store import Moved, PaymentAccount
from serai.journey.processing.notify import notify_case
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.recording.payment_entries import enter_payments
from serai.journey.recording.payments.owed import Owed, read_owed
from serai.journey.recording.payments.rounding_differences import roundings_of
from serai.journey.refunds.answers import Told, read_id, take_movements
from serai.journey.refunds.payees import PayeeAccount, give_accounts, payee_of_account
from serai.journey.refunds.store import select_known_payees
from serai.journey.tasks.requests import open_request
from serai.model.acts import Act
from serai.model.frames import WITHDRAWN
from serai.model.ledger import KIND_PLACES, POSTED, Account, Entry, Posting, net_entries

Connection = AsyncConnection[Any]

ACT_KIND: Final = "payment-received"
_OF_NO_CASE: Final = ("paid-out", "no-reference")
"""What came of movements that may be of refund orders."""
_BOOKED_REFUNDS: Final = ("refund-executed", "refund-returned")


@dataclass(frozen=True, slots=True)
class Booking:
    """What is booked of one bank account. sender: who imports it. at: when."""

    processor: Processor
    sender: Sender
    account_number: str
    at: datetime

    async def book(self, connection: Connection, found: Sequence[Found]) -> list[Booked]:
        """Book movements to their cases, in the caller's transaction; the rest stands in suspense."""
        roots, owed = await self._cases(connection, found)
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
            elif owed[root].dues.keys() - {one.movement.transaction.currency_code}:
                booked.append(Booked(one, "currency-differs", None, None))
            else:
                acts.append(self._act(one, root, owed[root].law_reference))
                booked.append(Booked(one, "paid", root, acts[-1].act_id))
        await self._pay(connection, [*acts, *roundings_of(self.processor.services, acts, owed)])
        await self._keep_payers(connection, [one.found for one in booked if one.outcome == "paid"])
        await self._enter_suspense(connection, booked)
        return booked

    async def _refunds(self, connection: Connection, found: Sequence[Found]) -> dict[bytes, Booked]:
        """Move the refund orders that movements execute or send back; return those movements by key."""
        told = {one.movement.key: self._told(one) for one in found if one.outcome in _OF_NO_CASE}
        told = {key: one for key, one in told.items() if (one.order_id, one.batch_id) != (None, None)}
        if not told:
            return {}
        answers = await take_movements(self.processor, connection, list(told.values()), at=self.at)
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
    ) -> tuple[dict[int, int], dict[int, Owed]]:
        """Lock the cases that movements name; return for each the one that survived merging, and what each
        of those owes."""
        named = sorted({one.case_id for one in found if one.case_id is not None})
        there = await matching_store.select_roots(connection, named, **self._key)
        locked = await lock_roots(connection, sorted(set(there.values())))
        roots = {case_id: locked[root] for case_id, root in there.items()}
        asked = sorted(set(roots.values()))
        return roots, await read_owed(self.processor.services, connection, self.processor.law, asked)

    async def _pay(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Record payments and decide again what they pay."""
        services, paid = self.processor.services, sorted({one.case_id for one in acts})
        if not paid:
            return
        await record_acts(services, connection, acts)
        declared = await matching_store.select_declared(connection, paid, withdrawn=WITHDRAWN, **self._key)
        ids = sorted({one.consignment_id for one in declared})
        decided = await redetermine(services, connection, self.processor.law, ids, self.at)
        # A case that got a new decision had its payments entered with that.
        entered = {row.case_id for row in decided}
        left = [case_id for case_id in paid if case_id not in entered]
        if left:
            await enter_payments(services, connection, left, self.at)
        told = [(root, self.sender.party_id, 0) for root in paid]
        await notify_case(services, connection, "settled", told, self.at)

    async def _pay_into(self, connection: Connection, one: Found, account: PaymentAccount) -> Booked:
        """Enter what was paid into a payment account, or what the bank takes back of it."""
        services, currency = self.processor.services, one.movement.transaction.currency_code
        if account.currency_code != currency:
            return Booked(one, "currency-differs", None, None)
        subject_id, movement_id = services.ids.take(2).tolist()
        moved = Moved(movement_id, subject_id, None, -one.amount_minor, self.at)
        held = await account_store.lock_account(connection, account.number, **self._key)
        assert held is not None, "it was just read"
        # What stood open when it was closed is still paid; more than that is for something else.
        if held.closed_at is not None and held.open_minor <= 0 < one.amount_minor:
            return Booked(one, "reference-ended", None, None)
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

    def _act(self, one: Found, root: int, law_reference: str | None) -> Act:
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
            law_reference=law_reference,
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
        refunded = await select_ordered_back(connection, [paid[0]], **self._key)
        if paid[0] in refunded and refunded[paid[0]].amount_minor:
            await self._ask_for_refund(connection, paid[1])
            return Booked(one, "taken-back-after-refund", paid[1], paid[0])
        return Booked(one, "taken-back", paid[1], paid[0])

    async def _ask_for_refund(self, connection: Connection, case_id: int) -> None:
        """Let an officer claim a refund of a payment that the bank has taken back since."""
        root = (await lock_roots(connection, [case_id]))[case_id]
        rows = await consignment_store.select_consignments_of_cases(connection, [root], **self._key)
        for row in sorted(rows, key=lambda one: one.consignment_id)[:1]:
            await open_request(
                connection,
                row,
                task_id=int(self.processor.services.ids.take(1)[0]),
                at=self.at,
                **self._key,
            )

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


def _reference(one: Found) -> str:
    """Return under which reference a movement acts: once, whatever tells of it again."""
    return f"bank-{one.movement.key.hex()}"

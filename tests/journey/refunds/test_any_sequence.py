"""Any sequence of payments, decisions, repayments, reversals, refund orders and answers of the bank: money
is neither made nor lost, nothing goes back twice, and nothing is negative that may not be."""

from collections import Counter, defaultdict

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from serai.journey.ledger.payment_allocation import ChargeKey, Payable, Payment, allocate_payments
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.journey.refunds.orders import Moved, due_account, moved_entries
from serai.model.ledger import ACCOUNT_KINDS, PENDING, POSTED, Account, Entry, find_imbalances
from serai.model.refunds import ENDED_WITHOUT_MONEY, MOVES, Status

RULES = shipped_posting_rules()
KEYS = [ChargeKey(1, item, tax, "importer", "EUR") for item in (0, 1) for tax in ("A00", "B00")]
PAYERS = (7, 8)
AMOUNTS = st.integers(1, 5_000)


class Order:
    def __init__(self, act_id: int, party_id: int, amount_minor: int) -> None:
        self.act_id, self.party_id, self.amount_minor = act_id, party_id, amount_minor
        self.status: Status = "ordered"


class Money(RuleBasedStateMachine):
    """A case with its books, as the rooms keep them."""

    def __init__(self) -> None:
        super().__init__()
        self.charged: dict[ChargeKey, int] = {}
        self.payments: dict[int, Payment] = {}
        self.orders: list[Order] = []
        self.entered: dict[int, list[Entry]] = defaultdict(list)
        self.allocated: dict[int, Counter[ChargeKey]] = defaultdict(Counter)
        self.books: Counter[tuple[Account, int]] = Counter()

    # ---- what happens ----

    @rule(key=st.sampled_from(KEYS), amount=st.integers(0, 5_000))
    def decide(self, key: ChargeKey, amount: int) -> None:
        self.charged[key] = amount
        self._enter()

    @rule(party=st.sampled_from(PAYERS), amount=AMOUNTS)
    def pay(self, party: int, amount: int) -> None:
        act_id = len(self.payments) + 1
        self.payments[act_id] = Payment(act_id, "paid", party, "", "EUR", amount)
        self._enter()

    @rule(key=st.sampled_from(KEYS), amount=AMOUNTS)
    def repay(self, key: ChargeKey, amount: int) -> None:
        left = self.charged.get(key, 0) - self._repaid()[key]
        if left > 0:
            act_id = len(self.payments) + 1
            amount = min(amount, left)
            self.payments[act_id] = Payment(act_id, "repayment", 1, "", "EUR", amount, charges={key: amount})
            self._enter()

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        act_id = data.draw(st.sampled_from(sorted(self.payments)))
        its = [one for one in self.orders if one.act_id == act_id]
        if all(one.status in {"ordered", *ENDED_WITHOUT_MONEY} for one in its):
            # What waits is withdrawn, as a batch does before it is sent.
            for one in its:
                if one.status == "ordered":
                    self._move(one, "withdrawn")
            self.payments[act_id] = self.payments[act_id]._replace(amount_minor=0)
            self._enter()

    @rule()
    def order(self) -> None:
        for act_id, payment in self.payments.items():
            due = self._left(act_id) - self._ordered(act_id)
            if payment.kind == "paid" and due > 0:
                placed = Order(act_id, payment.party_id, due)
                self.orders.append(placed)
                self._book(moved_entries([self._moved(placed)], None, "ordered"))
                self._enter()

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def bank(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.orders))
        if MOVES[one.status]:
            self._move(one, data.draw(st.sampled_from(sorted(MOVES[one.status]))))
            self._enter()

    # ---- what always holds ----

    @invariant()
    def balances(self) -> None:
        assert find_imbalances(Entry(*key, amount) for key, amount in self.books.items()) == {}

    @invariant()
    def no_charge_is_covered_over(self) -> None:
        covered: Counter[ChargeKey] = Counter()
        for its in self.allocated.values():
            assert all(amount >= 0 for amount in its.values())
            covered.update(its)
        assert all(amount <= self.charged.get(key, 0) for key, amount in covered.items())

    @invariant()
    def no_cent_is_lost_and_none_goes_back_twice(self) -> None:
        for act_id, payment in self.payments.items():
            if payment.kind == "paid":
                assert sum(self.allocated[act_id].values()) + self._left(act_id) == payment.amount_minor
                assert self._ordered(act_id) <= self._left(act_id)
        paid = sum(one.amount_minor for one in self.payments.values() if one.kind == "paid")
        covered = sum(
            sum(self.allocated[act_id].values())
            for act_id, one in self.payments.items()
            if one.kind == "paid"
        )
        gone = sum(one.amount_minor for one in self.orders if one.status == "executed")
        assert paid == covered + gone - self._sum("refunds-due", POSTED)
        assert self._sum("bank", POSTED) == -gone

    @invariant()
    def what_is_under_way_is_pending_and_what_has_ended_is_not(self) -> None:
        under_way = sum(
            one.amount_minor for one in self.orders if one.status in {"ordered", "sent", "accepted"}
        )
        assert self._sum("refunds-due", PENDING) == under_way
        assert self._sum("bank", PENDING) == -under_way
        assert self._sum("refunds-due", POSTED) + under_way <= 0, "nobody is paid more than is due"

    # ---- the books ----

    def _enter(self) -> None:
        payable = [Payable(key, 5, self.charged[key]) for key in KEYS if self.charged.get(key)]
        paid = [one._replace(refunded_minor=self._ordered(act_id)) for act_id, one in self.payments.items()]
        kept = {act: {key: n for key, n in its.items() if n} for act, its in self.allocated.items()}
        for one in allocate_payments(payable, paid, self.entered, kept, RULES):
            self.entered[one.act_id] += one.entries
            self.allocated[one.act_id].update(one.allocated)
            self._book(one.entries)

    def _book(self, entries: list[Entry]) -> None:
        assert find_imbalances(entries) == {}
        for account, phase, amount in entries:
            self.books[account, phase] += amount

    def _move(self, one: Order, status: Status) -> None:
        self._book(moved_entries([self._moved(one)], one.status, status))
        one.status = status

    def _moved(self, one: Order) -> Moved:
        return Moved(due_account(one.party_id, "", "EUR"), "OWN", one.amount_minor)

    def _left(self, act_id: int) -> int:
        return -sum(
            one.amount_minor
            for one in self.entered[act_id]
            if ACCOUNT_KINDS[one.account.kind].code == "refunds-due"
        )

    def _ordered(self, act_id: int) -> int:
        return sum(
            one.amount_minor
            for one in self.orders
            if one.act_id == act_id and one.status not in ENDED_WITHOUT_MONEY
        )

    def _repaid(self) -> Counter[ChargeKey]:
        repaid: Counter[ChargeKey] = Counter()
        for act_id, one in self.payments.items():
            if one.kind == "repayment":
                repaid.update(self.allocated[act_id])
        return repaid

    def _sum(self, kind: str, phase: int) -> int:
        return sum(
            amount
            for (account, its), amount in self.books.items()
            if its == phase and ACCOUNT_KINDS[account.kind].code == kind
        )


TestAnySequence = Money.TestCase
TestAnySequence.settings = settings(max_examples=60, stateful_step_count=25)

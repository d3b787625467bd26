"""Payments against charges: whatever comes in which order, nothing is paid twice and nothing is lost."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.journey.ledger.payment_allocation import ChargeKey, Payable, Payment, allocate_payments
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.model.ledger import KIND_PLACES, Entry, find_imbalances, net_entries

RULES = shipped_posting_rules()
KINDS = sorted(RULES.payments)

CHARGES = st.lists(
    st.builds(
        lambda item, tax, debtor, amount: Payable(ChargeKey(1, item, tax, debtor, "EUR"), 5, amount),
        st.integers(0, 2),
        st.sampled_from(["A00", "B00"]),
        st.sampled_from(["consignee", "importer"]),
        st.integers(1, 5_000),
    ),
    max_size=5,
    unique_by=lambda one: one.key,
)


@st.composite
def payments(draw: st.DrawFn) -> list[Payment]:
    """Some payments, a few of which were taken back, a few in another currency, a few for one debtor."""
    count = draw(st.integers(0, 5))
    return [
        Payment(
            act_id=number + 1,
            kind=draw(st.sampled_from(KINDS)),
            party_id=draw(st.integers(7, 8)),
            number="",
            currency_code=draw(st.sampled_from(["EUR", "EUR", "EUR", "CHF"])),
            amount_minor=draw(st.one_of(st.just(0), st.integers(1, 9_000))),
            debtor_code=draw(st.sampled_from(["", "", "consignee"])),
        )
        for number in range(count)
    ]


class Books:
    """What is entered, as the store keeps it."""

    def __init__(self) -> None:
        self.entered: dict[int, list[Entry]] = defaultdict(list)
        self.allocated: dict[int, Counter[ChargeKey]] = defaultdict(Counter)

    def enter(self, payable: list[Payable], paid: list[Payment]) -> int:
        """Enter what is missing; return of how many payments something was."""
        kept = {act: {key: n for key, n in its.items() if n} for act, its in self.allocated.items()}
        found = allocate_payments(payable, paid, self.entered, kept, RULES)
        for one in found:
            assert find_imbalances(one.entries) == {}
            self.entered[one.act_id] = net_entries([*self.entered[one.act_id], *one.entries])
            self.allocated[one.act_id].update(one.allocated)
        return len(found)


@pytest.mark.in_turn
@given(st.lists(st.tuples(CHARGES, payments()), min_size=1, max_size=4))
def test_whatever_came_before_the_books_say_what_stands_now(
    history: list[tuple[list[Payable], list[Payment]]],
) -> None:
    # Payments do not vanish: what is taken back has an amount of nothing.
    acts = {one.act_id: one for _, paid in history for one in paid}
    walked, direct = Books(), Books()
    now: dict[int, Payment] = {}
    for payable, paid in history:
        now = {act_id: one._replace(amount_minor=0) for act_id, one in acts.items()}
        now.update({one.act_id: acts[one.act_id]._replace(amount_minor=one.amount_minor) for one in paid})
        walked.enter(payable, list(now.values()))
    payable, paid = history[-1][0], list(now.values())
    direct.enter(payable, paid)

    assert {act: its for act, its in walked.entered.items() if its} == {
        act: its for act, its in direct.entered.items() if its
    }
    assert walked.enter(payable, paid) == 0


@given(CHARGES, payments())
def test_no_charge_is_paid_over_and_no_cent_of_a_payment_is_lost(
    payable: list[Payable], paid: list[Payment]
) -> None:
    books = Books()
    books.enter(payable, paid)

    taken: Counter[ChargeKey] = Counter()
    for its in books.allocated.values():
        assert all(amount > 0 for amount in its.values() if amount)
        taken.update(its)
    for charge in payable:
        assert taken[charge.key] <= charge.amount_minor
    for one in paid:
        entries = books.entered[one.act_id]
        left = [entry for entry in entries if entry.account.kind == KIND_PLACES["refunds-due"]]
        assert all(entry.amount_minor < 0 and entry.account.party_id == one.party_id for entry in left)
        if RULES.payments[one.kind].covers == "amounts-payable":
            rest = -sum(entry.amount_minor for entry in left)
            taken_off = sum(books.allocated[one.act_id].values())
            if RULES.payments[one.kind].is_own:
                # The administration's own bears what nobody has paid, and nothing of it is due back.
                assert (rest, taken_off <= one.amount_minor) == (0, True)
            else:
                assert taken_off + rest == one.amount_minor
        if one.currency_code != "EUR" or one.kind in ("secured", "release-against-security"):
            assert not +books.allocated[one.act_id]


def test_what_is_for_one_debtor_pays_that_ones_charges_first() -> None:
    importer = Payable(ChargeKey(1, 1, "A00", "importer", "EUR"), 5, 300)
    consignee = Payable(ChargeKey(1, 1, "B00", "consignee", "EUR"), 5, 200)
    all_of_it = Payment(1, "paid", 7, "", "EUR", 300)
    for_consignee = Payment(2, "on-account", 8, "ACC-1", "EUR", 250, "consignee")

    first, second = allocate_payments([importer, consignee], [all_of_it, for_consignee], {}, {}, RULES)

    assert (first.act_id, first.allocated) == (2, {consignee.key: 200})
    assert (second.act_id, second.allocated) == (1, {importer.key: 300})
    # Fifty cents were put on account for nothing: they are whose account it is.
    assert [
        (one.account.party_id, one.amount_minor)
        for one in first.entries
        if one.account.kind == KIND_PLACES["refunds-due"]
    ] == [(8, -50)]

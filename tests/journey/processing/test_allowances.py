"""What laws count over several parcels: drawn once, in order, whoever files and wherever; given back where
the law says so; recorded so that a replay finds the same."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serai.app import Node
from serai.explanation.case_explanation import CaseReplays, Replay
from serai.explanation.sentences import sentences
from serai.foundation.vault.reading import Reach
from serai.journey.acts.service import Acts
from serai.journey.allowances.store import QUERIES
from serai.journey.assessment.store import make_component
from serai.journey.consignments import store as consignment_store
from serai.journey.law_in_force.recorded import KeptLaw
from serai.journey.law_in_force.service import derive_law, load_law
from serai.journey.ledger.store import QUERIES as LEDGER_QUERIES
from serai.laboratory.what_if_case import ItemChange, TryRequest, try_change
from tests.journey.processing.counted import (
    balance,
    cumulative_allowance_of,
    load_lists,
    person,
    to_argentina,
    to_china,
    to_japan,
    to_korea,
)
from tests.journey.processing.support import (
    DECLARANT,
    OTHER_DECLARANT,
    decision,
    opened,
    parcel,
    select,
    send,
)

ABOVE_YEAR = "cn-year-limit-reached"


@pytest.fixture(scope="module")
def counting_database(database: str, keys: Path) -> str:
    """A database in which the lists that the laws ask are in force."""

    async def load() -> None:
        async with opened(database, keys) as node:
            await load_lists(node)

    asyncio.run(load())
    return database


@pytest.fixture
async def node(counting_database: str, keys: Path) -> AsyncIterator[Node]:
    async with opened(counting_database, keys) as one:
        yield one


def reasons(answer: Any) -> list[str]:
    found: list[str] = [one["code"] for one in decision(answer)["reasons"]]
    return found


async def test_parcels_of_one_buyer_in_one_batch_draw_one_after_the_other(node: Node) -> None:
    amounts = ["5000.00"] * 5 + ["2000.00", "1000.00"]

    answers = await send(
        node,
        DECLARANT,
        "declaration",
        *(to_china(f"row-{place}", amount, "ID-row") for place, amount in enumerate(amounts)),
        to_china("row-other", "5000.00", "ID-other"),
    )

    assert [ABOVE_YEAR in reasons(one) for one in answers] == [False] * 5 + [True, False, False]
    drawn = [(await balance(node, f"D-row-{place}"))[0] for place in range(7)]
    assert drawn == [
        *((place * 500_000, 500_000) for place in range(5)),
        (2_500_000, 0),
        (2_500_000, 100_000),
    ]
    assert await cumulative_allowance_of(node, "D-row-0") == 2_600_000
    assert await balance(node, "D-row-other") == [(0, 500_000)]


async def test_one_number_written_in_two_ways_is_one_buyer(node: Node) -> None:
    await send(node, DECLARANT, "declaration", to_china("way-1", "5000.00", "11 01-x"))
    await send(node, OTHER_DECLARANT, "declaration", to_china("way-2", "5000.00", "1101X"))

    assert await balance(node, "D-way-2") == [(500_000, 500_000)]


async def test_without_a_number_name_and_address_tell_who_it_is(node: Node) -> None:
    def of(name: str, **changes: Any) -> dict[str, Any]:
        return to_china(name, "100.00", None, consignee=person("CN", "Li Námed", **changes))

    await send(node, DECLARANT, "declaration", of("name-1"))
    await send(
        node,
        DECLARANT,
        "declaration",
        {**of("name-2"), "consignee": person("CN", "LI NAMED", street="li námed street 1")},
        of("name-3", street="Another Street 2"),
    )

    assert await balance(node, "D-name-2") == [(10_000, 10_000)]
    assert await balance(node, "D-name-3") == [(0, 10_000)]


async def test_two_processes_never_draw_the_same_money_twice(database: str, keys: Path, node: Node) -> None:
    """Ten shipments of each of eight people on two nodes at once, each with the people in another order."""
    people = [f"20-{number}" for number in range(8)]

    async with opened(database, keys) as other:

        async def file(at: Node, name: str, order: list[str]) -> list[Any]:
            return [
                answer
                for turn in range(5)
                for answer in await send(
                    at,
                    DECLARANT,
                    "declaration",
                    *(to_argentina(f"two-{name}-{turn}-{one}", one) for one in order),
                )
            ]

        answers = await asyncio.gather(file(node, "a", people), file(other, "b", people[::-1]))

    free = [one for batch in answers for one in batch if "ar-within-franchise" in reasons(one)]
    assert len(free) == 5 * len(people)
    rows = await select(
        node,
        "SELECT min(reference),"
        " array_agg(before_amount ORDER BY before_amount) FILTER (WHERE drawn_amount = 1)"
        " FROM cumulative_allowance_draw"
        " JOIN consignment USING (consignment_id) WHERE reference LIKE 'D-two-%%' GROUP BY holder",
    )
    assert [stood for _, stood in rows] == [[0, 1, 2, 3, 4]] * len(people)
    assert {await cumulative_allowance_of(node, reference) for reference, _ in rows} == {5}


async def test_an_amendment_gives_back_and_draws_anew(node: Node) -> None:
    await send(node, DECLARANT, "declaration", to_china("amend-1", "5000.00", "ID-amend"))
    await send(node, DECLARANT, "declaration", to_china("amend-2", "4000.00", "ID-amend"))

    await send(node, DECLARANT, "declaration", to_china("amend-1", "1000.00", "ID-amend", amends_version=1))

    assert await balance(node, "D-amend-1") == [(400_000, 100_000)]
    assert await cumulative_allowance_of(node, "D-amend-1") == 500_000
    rows = await select(
        node,
        "SELECT drawn_amount, is_reversal FROM cumulative_allowance_draw"
        " JOIN consignment USING (consignment_id)"
        " WHERE reference = 'D-amend-1' ORDER BY cumulative_allowance_draw.decision_id, is_reversal",
    )
    assert rows == [(500_000, False), (100_000, False), (-500_000, True)], "a correction is a row beside it"


async def test_an_amendment_to_another_buyer_frees_the_first(node: Node) -> None:
    await send(node, DECLARANT, "declaration", to_china("free-1", "5000.00", "ID-wrong"))

    await send(node, DECLARANT, "declaration", to_china("free-1", "5000.00", "ID-right", amends_version=1))
    await send(node, DECLARANT, "declaration", to_china("free-2", "100.00", "ID-wrong"))

    assert await balance(node, "D-free-1") == [(0, 500_000)]
    assert await balance(node, "D-free-2") == [(0, 10_000)]


async def test_an_amendment_to_a_country_that_counts_nothing_gives_back(node: Node) -> None:
    await send(node, DECLARANT, "declaration", to_china("leave", "5000.00", "ID-leave"))

    await send(node, DECLARANT, "declaration", parcel("leave", amends_version=1))
    await send(node, DECLARANT, "declaration", to_china("leave-2", "100.00", "ID-leave"))

    assert await balance(node, "D-leave") == []
    assert await balance(node, "D-leave-2") == [(0, 10_000)]


async def test_versions_of_one_file_are_drawn_one_after_the_other(node: Node) -> None:
    await send(
        node,
        DECLARANT,
        "declaration",
        to_china("wave", "5000.00", "ID-wave"),
        to_china("wave", "4000.00", "ID-wave", amends_version=1),
        to_china("wave", "3000.00", "ID-wave", amends_version=2),
    )

    assert await balance(node, "D-wave") == [(0, 300_000)]
    assert await cumulative_allowance_of(node, "D-wave") == 300_000


async def test_withdrawal_gives_back_where_the_law_says_so(node: Node) -> None:
    await send(node, DECLARANT, "declaration", to_china("back", "5000.00", "ID-back"))
    await send(node, DECLARANT, "declaration", to_argentina("stay", "20-stay"))
    acts = Acts(node.processor)

    for reference in ("D-back", "D-stay"):
        answer = await acts.withdraw(DECLARANT, reference, expected_version=1, reason="sold elsewhere")
        assert decision(answer)["status"] == "invalidated"

    assert await cumulative_allowance_of(node, "D-back") == 0
    assert await cumulative_allowance_of(node, "D-stay") == 1, "the pack: is_given_back false"


async def test_a_parcel_decided_again_keeps_its_place_before_later_ones(node: Node) -> None:
    names = [f"place-{number}" for number in range(6)]
    await send(node, DECLARANT, "declaration", *(to_argentina(name, "20-place") for name in names))
    acts = Acts(node.processor)

    for name in names:
        await acts.present(DECLARANT, f"D-{name}", arrived_at=datetime(2026, 7, 2, 4, tzinfo=UTC))

    stood = [(await balance(node, f"D-{name}"))[0] for name in names]
    assert stood == [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 0)]
    assert await cumulative_allowance_of(node, "D-place-0") == 5


async def test_what_was_given_back_is_free_for_a_later_parcel_decided_again(node: Node) -> None:
    await send(
        node,
        DECLARANT,
        "declaration",
        *(to_china(f"freed-{number}", "5000.00", "ID-freed") for number in range(6)),
    )
    acts = Acts(node.processor)

    await acts.withdraw(DECLARANT, "D-freed-0", expected_version=1, reason="cancelled")
    await acts.present(DECLARANT, "D-freed-5", arrived_at=datetime(2026, 7, 2, 4, tzinfo=UTC))

    assert await balance(node, "D-freed-5") == [(2_000_000, 500_000)]
    assert await cumulative_allowance_of(node, "D-freed-5") == 2_500_000


async def test_arrival_in_another_year_draws_on_that_year(node: Node) -> None:
    ahead = {"accepted_at": None, "expected_arrival_at": "2026-12-31T10:00:00+08:00"}
    await send(node, DECLARANT, "declaration", to_china("year", "5000.00", "ID-year", **ahead))
    before = await cumulative_allowance_of(node, "D-year")

    await Acts(node.processor).present(
        DECLARANT, "D-year", arrived_at=datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    )

    rows = await select(
        node,
        "SELECT period_on::text, sum(drawn_amount)::bigint FROM cumulative_allowance_draw"
        " JOIN consignment USING (consignment_id) WHERE reference = 'D-year' GROUP BY 1 ORDER BY 1",
    )
    assert before == 500_000
    assert rows == [("2026-01-01", 0), ("2027-01-01", 500_000)], "half past midnight in Shanghai"
    assert await cumulative_allowance_of(node, "D-year") == 500_000


@pytest.mark.parametrize(
    ("make", "exempt", "each", "day"),
    [
        (to_korea, "kr-within-exemption", ("100.00", 130_000), "purchased_at"),
        (to_japan, "jp-within-exemption", ("9000", 5_400), "exported_at"),
    ],
)
async def test_what_is_bought_or_sent_together_counts_together(
    node: Node, make: Any, exempt: str, each: tuple[str, int], day: str
) -> None:
    price, value = each
    receiver = person(make("x", "1", {})["consignee"].get("country_code", "KR"), "Same Person", "P1")
    receiver["country_code"] = "KR" if make is to_korea else "JP"
    name = make.__name__

    answers = await send(
        node,
        DECLARANT,
        "declaration",
        make(f"{name}-1", price, receiver),
        make(f"{name}-2", price, receiver),
        make(f"{name}-3", price, receiver, **{day: "2026-06-27T20:00:00Z"}),
        make(f"{name}-4", price, receiver, consignor=person("CN", "Another Seller")),
    )

    assert [exempt in reasons(one) for one in answers] == [True, False, True, True]
    assert await balance(node, f"D-{name}-2", word=1) == [(value, value)]


async def replay_all(node: Node, pattern: str) -> list[Replay]:
    """Work every decision out again of consignments with such references, oldest first."""
    replays = CaseReplays(node.processor.services, KeptLaw())
    reach = Reach(node.administration_id, "explanation", "test", node.clock.now())
    decisions = await select(
        node,
        "SELECT consignment_id, decision.decision_id FROM decision JOIN consignment USING (consignment_id)"
        " WHERE reference LIKE %s ORDER BY 2",
        pattern,
    )
    async with node.database.read(node.administration_id) as connection:
        found = await consignment_store.select_consignments(
            connection, [one for one, _ in decisions], administration_id=node.administration_id
        )
        by_id = {one.consignment_id: one for one in found}
        return await replays.replay_many(
            connection, [(by_id[one], decision_id) for one, decision_id in decisions], reach
        )


async def test_replay_finds_what_was_recorded(node: Node) -> None:
    receiver = person("KR", "Replayed Person", "P2")
    await send(
        node,
        DECLARANT,
        "declaration",
        *(to_china(f"again-{number}", "5000.00", "ID-again") for number in range(6)),
        to_korea("again-6", "100.00", receiver),
        to_korea("again-7", "100.00", receiver),
    )
    await send(node, DECLARANT, "declaration", to_china("again-0", "10.00", "ID-again", amends_version=1))

    replayed = await replay_all(node, "D-again-%")

    assert [one.differences for one in replayed] == [[]] * 9
    rows = await select(
        node,
        "SELECT decision_id, word, before_amount, drawn_amount"
        " FROM cumulative_allowance_draw WHERE NOT is_reversal",
    )
    recorded = {(decision_id, word): (before, drawn) for decision_id, word, before, drawn in rows}
    for one in replayed:
        run = one.processed.runs[0].run
        word = int(any(pack.code.startswith("KR") for pack in one.recorded.law))
        names = (("allowance_used", "allowance_drawn"), ("same_day_value", "aggregated_value"))[word]
        figures = tuple(int(run.read(name).data[one.place]) for name in names)
        assert figures == recorded[one.decision.decision_id, word]


# ---- who learns of a balance ----


async def test_officers_see_balance_before_drawn_and_after(node: Node) -> None:
    await send(node, DECLARANT, "declaration", to_china("see-1", "1234.56", "ID-see"))
    await send(node, DECLARANT, "declaration", to_china("see-2", "100.00", "ID-see"))

    (replay,) = await replay_all(node, "D-see-2")
    cumulative_allowances = replay.explain(shows_cumulative_allowances=True).cumulative_allowances

    assert [(one.name, one.result_minor) for one in cumulative_allowances] == [
        ("allowance_used", 123_456),
        ("allowance_drawn", 10_000),
        ("allowance_used_after", 133_456),
    ]


@pytest.mark.parametrize(
    ("name", "make", "figures"),
    [
        ("china", lambda one, at: to_china(one, at or "1234.56", "ID-spied"), ("1,?234.56", "1,?244.56")),
        (
            "japan",
            lambda one, at: to_japan(one, at or "7777", person("JP", "Spied On")),
            ("4,?66[0-9]", "4,?67[0-9]"),
        ),
        (
            "korea",
            lambda one, at: to_korea(one, at or "77.77", person("KR", "Spied On", "P5")),
            ("101,?101", "114,?101", "87.77"),
        ),
    ],
)
async def test_whoever_files_with_another_persons_identity_learns_no_sum(
    node: Node, name: str, make: Any, figures: tuple[str, ...]
) -> None:
    small = {"china": "10.00", "japan": "10", "korea": "10.00"}[name]
    await send(node, DECLARANT, "declaration", make(f"spied-{name}", None))
    (filed,) = await send(node, OTHER_DECLARANT, "declaration", make(f"spy-{name}", small))

    (replay,) = await replay_all(node, f"D-spy-{name}")
    said = msgspec.json.encode(replay.explain(shows_cumulative_allowances=False)).decode()
    whole = msgspec.json.encode(replay.explain(shows_cumulative_allowances=True)).decode()

    told = [filed.decision.decode(), said, str(sentences(replay.explain(shows_cumulative_allowances=False)))]
    # Whatever figures a hash is made of, it tells none.
    told = [re.sub("[0-9a-f]{32,}", "", one) for one in told]
    assert not [one for one in told if re.search("|".join(figures), one)]
    assert re.search("|".join(figures), whole), "the officer's tree says it, so the figures are right"
    assert "not shown" in said


async def test_trying_values_does_not_find_a_balance(node: Node) -> None:
    """Whoever has a case may try as often as it likes: the answer is the same whatever others have drawn."""
    for name, drawn in (("much", "4999.00"), ("little", "1.00")):
        await send(
            node,
            DECLARANT,
            "declaration",
            *(to_china(f"try-{name}-{number}", drawn, f"ID-try-{name}") for number in range(5)),
        )
        await send(node, OTHER_DECLARANT, "declaration", to_china(f"trier-{name}", "10.00", f"ID-try-{name}"))

    (much,), (little,) = await replay_all(node, "D-trier-much"), await replay_all(node, "D-trier-little")

    outcomes = []
    for replay in (much, little):
        for price in ("900.00", "1500.00", "4000.00"):
            wanted = TryRequest(items=[ItemChange(sequence_number=1, invoice_amount=price)])
            at = node.clock.now()
            tried = try_change(
                replay, wanted, node.processor.law, at, "en", shows_cumulative_allowances=False
            )
            outcomes.append((tried.decision.totals, tried.decision.reasons, tried.in_short))
            seen = try_change(replay, wanted, node.processor.law, at, "en", shows_cumulative_allowances=True)
            assert (ABOVE_YEAR in {one.code for one in seen.decision.reasons}) == (
                replay is much and price != "900.00"
            )
    assert outcomes[:3] == outcomes[3:]
    assert "as if nothing had been drawn" in outcomes[0][2][-1]


async def test_cumulative_allowances_hold_no_name_and_no_number(node: Node) -> None:
    await send(node, DECLARANT, "declaration", to_china("secret", "10.00", "IDENTITY-SECRET-77"))

    rows = await select(
        node,
        "SELECT cumulative_allowance_draw::text, encode(holder, 'escape') FROM cumulative_allowance_draw"
        " UNION ALL SELECT cumulative_allowance::text, '' FROM cumulative_allowance",
    )
    assert len(rows) > 1
    assert not [one for one in rows if "SECRET" in str(one).upper() or "BUYER" in str(one).upper()]


# ---- what a batch asks of the store ----


async def statements_of(node: Node, *records: dict[str, Any]) -> list[str]:
    """File declarations; return what their transaction asked of the server: the last that claimed their
    references, since the periodic work of the node writes too, and one that gave way is done again."""
    transactions: list[list[str]] = []
    write_with_retries = node.database.write_with_retries

    async def write(work: Any, **options: Any) -> Any:
        async def listen(connection: Any) -> Any:
            execute = connection.execute
            asked: list[str] = []
            transactions.append(asked)

            async def note(query: Any, *args: Any, **kwargs: Any) -> Any:
                asked.append(query if isinstance(query, str) else query.as_string(connection))
                return await execute(query, *args, **kwargs)

            connection.execute = note
            try:
                return await work(connection)
            finally:
                del connection.execute

        return await write_with_retries(listen, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(node.database, "write_with_retries", write)
        answers = await send(node, DECLARANT, "declaration", *records)
    assert {one.status for one in answers} == {"decided"}
    *_, asked = [one for one in transactions if any("INSERT INTO submission" in text for text in one)]
    return without_accounts(asked)


def without_accounts(asked: list[str]) -> list[str]:
    """Leave out what is asked once in the life of an account of the ledger, by each process."""
    return [one for one in asked if one not in _OF_ACCOUNTS]


_OF_ACCOUNTS = {LEDGER_QUERIES[name] for name in ("open_accounts", "select_accounts")}


async def test_a_batch_asks_once_for_all_allowances_and_none_where_nothing_is_counted(node: Node) -> None:
    # What a law asks for once in its life is asked for.
    await send(node, DECLARANT, "declaration", to_china("s-0", "10.00", "ID-s"), parcel("s-0g"))

    plain = await statements_of(node, *(parcel(f"s-1-{number}") for number in range(30)))
    few = await statements_of(node, *(to_china(f"s-2-{number}", "10.00", "ID-s") for number in range(2)))
    many = await statements_of(
        node, *(to_china(f"s-3-{number}", "10.00", f"ID-s-{number % 20}") for number in range(60))
    )

    assert not [one for one in plain if "cumulative_allowance" in one]
    assert len(few) == len(many), "whatever the size"
    # What is added to them goes with the rows of all tables in the one statement of the buffer, which a
    # cursor of its own executes: the connection is asked for the rest.
    asked = [name for one in many for name, text in QUERIES.items() if one == text]
    assert asked == ["hold_cumulative_allowances"]
    assert len(many) <= 12


# ---- laws that let later parcels change earlier ones ----


@pytest.mark.in_turn
async def test_a_later_parcel_reopens_earlier_ones_where_the_law_says_so(
    make_database: Any, tmp_path: Path
) -> None:
    async with opened(make_database(), tmp_path) as node:
        await load_lists(node)
        await _reopen_in_korea(node)
        receiver = person("KR", "Reopened Person", "P9")

        (first,) = await send(node, DECLARANT, "declaration", to_korea("open-1", "100.00", receiver))
        await send(node, DECLARANT, "declaration", to_korea("open-2", "100.00", receiver))
        both = await send(
            node,
            DECLARANT,
            "declaration",
            *(to_korea(f"open-{n}", "100.00", person("KR", "Both", "P8")) for n in (3, 4)),
        )

        assert "kr-within-exemption" in reasons(first)
        assert await balance(node, "D-open-1", word=1) == [(130_000, 130_000)]
        assert await balance(node, "D-open-2", word=1) == [(130_000, 130_000)]
        assert ["kr-above-exemption" in reasons(one) for one in both] == [True, True]
        rows = await select(
            node, "SELECT count(*) FROM decision WHERE consignment_id = %s", first.document_id
        )
        assert rows == [(2,)], "decided again at once"
        await Acts(node.processor).withdraw(DECLARANT, "D-open-2", expected_version=1, reason="not sent")
        assert await balance(node, "D-open-1", word=1) == [(0, 130_000)], "free again"


async def _reopen_in_korea(node: Node) -> None:
    def change(present: list[Any]) -> list[Any]:
        name = "KR-2024/pack.yaml"
        return [
            make_component(
                one.kind,
                one.name,
                one.content.replace(b"reopens_earlier: false", b"reopens_earlier: true"),
            )
            if one.name == name
            else one
            for one in present
        ]

    at = node.clock.now()
    await derive_law(node.database, node.administration_id, at, "a test", change)
    node.processor.law = await load_law(node.database, node.administration_id, at)

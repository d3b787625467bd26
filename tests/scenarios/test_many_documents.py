"""Many documents of many cases, in any order, from four clients to two processes: one decision each."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.serving import NDJSON, Serving, goods_item, ndjson, parcel, serving, short_folder

CLIENTS = 4


@pytest.fixture(scope="module")
def node() -> Iterator[Serving]:
    with short_folder() as folder, serving(folder) as node:
        yield node


def file_story(node: Serving, count: int, seed: int, *, shuffled: bool) -> int:
    """File `count` declarations, each twice: in order, or shuffled by four clients; returns the party."""
    party_id, key = node.add_party(f"Invented Crowd {seed} {shuffled}")
    # Each to a street of its own: of one address and one shop, many would be parts of one order.
    address = parcel("C")["consignee"]
    declared = [
        parcel(
            f"C-{seed}-{n}",
            goods_items=[_item(seed, n)],
            consignee=address | {"street": f"{n} {'Shuffled' if shuffled else 'Ordered'} Street"},
        )
        for n in range(count)
    ]
    files = [declared, declared]
    draw = random.Random(seed)
    if not shuffled:
        for documents in files:
            _send(node, key, documents)
        return party_id
    lots: list[list[dict[str, Any]]] = [[] for _ in range(CLIENTS)]
    for document in [one for documents in files for one in documents]:
        lots[draw.randrange(CLIENTS)].append(document)
    for lot in lots:
        draw.shuffle(lot)
    statuses: Counter[str] = Counter()
    lock = threading.Lock()

    def work(lot: list[dict[str, Any]]) -> None:
        for begin in range(0, len(lot), 250):
            counted = _send(node, key, lot[begin : begin + 250])
            with lock:
                statuses.update(counted)

    threads = [threading.Thread(target=work, args=(lot,)) for lot in lots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == {"decided": count, "repeated": count}
    return party_id


def _item(seed: int, number: int) -> dict[str, Any]:
    price = random.Random(seed * 1_000_003 + number).randint(100, 30_000)
    return goods_item(invoice_amount=f"{price / 100:.2f}")


def _send(node: Serving, key: str, documents: list[dict[str, Any]]) -> Counter[str]:
    *answers, trailer = node.send(ndjson(documents), key, NDJSON, timeout_s=300).lines()
    assert trailer["complete"]
    assert all(one["decision"] for one in answers)
    return Counter(one["status"] for one in answers)


def stored(node: Serving, party_id: int) -> list[tuple[Any, ...]]:
    """Every consignment of a party with all that was decided of it."""
    return node.rows(
        "SELECT reference, lane, status, reasons, version, "
        "(SELECT count(*) FROM decision d WHERE d.consignment_id = c.consignment_id), "
        "(SELECT count(*) FROM goods_item g WHERE g.consignment_id = c.consignment_id), "
        "(SELECT array_agg((kind, amount_minor) ORDER BY kind, amount_minor) FROM charge h "
        "WHERE h.consignment_id = c.consignment_id) "
        "FROM consignment c WHERE party_id = %s ORDER BY reference",
        party_id,
    )


@pytest.mark.in_turn
def test_shuffled_over_processes_each_case_has_one_decision_and_the_same_as_in_order(
    node: Serving,
) -> None:
    count = 2_000
    in_order = stored(node, file_story(node, count, count, shuffled=False))
    shuffled = stored(node, file_story(node, count, count, shuffled=True))

    assert len(in_order) == count
    assert all(row[5] == 1 for row in in_order)
    assert [str(row) for row in shuffled] == [str(row) for row in in_order]


@pytest.mark.in_turn
@pytest.mark.parametrize("party", ["the first to use its numbers", "a second one with the same numbers"])
def test_orders_and_declarations_in_any_order_meet_in_one_case_each(node: Serving, party: str) -> None:
    """Some tell of the order first, some file first, all at once; in the end each pair is one case."""
    party_id, key = node.add_party(f"Invented Platform, {party}", "platform", "declarant")
    count, draw = 300, random.Random(5)
    lots: list[list[tuple[str, dict[str, Any]]]] = [[] for _ in range(CLIENTS)]
    for n in range(count):
        declaration = parcel(f"M-{n}", order_references=[f"MO-{n}"], goods_items=[_item(5, n)])
        order = _order(f"MO-{n}", declaration["goods_items"][0])
        for path, document in (("/v1/declarations", declaration), ("/v1/orders", order)):
            lots[draw.randrange(CLIENTS)].append((path, document))
    for lot in lots:
        draw.shuffle(lot)
    statuses: Counter[tuple[str, str]] = Counter()
    lock = threading.Lock()

    def work(lot: list[tuple[str, dict[str, Any]]]) -> None:
        for begin in range(0, len(lot), 20):
            part = lot[begin : begin + 20]
            for path in ("/v1/orders", "/v1/declarations"):
                documents = [document for where, document in part if where == path]
                if documents:
                    lines = node.send(ndjson(documents), key, NDJSON, path=path, timeout_s=120).lines()
                    with lock:
                        statuses.update((path, one["status"]) for one in lines[:-1])

    threads = [threading.Thread(target=work, args=(lot,)) for lot in lots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == {("/v1/declarations", "decided"): count, ("/v1/orders", "recorded"): count}
    cases = node.rows(
        "SELECT count(*), count(DISTINCT case_id) FROM consignment WHERE party_id = %s", party_id
    )
    assert cases == [(count, count)]
    together = node.rows(
        # Two that came at once may each have opened a case: one of these then stands for both.
        "SELECT count(*) FROM (SELECT coalesce(merged_into, case_id) FROM document "
        "JOIN every_case USING (case_id) WHERE party_id = %s GROUP BY 1 HAVING count(*) = 2) AS both_there",
        party_id,
    )
    assert together == [(count,)]


def _order(reference: str, item: dict[str, Any]) -> dict[str, Any]:
    return {
        "reference": reference,
        "lines": [
            {
                "sequence_number": 1,
                "description": item["description"],
                "quantity": "1",
                "amount": item["invoice_amount"],
            }
        ],
        "currency_code": item["invoice_currency_code"],
        "purchased_at": "2026-06-10T09:00:00Z",
    }

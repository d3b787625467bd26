"""Must-show 8: orders, payments, transport documents and declarations of many cases, shuffled, from four
clients to four processes: one current decision for each case, and the same as when filed in order."""

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.serving import NDJSON, Serving, ndjson, serving, short_folder
from tests.journey.processing.support import order, parcel, payment, transport

PROCESSES = CLIENTS = 4
ROUTES = {
    "order": "/v1/orders",
    "payment": "/v1/payments",
    "transport-document": "/v1/transport-documents",
    "declaration": "/v1/declarations",
}
ROLES = {
    "order": "platform",
    "payment": "payment_provider",
    "transport-document": "carrier",
    "declaration": "declarant",
}
IDENTIFIERS = {
    "order": "INVENTED-PLATFORM",
    "payment": "INVENTED-PAYMENTS",
    "transport-document": "INVENTED-CARRIER",
}
"""By which the documents of a case name each other's senders."""

OUTCOME = """
WITH root AS (SELECT case_id, coalesce(merged_into, case_id) AS root_id FROM every_case),
told AS (
    SELECT decision_id, string_agg(code || parameters, ',' ORDER BY code) AS findings FROM finding GROUP BY 1
),
met AS (
    SELECT root_id, array_agg(DISTINCT kind ORDER BY kind) AS kinds
    FROM document JOIN root USING (case_id) WHERE is_confirmed GROUP BY 1
),
owed AS (
    SELECT consignment_id, array_agg((kind, total) ORDER BY kind) AS charges FROM (
        SELECT consignment_id, kind, sum(amount_minor) AS total FROM charge GROUP BY 1, 2
    ) AS by_kind GROUP BY 1
)
SELECT reference, lane, status, law_on, findings, kinds, charges
FROM consignment JOIN root USING (case_id) LEFT JOIN met USING (root_id)
LEFT JOIN told USING (decision_id) LEFT JOIN owed USING (consignment_id)
ORDER BY reference
"""
CURRENT = """
SELECT count(*), count(DISTINCT consignment_id) FROM decision AS one
WHERE NOT EXISTS (SELECT FROM decision AS newer WHERE newer.supersedes = one.decision_id)
"""
TWICE = "SELECT supersedes FROM decision WHERE supersedes IS NOT NULL GROUP BY 1 HAVING count(*) > 1"
LOOSE = "SELECT count(*) FROM document WHERE NOT is_confirmed"
CASES = """
SELECT count(*), count(DISTINCT coalesce(merged_into, case_file.case_id))
FROM consignment JOIN every_case AS case_file ON case_file.case_id = consignment.case_id
"""

Task = tuple[str, dict[str, Any]]


def documents(count: int) -> list[Task]:
    """Four documents of each case, kind after kind; every seventh order contradicts its declaration."""
    names = [f"{number:05d}" for number in range(count)]
    return [
        *(("order", order(one, discount_amount="5.00" if int(one) % 7 else "4.00")) for one in names),
        *(("payment", payment(one)) for one in names),
        *(("transport-document", transport(one)) for one in names),
        *(("declaration", parcel(one, conveyance_reference=f"FLIGHT-{int(one) % 5}")) for one in names),
    ]


class Senders:
    """The four parties of a node, and what their documents were answered, counted."""

    def __init__(self, node: Serving) -> None:
        self._node = node
        self._keys: dict[str, str] = {}
        self._lock = threading.Lock()
        self.statuses: Counter[tuple[str, str]] = Counter()
        for kind, role in ROLES.items():
            party_id, self._keys[kind] = node.add_party(f"Invented {role}", role)
            if kind in IDENTIFIERS:
                node.execute(
                    "INSERT INTO party_identifier (administration_id, identifier, party_id, added_at) "
                    f"VALUES (1, '{IDENTIFIERS[kind]}', {party_id}, '2026-01-01T00:00:00Z')"
                )

    def send(self, tasks: list[Task], file_count: int) -> None:
        """Send documents in their order, neighbours of one kind in one file, on the way of their kind."""
        for begin in range(0, len(tasks), file_count):
            files: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for kind, document in tasks[begin : begin + file_count]:
                files[kind].append(document)
            for kind, file in files.items():
                reply = self._node.send(
                    ndjson(file), self._keys[kind], NDJSON, path=ROUTES[kind], timeout_s=600
                )
                *answers, trailer = reply.lines()
                assert trailer["complete"]
                with self._lock:
                    self.statuses.update((kind, one["status"]) for one in answers)

    def send_shuffled(self, tasks: list[Task], seed: int, file_count: int) -> None:
        """Send them from several clients at once, in any order."""
        shuffled = random.Random(seed).sample(tasks, len(tasks))
        threads = [
            threading.Thread(target=self.send, args=(shuffled[client::CLIENTS], file_count))
            for client in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


@pytest.mark.slow
def test_shuffled_documents_of_ten_thousand_cases_give_one_decision_each(
    record_property: Callable[[str, object], None],
) -> None:
    count = 10_000
    tasks, seconds = documents(count), []
    with short_folder() as folder, serving(folder, workers=PROCESSES) as node:
        begun_s = time.monotonic()
        Senders(node).send(tasks, 1_000)
        seconds.append(time.monotonic() - begun_s)
        wanted = node.rows(OUTCOME)

    with short_folder() as folder, serving(folder, workers=PROCESSES) as node:
        assert len(node.web_process_ids()) == PROCESSES
        senders = Senders(node)
        begun_s = time.monotonic()
        senders.send_shuffled(tasks, 7, 400)
        seconds.append(time.monotonic() - begun_s)
        found = node.rows(OUTCOME)
        cases, current, twice, loose = (node.rows(one) for one in (CASES, CURRENT, TWICE, LOOSE))

    record_property("seconds_in_order_and_shuffled", [round(one, 1) for one in seconds])
    assert senders.statuses == {
        (kind, "decided" if kind == "declaration" else "recorded"): count for kind in ROUTES
    }
    assert len(found) == count
    assert [str(row) for row in found] == [str(row) for row in wanted]
    assert cases == [(count, count)], "a case for each"
    assert current == [(count, count)], "one current decision each"
    assert twice == [], "no decision is replaced twice"
    assert loose == [(0,)], "every document counts in its case"
    assert all(row[5] == [1, 2, 3, 4] for row in found), "all four documents met"
    assert sum("declared-amount-differs" in (row[4] or "") for row in found) == (count + 6) // 7

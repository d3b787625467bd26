"""One person's five free shipments, filed by four clients with two processes at once: five, never six."""

import threading
from typing import Any

import pytest

from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.list_files import with_lists
from tests.faults.serving import NDJSON, ndjson, serving, short_folder
from tests.journey.processing.counted import LISTS, to_argentina

PEOPLE, CLIENTS, TURNS = 10, 4, 6


@pytest.mark.slow
def test_two_processes_share_out_the_free_shipments_of_a_year() -> None:
    numbers = [f"20-{number}" for number in range(PEOPLE)]
    answers: list[dict[str, Any]] = []
    lists = [make_component(*one) for one in LISTS]

    with short_folder() as folder, serving(folder, workers=2) as node:
        node.change_law(lambda present: with_lists(present, lists))
        _, key = node.add_party("Invented declarant", "declarant")

        def send(client: int) -> None:
            order = numbers if client % 2 else numbers[::-1]
            for turn in range(TURNS):
                parcels = [to_argentina(f"one-{client}-{turn}-{one}", one) for one in order]
                reply = node.send(ndjson(parcels), key, NDJSON, path="/v1/declarations", timeout_s=300)
                *its, trailer = reply.lines()
                assert trailer["complete"]
                answers.extend(its)

        threads = [threading.Thread(target=send, args=(client,)) for client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        _, officer_key = node.add_party("Invented officer", "officer")
        path = f"/v1/cases/{answers[-1]['case_id']}/explanation"
        told = {name: node.get(path, its).json() for name, its in (("filer", key), ("officer", officer_key))}
        workers = len(node.web_process_ids())
        cumulative_allowances = node.rows("SELECT amount FROM cumulative_allowance")
        stood = node.rows(
            "SELECT array_agg(before_amount ORDER BY before_amount) FROM cumulative_allowance_draw"
            " WHERE drawn_amount = 1 GROUP BY holder"
        )

    assert workers == 2
    assert len(answers) == PEOPLE * CLIENTS * TURNS
    free = [
        one
        for one in answers
        if any(why["code"] == "ar-within-franchise" for why in one["decision"]["reasons"])
    ]
    assert len(free) == 5 * PEOPLE
    assert cumulative_allowances == [(5,)] * PEOPLE
    assert stood == [([0, 1, 2, 3, 4],)] * PEOPLE
    results = {
        name: [one["result"] for one in its["explanation"]["cumulative_allowances"]]
        for name, its in told.items()
    }
    assert results["officer"] == ["5", "0", "5"], "balance before, drawn, after"
    assert results["filer"] == ["not shown", "0", "not shown"]
    assert all(one["agrees"] for one in told.values())

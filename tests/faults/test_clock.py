"""The clock of the machine is stepped under a running node, back and forth: filing goes on, and every answer
keeps its promise."""

import time
from collections.abc import Iterator

import pytest

from tests.faults.serving import Serving, encoded, parcel, serving, short_folder
from tests.faults.stepped_clock import SteppedClock

pytestmark = pytest.mark.slow

PATIENCE_S = 60


class Machine:
    """A node on a machine whose clock can be stepped: its web process and its PostgreSQL together."""

    def __init__(self, node: Serving, clock: SteppedClock) -> None:
        self.node = node
        self.step = clock.step
        self._count = 0
        _, self.key = node.add_party("Invented Clock")

    def file(self) -> tuple[int, str]:
        """File a parcel; returns the status and the case, or what was said."""
        self._count += 1
        reply = self.node.send(encoded(parcel(f"CLOCK-{self._count}")), self.key)
        return reply.status, reply.json().get("case_id") or reply.json()["code"]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with short_folder() as folder:
        clock = SteppedClock(folder)
        if not clock.environment:
            pytest.skip("no C compiler is here to make a clock that can be stepped")
        with serving(folder, workers=1, environment=clock.environment) as node:
            yield Machine(node, clock)


@pytest.mark.parametrize("seconds", [-3_600, 3_600, -90, 120, -86_400])
def test_filing_goes_on_over_a_step_of_the_clock(machine: Machine, seconds: int) -> None:
    assert machine.file()[0] == 201

    machine.step(seconds)
    answers = [machine.file()]
    end = time.monotonic() + PATIENCE_S
    while [status for status, _ in answers[-3:]] != [201] * 3:
        assert time.monotonic() < end, answers
        time.sleep(0.1 if answers[-1][0] == 201 else 0.5)
        answers.append(machine.file())

    assert {said for status, said in answers if status != 201} <= {"node-lease-ended"}
    for _, case_id in answers[-3:]:
        end = time.monotonic() + PATIENCE_S
        while "proof" not in machine.node.get(f"/v1/cases/{case_id}/receipt", machine.key).content.decode():
            assert time.monotonic() < end, "its promise is not kept"
            time.sleep(0.2)
    assert machine.node.get("/readyz").status == 200
    machine.step(0)
    end = time.monotonic() + PATIENCE_S
    while machine.file()[0] != 201:
        assert time.monotonic() < end, "nor back to the right time"
        time.sleep(0.5)

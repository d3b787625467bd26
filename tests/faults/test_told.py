"""What an operator is told: the figures of all processes in each scrape, and lines of JSON alone."""

import re
import time
from typing import Any

from serai.foundation.access.table import SCOPES
from tests.faults.serving import Serving

_ASKED = re.compile(
    r'^serai_requests_total\{method="GET",route="/problems",status="200"\} (\S+)$', re.MULTILINE
)


def test_each_scrape_shows_what_all_processes_have_counted(node: Serving) -> None:
    _, key = node.add_party("Invented Watch", "admin", "officer", scopes=SCOPES)
    for _ in range(2 * node.workers):
        assert node.get("/problems").status == 200

    scrapes = [node.get("/metrics", key).content.decode() for _ in range(2 * node.workers)]

    counts = [float(found[1]) for text in scrapes if (found := _ASKED.search(text))]
    assert len(set(counts)) == 1, "connections go to the processes in turn: each scrape met another one"
    assert counts[0] >= 2 * node.workers
    assert all(f"serai_web_processes {node.workers}.0" in text for text in scrapes)


def test_all_that_serve_and_its_processes_say_is_lines_of_json(node: Serving) -> None:
    node.get("/v1/no-such-route")
    # The line follows the answer.
    end = time.monotonic() + 20
    while not any(map(_tells_of_it, lines := node.lines())) and time.monotonic() < end:
        time.sleep(0.1)

    assert all({"event", "level", "at"} <= set(one) for one in lines)
    listening = next(one for one in lines if one["event"] == "listening")
    assert listening["port"] == node.port
    assert any(map(_tells_of_it, lines))


def _tells_of_it(line: dict[str, Any]) -> bool:
    return (line["event"], line.get("status")) == ("request-answered", 404)

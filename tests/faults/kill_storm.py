"""`python -m tests.faults.kill_storm --count 300 --seed 1`: random blows to nodes under mixed load.

Files, single declarations, whole journeys with supporting documents and payments, and a webhook go on all the
time. Each round of blows has a node of its own; after it nothing may be lost or doubled, each receipt has to
prove, each account to balance, each event to have been told. Figures of each round are kept in a file as soon
as it ends: a run that was ended goes on behind them. Exit code 1 where anything was found.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Final

import msgspec
import psycopg

from serai.evidence.audit import audit_database
from serai.evidence.receipt import verify_receipt
from serai.foundation.keys import KeyFolder
from tests.faults.blows import Blows, disk_of_its_own
from tests.faults.journeys import Journeys
from tests.faults.kill_storm_page import Round, blows_count, count_alike, write_page
from tests.faults.load import Load
from tests.faults.nothing_lost import find_lost
from tests.faults.serving import Serving, encoded, parcel, serving, short_folder
from tests.faults.stepped_clock import SteppedClock
from tests.journey.notifications.receiver import Receiver, running_receiver

FIGURES: Final = Path(__file__).parents[2] / "docs" / "reference" / "kill-storm.json"
_ROUND_COUNT: Final = 25
_WATCHED_S: Final = 5.0
_SERVES_AGAIN_MAX_S: Final = 60.0
_IN_A_ROW: Final = 5
_TOLD_S: Final = 180.0


class Probe:
    """A stranger that files one declaration at a time, each on a connection of its own. last_failure: in
    words."""

    def __init__(self, node: Serving, key: str) -> None:
        self._node, self._key, self._count = node, key, 0
        self.last_failure = ""

    def await_served(self) -> float:
        """Watch for some seconds, and on until five in a row are served; returns when the last failed, in
        seconds from now. 60 and more: it was not served again."""
        begin, last_failed_s, in_a_row = time.monotonic(), 0.0, 0
        while (since := time.monotonic() - begin) < _SERVES_AGAIN_MAX_S:
            if since > _WATCHED_S and in_a_row >= _IN_A_ROW:
                return last_failed_s
            if self._is_served():
                in_a_row += 1
            else:
                in_a_row, last_failed_s = 0, time.monotonic() - begin
            time.sleep(0.2)
        return since

    def _is_served(self) -> bool:
        self._count += 1
        body = encoded(parcel(f"PROBE-{self._count}"))
        try:
            reply = self._node.send(body, self._key, timeout_s=5)
        except (OSError, HTTPException) as fault:
            self.last_failure = type(fault).__name__
            return False
        if reply.status != 201:
            self.last_failure = f"{reply.status} {reply.content[:200].decode(errors='replace')}"
        return reply.status == 201


def deal_blows(count: int, seed: int) -> Round:
    """Start a node, load it, deal so many blows, and look at what is left."""
    rng = random.Random(seed)
    with short_folder() as folder, disk_of_its_own(folder) as has_disk, running_receiver() as receiver:
        clock = SteppedClock(folder)
        with serving(folder, environment=clock.environment) as node:
            blows = Blows(node, clock, has_disk=has_disk, rng=rng)
            party_id, key = node.add_party("Invented Load", scopes=("lodging", "reading", "subscribing"))
            _, stranger = node.add_party("Invented Stranger")
            roles = ("platform", "payment_provider", "carrier", "declarant")
            _, everybody = node.add_party("Invented Everybody", *roles)
            _register(node, key, receiver.url)
            load, journeys = (
                Load(node, key, f"S{seed}", clients=2, pause_s=0.5),
                Journeys(node, everybody, f"J{seed}"),
            )
            load.start()
            journeys.start()
            seconds: dict[str, list[float]] = {}
            try:
                probe = Probe(node, stranger)
                for name in _drawn(blows, count, rng):
                    blows.deal(name)
                    seconds.setdefault(name, []).append(round(probe.await_served(), 2))
                    _tell(f"{name}: {seconds[name][-1]} s {probe.last_failure}")
            finally:
                load.finish()
                journeys.finish()
            faults, events_count = look(party_id, load, journeys, receiver)
    late = [
        f"{name}: not served again" for name, all_s in seconds.items() if max(all_s) >= _SERVES_AGAIN_MAX_S
    ]
    receipts_count = len(load.answers) + len(journeys.receipts)
    troubles = dict(load.troubles.most_common())
    return Round(
        seed,
        seconds,
        len(load.answers),
        len(journeys.paid),
        receipts_count,
        events_count,
        troubles,
        late + faults,
    )


def look(party_id: int, load: Load, journeys: Journeys, receiver: Receiver) -> tuple[list[str], int]:
    """Find what was lost, doubled, not proven, not balanced or not told, and how many events there were."""
    node = load.node
    faults = find_lost(load, party_id)
    faults += [f"never answered: {one}" for one in journeys.unfinished]
    faults += _find_unproven(node, [one["receipt"] for one in load.answers.values()] + journeys.receipts)
    faults += _find_unbalanced(node, journeys)
    event_ids = _read_feed(node, load.key)
    doubled = [one for one, times in Counter(event_ids).items() if times > 1]
    faults += [f"event {one} is in the feed twice" for one in doubled]
    decided = {one["decision"]["decision_id"] for one in load.answers.values()}
    faults += _find_untold(receiver, set(event_ids))
    if len(event_ids) < len(decided):
        faults.append(f"{len(event_ids)} events of {len(decided)} decisions")
    return faults, len(event_ids)


def _drawn(blows: Blows, count: int, rng: random.Random) -> Iterator[str]:
    """All kinds in turn, in an order of their own each time."""
    names: list[str] = []
    for _ in range(count):
        if not names:
            names = rng.sample(sorted(blows.by_name), len(blows.by_name))
        yield names.pop()


def _register(node: Serving, key: str, url: str) -> None:
    reply = node.send(encoded({"reference": "storm", "url": url, "after": ""}), key, path="/v1/webhooks")
    assert reply.status == 201, reply.content


def _find_unproven(node: Serving, receipts: list[object]) -> list[str]:
    public_key = KeyFolder(node.data / "keys").signing_key(()).public_key
    verdicts = [verify_receipt(msgspec.json.encode(one), public_key, []) for one in receipts]
    faults = [f"receipt {verdict.faults}" for verdict in verdicts if not verdict.is_genuine]
    end = time.monotonic() + 60
    while node.rows("SELECT count(*) FROM log_pending") != [(0,)]:
        if time.monotonic() > end:
            return [*faults, "the log never brought all in"]
        time.sleep(0.5)
    origin = node.get("/log/checkpoint").content.decode().splitlines()[0]

    async def audit() -> list[str]:
        async with await psycopg.AsyncConnection.connect(node.dsn) as connection:
            done = await audit_database(connection, origin=origin, public_key=public_key)
            return [f"log: {code} {place}" for code, place in done.faults]

    return faults + asyncio.run(audit())


def _find_unbalanced(node: Serving, journeys: Journeys) -> list[str]:
    """Each case that was paid owes nothing, bears one payment, and is released."""
    faults = []
    for case_id, paid in journeys.paid.items():
        case = node.get(f"/v1/cases/{case_id}", journeys.key).json()
        acts = node.get(f"/v1/cases/{case_id}/acts", journeys.key).json()["acts"]
        payments = [act["act_id"] for act in acts if act["kind"] == "paid"]
        if payments != [paid["act_id"]]:
            faults.append(f"case {case_id}: payments {payments}, answered {paid['act_id']}")
        if paid["status"] != "settled" or case["status"] != "released":
            faults.append(f"case {case_id}: {paid['status']}, {case['status']}")
    return faults


def _read_feed(node: Serving, key: str) -> list[str]:
    found, after = [], ""
    while True:
        page = node.get(f"/v1/events?limit=1000&after={after}", key).json()
        found += [one["event_id"] for one in page["events"]]
        if not page["events"]:
            return found
        after = page["next_after"]


def _find_untold(receiver: Receiver, wanted: set[str]) -> list[str]:
    end = time.monotonic() + _TOLD_S
    while left := wanted - {one.headers["webhook-id"] for one in list(receiver.got)}:
        if time.monotonic() > end:
            return [f"event {one} was not told by the webhook" for one in sorted(left)]
        time.sleep(1)
    return []


def _tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _keep(file: Path, rounds: list[Round]) -> None:
    file.write_bytes(msgspec.json.format(msgspec.json.encode(rounds), indent=1) + b"\n")


def _read(file: Path) -> list[Round]:
    return msgspec.json.decode(file.read_bytes(), type=list[Round]) if file.exists() else []


def main() -> None:
    """Deal blows until there were so many of this seed, or write the page of what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill_storm")
    parser.add_argument(
        "--count", type=int, default=300, help="blows altogether, those of rounds kept included"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--figures", type=Path, default=FIGURES, help="file that keeps the figures")
    parser.add_argument("--write", action="store_true", help="write the page and deal no blow")
    asked = parser.parse_args()
    rounds = _read(asked.figures)
    while not asked.write and (missing := asked.count - sum(map(blows_count, rounds))) > 0:
        done = deal_blows(min(missing, _ROUND_COUNT), asked.seed * 1_000 + len(rounds))
        rounds.append(done)
        _keep(asked.figures, rounds)
        told = "; ".join(count_alike(done.faults)) or "nothing found"
        _tell(f"round {len(rounds)}: {blows_count(done)} blows, {done.answers_count} answers, {told}")
    asked.figures.with_suffix(".md").write_text(write_page(rounds))
    sys.exit(1 if any(one.faults for one in rounds) else 0)


if __name__ == "__main__":
    main()

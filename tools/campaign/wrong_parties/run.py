"""The campaign: requests in pairs from a seed, going on where it stopped; what came of them."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from random import Random
from typing import Final, NamedTuple

from serai.foundation.id_text import parse_id

from tools.campaign.wrong_parties.asking import (
    JUDGED_BY_CASE,
    Ask,
    Pair,
    make_read,
    make_write,
    names_something,
    read_routes,
    write_routes,
)
from tools.campaign.wrong_parties.fingerprint import Watch
from tools.campaign.wrong_parties.honest import Known, settle
from tools.campaign.wrong_parties.judging import Answer, difference, find_words
from tools.campaign.wrong_parties.outcome import WrongOutcome
from tools.campaign.wrong_parties.place import Caller, Place
from tools.campaign.wrong_parties.sending import own_line, wrong_parties
from tools.campaign.wrong_parties.statements import StatementCounts
from tools.campaign.wrong_parties.timing import time_pairs

Keep = Callable[[WrongOutcome], object]
_LINES_COUNT: Final = 6
_READS_A_ROUND: Final = 1_000
_WRITES_A_ROUND: Final = 400
_ATTEMPTS_COUNT: Final = 100
_FAR: Final = ("all of trade", "trade of elsewhere", "staff of elsewhere")
"""Those whom no lack of a role stops: every other request is theirs."""
_MAKES_CHANCE: Final = ("/v1/risk/budget", "/risk/budget")
"""What staff may set at home, so that from then on chance selects one of a pair and not the other: it is sent
by those alone to whom it is refused."""
_PUBLIC_SHARE: Final = 0.05
"""Of reads that name nothing: they tell all the same thing."""
TIMED: Final = (
    "GET /v1/cases/{case_id}",
    "GET /v1/cases/{case_id}/charges",
    "GET /v1/cases/{case_id}/history",
    "GET /v1/cases/{case_id}/receipt",
    "GET /v1/cases/{case_id}/people",
    "GET /v1/cases/{case_id}/explanation",
    "GET /v1/receipts/{leaf_id}",
    "GET /v1/receipts/{leaf_id}/openings",
    "GET /v1/people/{person_id}/reads",
    "GET /parcels/{case_id}",
    "GET /parcels",
    "GET /v1/declarations",
    "GET /v1/declarations/{reference}",
    "GET /v1/epcis/events",
    "GET /v1/epcis/events/{event_id}",
    "POST /v1/cases/{case_id}/payment-records",
    "POST /v1/returns",
    "POST /v1/orders",
)


class Wanted(NamedTuple):
    """How much is tried. pairs_count: timed on each weighty route. seeds_count: pairs on each route of which
    the statements are compared, for each of two callers. weighty_only: on weighty routes alone."""

    seed: int
    reads_count: int
    writes_count: int
    pairs_count: int
    seeds_count: int = 3
    weighty_only: bool = False


def try_wrong_parties(place: Place, outcome: WrongOutcome, keep: Keep, wanted: Wanted) -> None:
    """Do what an earlier run of the seed has left to do. outcome: what came of that; it is added to."""
    with closing(Campaign(place, outcome, keep, seed=wanted.seed)) as campaign:
        # Nobody has written yet: what is read is nobody's own.
        campaign.read(wanted.reads_count)
        if not outcome.statement_pairs_count:
            routes = set(routes_by_address())
            campaign.compare_statements(
                sorted(routes.intersection(TIMED) if wanted.weighty_only else routes), wanted.seeds_count
            )
        campaign.write(wanted.writes_count)
        if wanted.pairs_count:
            campaign.time(wanted.pairs_count)


class Campaign:
    """A campaign in a place, with those whose business it is and those whose it is not."""

    def __init__(self, place: Place, outcome: WrongOutcome, keep: Keep, *, seed: int) -> None:
        """Register everybody, and have the honest do their business."""
        self._place, self._keep, self._seed = place, keep, seed
        self._known: Known = settle(place)
        # Whoever comes later is none of the honest.
        self._watch = Watch(place.superuser_dsn, frozenset(parse_id(one) for one in self._known.ids))
        self._callers: list[Caller] = wrong_parties(place)
        self._far = [one for one in self._callers if one.name in _FAR]
        self._readers = [one for one in self._callers if not one.reads]
        self._own = count()
        self._told_faults = Counter(outcome.faults())
        self.outcome = outcome
        outcome.seed, outcome.parties_count = seed, len(self._callers)
        outcome.watched_tables_count = self._watch.tables_count
        outcome.watched_rows_count = self._watch.rows_count

    def close(self) -> None:
        """End what was opened."""
        self._watch.close()
        own_line().close()

    # ---- what is asked ----

    def read(self, requests_count: int) -> None:
        """Send requests that read, until there were so many."""
        routes = read_routes()
        naming = [one for one in routes if names_something(one)]
        others = [one for one in routes if not names_something(one)]

        def draw(random: Random, _: int) -> tuple[Caller, Pair]:
            route = random.choice(others if random.random() < _PUBLIC_SHARE else naming)
            return self._draw_caller(random, self._readers), make_read(route, self._known, random)

        while self.outcome.reads_count < requests_count:
            wanted = min(_READS_A_ROUND, requests_count - self.outcome.reads_count)
            drawn = self._draw("read", self.outcome.reads_count, wanted, draw)
            self.outcome.reads_count += self._send(drawn, is_written=False)
            self._tell(f"{self.outcome.reads_count:,} reads")

    def write(self, requests_count: int) -> None:
        """Send requests that write, until there were so many; look at the database after each round."""
        routes = write_routes()

        def draw(random: Random, number: int) -> tuple[Caller, Pair]:
            method, path = random.choice(routes)
            own = f"{self._seed % 0xFFF:03X}{number:08X}"
            caller = self._draw_caller(random, self._callers)
            if path in _MAKES_CHANCE and caller.url != self._place.url:
                caller = random.choice([one for one in self._callers if one.url == self._place.url])
            return caller, make_write(method, path, self._known, random, own)

        seen = [office.get(path) for office, path in self._known.seen_by]
        while self.outcome.writes_count < requests_count:
            begin = self.outcome.writes_count
            wanted = min(_WRITES_A_ROUND, requests_count - begin)
            self.outcome.writes_count += self._send(self._draw("write", begin, wanted, draw), is_written=True)
            found = self._watch.differences()
            self.outcome.fingerprints_count += 1
            self.outcome.changes += [
                f"writes {begin:,} to {self.outcome.writes_count:,}: {one}" for one in found
            ]
            self._tell(f"{self.outcome.writes_count:,} writes")
        for (office, path), before in zip(self._known.seen_by, seen, strict=True):
            if office.get(path) != before:
                self.outcome.changes.append(f"who has a part in it reads {path} otherwise than before")

    # ---- how it is answered ----

    def compare_statements(self, routes: Iterable[str], seeds_count: int) -> None:
        """Compare what the database does for each of a pair, on each route that names something."""
        counts = StatementCounts(self._place.superuser_dsn)
        callers = [one for one in self._far if one.name != "trade of elsewhere"]
        self.outcome.statements.clear()
        self.outcome.statement_pairs_count = 0
        try:
            for route in routes:
                for caller in callers:
                    for number in range(seeds_count):
                        pair = self._pair(route, number)
                        if any(map(JUDGED_BY_CASE.match, pair.known.names)):
                            continue
                        self.outcome.statement_pairs_count += 1
                        found = counts.difference(
                            lambda: self._ask(caller, route, number, is_known=True),  # noqa: B023 asked at once
                            lambda: self._ask(caller, route, number, is_known=False),  # noqa: B023
                        )
                        if found:
                            self.outcome.statements.append(f"{caller.name}, {pair.known.path}: {found}")
        finally:
            counts.close()
        self._tell(f"statements of {self.outcome.statement_pairs_count:,} pairs")

    def time(self, pairs_count: int) -> None:
        """Time pairs of the weightiest routes, asked by who has every role of trade."""
        caller = next(one for one in self._callers if one.name == "all of trade")
        for route in TIMED:
            if any(one.route == route and one.pairs_count >= pairs_count for one in self.outcome.timings):
                continue
            self.outcome.timings = [one for one in self.outcome.timings if one.route != route]
            timing = time_pairs(
                route,
                lambda number: self._ask(caller, route, number, is_known=True),  # noqa: B023 asked at once
                lambda number: self._ask(caller, route, number, is_known=False),  # noqa: B023
                pairs_count,
                self._seed,
            )
            self.outcome.timings.append(timing)
            self._tell(f"{route}: {timing.known_ms} and {timing.absent_ms} ms")

    # ---- inside ----

    def _pair(self, route: str, number: int) -> Pair:
        """Return a pair that names something; what is written is new each time."""
        method, _, path = route.partition(" ")
        for attempt in range(_ATTEMPTS_COUNT):
            random = Random(f"{self._seed} {route} {number} {attempt}")
            if method == "GET":
                pair = make_read(path, self._known, random)
            else:
                pair = make_write(method, path, self._known, random, f"FFF{next(self._own):08X}")
            if pair.absent is not None and pair.known.method == method:
                return pair
        raise AssertionError(f"no request to {route} names what is somebody's")

    def _ask(self, caller: Caller, route: str, number: int, *, is_known: bool) -> Answer:
        pair = self._pair(route, number)
        assert pair.absent is not None
        return own_line().send(caller, pair.known if is_known else pair.absent)

    def _draw_caller(self, random: Random, callers: list[Caller]) -> Caller:
        return random.choice(self._far if random.random() < 0.5 else callers)

    def _draw(
        self, kind: str, begin: int, wanted: int, draw: Callable[[Random, int], tuple[Caller, Pair]]
    ) -> list[tuple[Caller, Pair]]:
        """Return pairs of `wanted` requests; each from its number alone, so that it can be made again."""
        drawn: list[tuple[Caller, Pair]] = []
        number = begin
        while number - begin < wanted:
            caller, pair = draw(Random(f"{self._seed} {kind} {number}"), number)
            drawn.append((caller, pair))
            number += 2 if pair.absent is not None else 1
        return drawn

    def _send(self, drawn: list[tuple[Caller, Pair]], *, is_written: bool) -> int:
        """Send pairs over several connections, those of one caller one after the other; judge the answers."""
        by_caller: dict[str, list[tuple[Caller, Pair]]] = {}
        for caller, pair in drawn:
            by_caller.setdefault(caller.name, []).append((caller, pair))
        requests_count = 0
        with ThreadPoolExecutor(_LINES_COUNT) as threads:
            for answered in threads.map(_send_all, by_caller.values()):
                for caller, pair, answers in answered:
                    requests_count += len(answers)
                    self._judge(caller, pair, answers, is_written=is_written)
        return requests_count

    def _judge(self, caller: Caller, pair: Pair, answers: list[Answer], *, is_written: bool) -> None:
        route = self.outcome.route(pair.route)
        route.add(answers[0].status, len(answers))
        who = f"{caller.name}, {pair.known.method} {pair.known.path}"
        asked: tuple[Ask, ...] = (pair.known,) if pair.absent is None else (pair.known, pair.absent)
        for one, ask in zip(answers, asked, strict=True):
            if one.status >= 500 and one.status != 503:
                route.blame(f"{who}: {one.status} {one.content[:300].decode(errors='replace')}")
            # Whose right it is to read all is tried for what it may not write.
            for word in (
                ()
                if caller.reads
                else find_words(one, self._known, ask.names, is_public=not names_something(pair.route))
            ):
                if word not in self._known.published.get(pair.route, ()):
                    route.blame(f"{who}: tells {word}")
        if pair.absent is not None and not caller.reads:
            told = difference(answers[0], answers[1], (pair.known, pair.absent), is_written=is_written)
            if told:
                route.blame(f"{who}: {told}")

    def _tell(self, what: str) -> None:
        """Keep what there is, and write a line, with the faults no line before it has told."""
        self._keep(self.outcome)
        faults = Counter(self.outcome.faults())
        new = "".join(f"\n    {one}" for one in faults - self._told_faults)
        self._told_faults = faults
        sys.stdout.write(f"{what}; {self.outcome.faults_count} faults{new}\n")
        sys.stdout.flush()


def _send_all(drawn: Iterable[tuple[Caller, Pair]]) -> list[tuple[Caller, Pair, list[Answer]]]:
    with closing(own_line()) as line:
        return [
            (
                caller,
                pair,
                [line.send(caller, one) for one in (pair.known, pair.absent) if one is not None],
            )
            for caller, pair in drawn
        ]


def routes_by_address() -> Iterator[str]:
    """Yield the routes that name something in their address. What documents name is compared in words and in
    time alone: that the number of a document is somebody else's, is found out by looking."""
    yield from (f"GET {path}" for path in read_routes() if names_something(path))
    yield from (
        f"{method} {path}" for method, path in write_routes() if "{" in path and names_something(path)
    )

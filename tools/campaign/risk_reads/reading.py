"""Reads of such cases, drawn one by one from a seed, and what no answer may say to anybody but officers."""

import re
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Final

import httpx2
import msgspec
from serai.foundation.access.actor import ADMINISTRATION
from tests.journey.cases.world import LISTED_NAME

from tools.campaign.audiences.cast import Cast, Reader
from tools.campaign.risk_reads.hits import PERMIT, RECALL, RULE_ID, RULE_WORDS, Case, Hits

_KEEP_EACH: Final = 1_000
_FAULTS_KEPT_MAX: Final = 10
_LANGUAGES: Final = ("en", "fr", "ar", "zh", "sw")
_OF_A_CASE: Final = (
    *("", "/decision", "/decision?include=text", "/explanation", "/history", "/receipt", "/documents"),
    *("/charges", "/acts", "/people", "/notices"),
)
_PAGES: Final = (
    *("/parcels/{case}", "/risk/cases/{case}", "/parcels?search={reference}", "/fairness", "/recalls"),
    *("/permits", "/take-downs", "/parcels", "/arrivals"),
)
_DATA: Final = (
    *("/v1/risk", "/v1/risk/cases/{case}", "/v1/declarations?limit=20", "/v1/declarations/{reference}"),
    *("/v1/events?limit=20", "/v1/recalls", "/v1/recalls/{recall}", "/v1/recalls/{recall}/hits"),
    *("/v1/recall-take-downs", "/v1/permits", f"/v1/permits/{PERMIT}", "/v1/fairness", "/v1/agencies"),
)
_CHANCE: Final = "random share"
_OFFICERS_ALONE: Final = (
    *(RULE_ID, RULE_WORDS, "score_ppm", "propensity", "hit_rules", "screening-", "RISK-RULES", _CHANCE),
    *("entry_id", "I-1", "invented.csv", "risk-model"),
)
"""Scores, names and words of rules, entries and names of lists: for officers alone."""
_OF_THE_PART: Final = ("post", "platform", "seller")
"""Readers with a part in the cases; to all others what a case holds is another party's."""
_AGENCY: Final = "agency"


class RiskReadsOutcome(msgspec.Struct):
    """What came of reads. told_counts: answers of 2xx by reader; reads: by route, then by status."""

    seed: int = 0
    cases_count: int = 0
    reads_count: int = 0
    told_counts: dict[str, int] = {}
    reads: dict[str, dict[str, int]] = {}
    leaks_count: int = 0
    leaks: list[str] = []

    def blame(self, leak: str) -> None:
        """Count a leak, and keep it where it is new and there are few."""
        self.leaks_count += 1
        if len(self.leaks) < _FAULTS_KEPT_MAX and leak not in self.leaks:
            self.leaks.append(leak)


def read_hits(
    cast: Cast,
    hits: Hits,
    outcome: RiskReadsOutcome,
    keep: Callable[[RiskReadsOutcome], object],
    *,
    reads_count: int,
) -> None:
    """Do the reads of a seed that an earlier run left to do, up to `reads_count` in all."""
    outcome.cases_count = len(hits.cases)
    readers = [one for one in cast.readers.values() if not one.viewer.roles & ADMINISTRATION]
    with httpx2.Client(base_url=cast.world.address, timeout=120) as client:
        for number in range(outcome.reads_count, reads_count):
            _read_one(client, Random(f"{outcome.seed}:{number}"), readers, hits, outcome)
            if number % _KEEP_EACH == 0:
                keep(outcome)
    keep(outcome)


def _read_one(
    client: httpx2.Client, random: Random, readers: list[Reader], hits: Hits, outcome: RiskReadsOutcome
) -> None:
    # Filer, buyer, rival and agency are named by the issue; they read more often than all others.
    often = [one for one in readers if one.name in (*_OF_THE_PART, "payer", "rival", _AGENCY)]
    reader = random.choice(often if random.random() < 0.7 else readers)
    case = random.choice(hits.cases)
    kind = random.random()
    if kind < 0.1:
        _track(client, random, case, outcome)
        return
    route = f"/v1/cases/{{case}}{random.choice(_OF_A_CASE)}"
    if kind < 0.4:
        route = random.choice((*_PAGES, *_DATA))
    path = route.format(case=case.case_id, reference=case.reference, recall=hits.recall_id)
    headers = {"accept-language": random.choice(_LANGUAGES)}
    if not path.startswith("/v1"):
        headers["accept"] = "text/html"
    if reader.key:
        headers["authorization"] = f"Bearer {reader.key}"
    _judge(outcome, reader.name, route, client.get(path, headers=headers), hits)


def _track(client: httpx2.Client, random: Random, case: Case, outcome: RiskReadsOutcome) -> None:
    """Look as the buyer does: by number and postcode."""
    opened = client.post("/v1/track", json={"number": case.number, "postcode": "D02 AF30"})
    answers = [opened]
    if opened.is_success:
        session = {"session": opened.json()["session"]}
        answers.append(client.post(random.choice(("/v1/track/status", "/v1/track/parcel")), json=session))
    for answer in answers:
        _judge(outcome, "buyer", "/v1/track", answer, None)


def _judge(
    outcome: RiskReadsOutcome, reader: str, route: str, answer: httpx2.Response, hits: Hits | None
) -> None:
    outcome.reads_count += route != "/v1/track" or answer.request.url.path == "/v1/track"
    statuses = outcome.reads.setdefault(route, {})
    statuses[str(answer.status_code)] = statuses.get(str(answer.status_code), 0) + 1
    outcome.told_counts[reader] = outcome.told_counts.get(reader, 0) + answer.is_success
    text = answer.text
    if answer.status_code >= 500:
        outcome.blame(f"{reader}, {route}: answered with {answer.status_code}")
    for word in _forbidden(reader, route, hits):
        if word in text and _as_word(word).search(text):
            outcome.blame(f"{reader}, {route}: tells {word!r}")


@cache
def _as_word(word: str) -> re.Pattern[str]:
    """Return where a word stands by itself: a random text, such as a session's, may hold its letters."""
    end = "" if word.endswith("-") else r"(?![\w-])"
    return re.compile(rf"(?<![\w-]){re.escape(word)}{end}")


def _forbidden(reader: str, route: str, hits: Hits | None) -> list[str]:
    # The public meter says of all parcels together what chance has selected.
    words = [one for one in _OFFICERS_ALONE if one != _CHANCE or route != "/fairness"]
    if hits is None or reader in _OF_THE_PART:
        return words
    words.append(LISTED_NAME)
    if reader != _AGENCY:
        words += [RECALL] if reader != "other platform" else []
        words += [] if PERMIT in route else [PERMIT]
    is_own_list = reader == _AGENCY and ("recall" in route or "permit" in route or "events" in route)
    if "{reference}" not in route and not is_own_list:
        words += [case.reference for case in hits.cases]
    return words


def readers_named(outcome: RiskReadsOutcome) -> str:
    """Say who was told something, and how often."""
    return ", ".join(f"{name} {count:,}" for name, count in sorted(outcome.told_counts.items()) if count)

"""Reads, drawn one by one from a seed, and what an answer may not say."""

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

import httpx2
from serai.journey.visibility.table import Viewer, sight_of

from tools.campaign.audiences.cast import PUBLIC, Cast, Reader
from tools.campaign.audiences.outcome import AudienceOutcome
from tools.campaign.audiences.told import Told, tell

Keep = Callable[[AudienceOutcome], object]
_KEEP_EACH: Final = 1_000
_TOKEN: Final = re.compile(r"(?<![A-Za-z])[qQ][bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ]{11}(?![A-Za-z])")
_LANGUAGES: Final = ("en", "fr", "ar", "zh", "sw")
_HTML: Final = "text/html"
_ROUTES: Final = {
    "/v1/cases/{case}/documents/{document}": 24,
    "/v1/cases/{case}/decision": 16,
    "/v1/cases/{case}/decision?include=text": 4,
    "/v1/cases/{case}/charges": 10,
    "/v1/cases/{case}/acts": 8,
    "/v1/cases/{case}/notices": 8,
    "/v1/cases/{case}/receipt": 8,
    "/v1/cases/{case}": 4,
    "/v1/cases/{case}/history": 4,
    "/v1/declarations?limit=5": 4,
    "/v1/events?limit=5": 4,
    "/parcels?search=AUD-{number}": 2,
    "/v1/cases/{case}/explanation": 1,
    "/parcels/{case}": 1,
    "/v1/track": 2,
}
"""How often each is read: those that cost little more often, so that more of them fit into a run."""
_STAFF_ONLY: Final = ("withheld_ground", "officer_reasons", "possible_matches")
"""Fields that only officers' answers have."""


class Reading:
    """A campaign on a node with cases.

    keep: called as it goes on.
    """

    def __init__(self, cast: Cast, told: list[Told], outcome: AudienceOutcome, keep: Keep) -> None:
        self._cast, self._told, self._outcome, self._keep = cast, told, outcome, keep
        self._tokens = {one.text: one for case in told for one in case.tokens}
        self._client = httpx2.Client(base_url=cast.world.address, timeout=60)
        self._officer_codes: set[str] = set()
        self._documents: dict[str, list[str]] = {}
        self._learn()
        outcome.cases_count = len(told)
        outcome.tokens_count = len(self._tokens)
        outcome.officer_reasons_count = len(self._officer_codes)

    def read(self, count: int, seed: int) -> None:
        """Do the reads of a seed that an earlier run left to do, up to `count` in all."""
        for number in range(self._outcome.reads_count, count):
            self._read_one(Random(f"{seed}:{number}"))
            if number % _KEEP_EACH == 0:
                self._keep(self._outcome)
        self._client.close()
        self._keep(self._outcome)

    def _read_one(self, random: Random) -> None:
        reader = random.choice(list(self._cast.readers.values()))
        case = random.choice(self._told)
        (route,) = random.choices(list(_ROUTES), weights=list(_ROUTES.values()))
        if route == "/v1/track":
            self._track(random, case)
            return
        path = route.format(
            case=case.case_id,
            number=random.randrange(len(self._told)),
            document=random.choice(self._documents[case.case_id]),
        )
        is_page = not path.startswith("/v1")
        headers = {"accept-language": random.choice(_LANGUAGES)}
        if is_page and random.random() < 0.7:
            headers["accept"] = _HTML
        if reader.key:
            headers["authorization"] = f"Bearer {reader.key}"
        answer = self._client.get(path, headers=headers)
        self._outcome.add(f"GET {route.partition('?')[0]}", reader.name, answer.status_code)
        for fault in self._faults(reader, answer):
            self._outcome.blame(f"{reader.name}, GET {route}: {fault}")

    def _track(self, random: Random, case: Told) -> None:
        """Look as anybody who knows number and postcode."""
        opened = self._client.post("/v1/track", json={"number": case.number, "postcode": case.postcode})
        self._outcome.add("POST /v1/track", PUBLIC, opened.status_code)
        reader = self._cast.readers[PUBLIC]
        answers = [opened]
        if opened.is_success:
            session = {"session": opened.json()["session"]}
            path = random.choice(("/v1/track/status", "/v1/track/parcel"))
            answers.append(self._client.post(path, json=session))
        for answer in answers:
            for fault in self._faults(reader, answer):
                self._outcome.blame(f"a stranger with number and postcode: {fault}")

    def _faults(self, reader: Reader, answer: httpx2.Response) -> Iterator[str]:
        """Say what an answer tells that it may not."""
        text = answer.text
        if answer.status_code >= 500:
            yield f"answered with {answer.status_code}"
        for word in set(_TOKEN.findall(text)):
            token = self._tokens.get(word)
            if token is None:
                continue
            if token.is_for(reader.viewer):
                self._outcome.seen[token.kind] = self._outcome.seen.get(token.kind, 0) + 1
            else:
                yield f"{token.kind} {token.field}"
        if reader.viewer.is_officer:
            return
        for code in self._officer_codes:
            if re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", text):
                yield f"the officers' reason {code}"
        if "json" in answer.headers.get("content-type", "") and answer.is_success:
            yield from self._field_faults(reader.viewer, answer.json())

    def _field_faults(self, viewer: Viewer, content: Any) -> Iterator[str]:
        """Say which fields of a decision within are not the viewer's to see. Who sent the declaration sees
        all but what is for officers."""
        for decision in _decisions(content):
            for field in _fields(decision):
                self._outcome.fields_count += 1
                if sight_of(viewer, "decision", field, is_sender=True) is None:
                    yield f"decision {field}"
        for name, value in _named(content, _STAFF_ONLY):
            if value:
                yield f"field {name}"

    def _learn(self) -> None:
        """Learn as an officer which reasons are for officers alone, and the numbers of documents."""
        headers = {"authorization": f"Bearer {self._cast.readers['officer'].key}"}
        for case in self._told:
            decided = self._client.get(f"/v1/cases/{case.case_id}/decision?include=text", headers=headers)
            self._officer_codes |= {
                one["code"] for one in decided.json()["officer_reasons"] if one.get("withheld_ground")
            }
            shown = self._client.get(f"/v1/cases/{case.case_id}", headers=headers).json()
            self._documents[case.case_id] = [str(one["document_id"]) for one in shown["documents"]]


def _decisions(content: Any) -> Iterator[dict[str, Any]]:
    """Find every decision within an answer."""
    if isinstance(content, dict):
        if "decision_id" in content and "lane" in content and "goods_items" in content:
            yield content
        for value in content.values():
            yield from _decisions(value)
    elif isinstance(content, list):
        for value in content:
            yield from _decisions(value)


def _named(content: Any, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Find every field of these names within an answer."""
    if isinstance(content, dict):
        for name, value in content.items():
            if name in names:
                yield name, value
            yield from _named(value, names)
    elif isinstance(content, list):
        for value in content:
            yield from _named(value, names)


_WITH_MEMBERS: Final = ("goods_items", "charges")


def _fields(decision: dict[str, Any]) -> Iterator[str]:
    for name, value in decision.items():
        yield name
        if name in _WITH_MEMBERS and isinstance(value, list):
            for one in value:
                for part in one:
                    yield f"{name}.{part}"


def try_audiences(
    cast: Cast, outcome: AudienceOutcome, keep: Keep, *, cases_count: int, reads_count: int, seed: int
) -> None:
    """Tell the cases of a seed, and do the reads that are left to do. outcome: is added to."""
    Reading(cast, tell(cast, cases_count, seed), outcome, keep).read(reads_count, seed)

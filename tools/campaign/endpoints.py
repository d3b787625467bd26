"""Requests made from the description of the API, sound and spoilt, against a running server."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any, Final

import hypothesis
import msgspec
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import HypothesisException
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.errors import SchemathesisError
from serai.foundation.http.problems import PROBLEMS

from tools.campaign.bodies import spoilt_body
from tools.campaign.known_ids import KnownIds
from tools.campaign.report import EndpointsOutcome, OperationOutcome
from tools.campaign.samples import samples_of
from tools.campaign.server import Served, resident_bytes, served

ROUNDS_COUNT: Final = 4
ANSWER_S_MAX: Final = 20
"""Wall time, so that a hang is seen; a busy machine answers late without a fault of ours."""
GROWTH_BYTES_MAX: Final = 64 * 2**20
"""Over rounds of other requests: much is read and compiled when it is first asked for."""
REPEATS_COUNT: Final = 5
REPEATED_GROWTH_BYTES_MAX: Final = 16 * 2**20
"""Over equal requests; what waits for the collector makes memory swing by some megabytes."""
_FAULTS_KEPT_MAX: Final = 5
_INNER_WORDS: Final = ("Traceback", 'File "/', "psycopg", "SELECT ", "INSERT ", "site-packages")
_TIMES_EACH: Final = 5
_PROBLEM_MEMBERS: Final = ("type", "title", "status", "detail", "code", "next_step")
_STREAM: Final = "/v1/events/stream"


def try_endpoints(count: int, seed: int, only: str) -> EndpointsOutcome:
    """Send every operation about `count` requests, in equal rounds."""
    with served() as server:
        campaign = _Campaign(server, seed)
        before = campaign.decide()
        memory_bytes = []
        for number in range(ROUNDS_COUNT):
            campaign.forget_sent()
            campaign.try_round(number, max(2, count // ROUNDS_COUNT), only)
            memory_bytes.append(resident_bytes(server.web_process_ids))
            sys.stdout.write(f"round {number + 1}: {campaign.requests_count:,} requests, {memory_bytes}\n")
            sys.stdout.flush()
        campaign.compare_decisions(before)
        growth = memory_bytes[-1] - memory_bytes[1]
        if growth > GROWTH_BYTES_MAX:
            campaign.faults.append(f"the web process grew by {growth:,} bytes over rounds of other requests")
        repeated_bytes = []
        for number in range(REPEATS_COUNT):
            campaign.send_again()
            repeated_bytes.append(resident_bytes(server.web_process_ids))
            sys.stdout.write(f"again {number + 1}: {campaign.sent_count:,} requests, {repeated_bytes}\n")
            sys.stdout.flush()
        growth = repeated_bytes[-1] - repeated_bytes[1]
        if growth > REPEATED_GROWTH_BYTES_MAX:
            campaign.faults.append(f"the web process grew by {growth:,} bytes over equal requests")
        campaign.read_log()
        return EndpointsOutcome(
            seed, campaign.outcomes(), memory_bytes, campaign.faults, campaign.sent_count, repeated_bytes
        )


class _CumulativeAllowance:
    """What one operation answered."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.slowest_ms = 0.0
        self.faults_count = 0
        self.faults: list[str] = []

    def add(self, what: str) -> None:
        self.faults_count += 1
        if len(self.faults) < _FAULTS_KEPT_MAX and what not in self.faults:
            self.faults.append(what)


class _Campaign:
    def __init__(self, server: Served, seed: int) -> None:
        self._server, self._seed = server, seed
        self._session = requests.Session()
        description = self._session.get(f"{server.url}/v1/openapi/openapi.json", timeout=60).json()
        found = schemathesis.openapi.from_dict(description).get_all_operations()
        self._operations: list[Any] = [one.ok() for one in found if isinstance(one, Ok)]
        self._cumulative_allowances: dict[str, _CumulativeAllowance] = {}
        self._ids = KnownIds(server.url, server.keys["everything"])
        self._names = _names_of_people()
        self._sent: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.requests_count = 0

    def decide(self) -> list[Any]:
        """File sound parcels; return their decisions without what is new each time."""
        made = self._ids.file_parcels(f"{self.requests_count}-")
        return [_without_ids(one) for one in made]

    def compare_decisions(self, before: list[Any]) -> None:
        """Say so if the server decides otherwise than before the campaign."""
        self._ids.put_list_back()
        if not before or self.decide() != before:
            self.faults.append("the server decides sound parcels otherwise than before")

    def try_round(self, number: int, count: int, only: str) -> None:
        """Send every operation `count` requests, half of them sound by the description."""
        self._ids.learn()
        for operation in self._operations:
            label = f"{operation.method.upper()} {operation.path}"
            if only not in label:
                continue
            cumulative_allowance = self._cumulative_allowances.setdefault(label, _CumulativeAllowance())
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                random = Random(f"{self._seed} {number} {label} {mode}")
                for case in _cases(operation, mode, count // 2, random):
                    self._send(case, cumulative_allowance, random)

    def forget_sent(self) -> None:
        """Keep no requests of the rounds before."""
        self._sent.clear()

    @property
    def sent_count(self) -> int:
        """How many requests `send_again` sends."""
        return len(self._sent)

    def send_again(self) -> None:
        """Send the requests of the last round as they were, streams left out."""
        for arguments in self._sent:
            with suppress(requests.RequestException):
                self._session.request(**arguments, timeout=ANSWER_S_MAX, allow_redirects=False)

    def outcomes(self) -> list[OperationOutcome]:
        """Return what came of each operation."""
        return [
            OperationOutcome(
                label,
                one.statuses.total(),
                dict(sorted(one.statuses.items())),
                round(one.slowest_ms, 1),
                one.faults_count,
                one.faults,
            )
            for label, one in self._cumulative_allowances.items()
        ]

    def read_log(self) -> None:
        """Look for failures and names of people in what the server said."""
        said = self._server.log.read_text(errors="replace") if self._server.log.exists() else ""
        if "Traceback" in said:
            self.faults.append(f"the log has a traceback: {said[said.index('Traceback') :][:1_500]}")
        if any(name in said for name in self._names):
            self.faults.append("the log names a person")

    def _send(self, case: Any, cumulative_allowance: _CumulativeAllowance, random: Random) -> None:
        headers = self._headers(random)
        self._ids.put_into(case, random)
        begun_s = time.monotonic()
        try:
            response = self._answer(case, headers, random)
        except requests.Timeout:
            cumulative_allowance.add(f"no answer within {ANSWER_S_MAX} s")
            return
        except (requests.RequestException, ValueError, TypeError, UnicodeError):
            # No such request can be written: nothing reached the server.
            return
        cumulative_allowance.slowest_ms = max(
            cumulative_allowance.slowest_ms, (time.monotonic() - begun_s) * 1000
        )
        self.requests_count += 1
        cumulative_allowance.statuses[str(response.status_code)] += 1
        self._judge(case, response, cumulative_allowance)

    def _headers(self, random: Random) -> dict[str, str]:
        accept = random.choice(("application/json", "application/json", "*/*", "application/xml;q=0.5"))
        who = random.choice(("everything",) * 12 + ("nothing", "", "wrong"))
        headers = {"accept": accept}
        if who == "wrong":
            headers["authorization"] = random.choice(("Bearer x", "Basic eDp5", "Bearer " + "k" * 5_000))
        elif who:
            headers["authorization"] = f"Bearer {self._server.keys[who]}"
        return headers

    def _answer(self, case: Any, headers: dict[str, str], random: Random) -> requests.Response:
        given = {**(case.headers or {}), **headers}
        if case.path == _STREAM:
            return self._open_stream(case, given)
        content = spoilt_body(case, given, random, self._ids.furnished)
        if content is None:
            arguments = case.as_transport_kwargs(base_url=self._server.url, headers=given)
        else:
            arguments = case.as_transport_kwargs(base_url=self._server.url, headers=given)
            arguments["data"] = content
            for name in ("json", "files"):
                arguments.pop(name, None)
            arguments["headers"] = {**arguments.get("headers", {}), **given}
        response = self._session.request(**arguments, timeout=ANSWER_S_MAX, allow_redirects=False)
        self._sent.append(arguments)
        return response

    def _open_stream(self, case: Any, headers: dict[str, str]) -> requests.Response:
        arguments = case.as_transport_kwargs(base_url=self._server.url, headers=headers)
        response = requests.request(**arguments, timeout=ANSWER_S_MAX, stream=True)
        # It has no end: what comes first is enough, and a refusal is whole.
        response._content = response.raw.read(0) if response.status_code == 200 else response.content
        response.close()
        return response

    def _judge(
        self, case: Any, response: requests.Response, cumulative_allowance: _CumulativeAllowance
    ) -> None:
        status, text = response.status_code, response.text
        if status >= 500 and status != 503:
            cumulative_allowance.add(f"{status}: {text[:300]}")
            return
        if any(word in text for word in _INNER_WORDS) and status >= 400:
            cumulative_allowance.add(f"{status} tells what is inside: {text[:300]}")
        media_type = response.headers.get("content-type", "").partition(";")[0]
        if status >= 400:
            if media_type == "application/problem+json":
                self._judge_problem(response, cumulative_allowance)
            elif "/messages/" not in case.path and media_type != "text/html":
                cumulative_allowance.add(f"{status} as {media_type or 'nothing'}: {text[:200]}")
        elif status < 300 and media_type == "application/json" and case.path != _STREAM:
            with _told_to(cumulative_allowance):
                case.operation.validate_response(response)

    def _judge_problem(self, response: requests.Response, cumulative_allowance: _CumulativeAllowance) -> None:
        try:
            problem = response.json()
        except ValueError:
            cumulative_allowance.add(f"a problem that is no JSON: {response.text[:200]}")
            return
        missing = [name for name in _PROBLEM_MEMBERS if not problem.get(name)]
        if missing:
            cumulative_allowance.add(f"a problem without {', '.join(missing)}: {response.text[:200]}")
        kind = PROBLEMS.get(problem.get("code", ""))
        if problem.get("status") != response.status_code or (kind and kind.status != response.status_code):
            cumulative_allowance.add(
                f"{response.status_code} with {problem.get('code')}, status {problem.get('status')}"
            )
        said = f"{problem.get('title')} {problem.get('detail')} {problem.get('next_step')}"
        if any(name in said for name in self._names):
            cumulative_allowance.add(f"a problem {problem.get('code')} names a person")


class _told_to:  # noqa: N801 read as a word of the sentence it stands in
    def __init__(self, cumulative_allowance: _CumulativeAllowance) -> None:
        self._cumulative_allowance = cumulative_allowance

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, _: object) -> bool:
        if fault is None or not isinstance(fault, Exception):
            return False
        self._cumulative_allowance.add(f"not as described: {' '.join(_words_of(fault).split())[:400]}")
        return True


def _words_of(fault: BaseException) -> str:
    inner = getattr(fault, "exceptions", None)
    return " / ".join(_words_of(one) for one in inner) if inner else f"{type(fault).__name__} {fault}"


def _cases(operation: Any, mode: GenerationMode, count: int, random: Random) -> Iterator[Any]:
    """Make requests to an operation. Where it takes nothing that could be wrong, none are made wrong."""
    found: list[Any] = []

    @hypothesis.seed(random.getrandbits(64))
    @hypothesis.settings(
        max_examples=max(2, count // _TIMES_EACH),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        found.append(case)

    with suppress(HypothesisException, SchemathesisError, hypothesis.errors.InvalidArgument):
        collect()
    # Making a request costs more than sending it: each goes out several times, with another key, other ids
    # that exist and another body.
    for number in range(count if found else 0):
        yield found[number % len(found)]


def _names_of_people() -> set[str]:
    """Return names that stand in the samples and in what is filed: no answer of refusal may say them."""
    found: set[str] = set()
    for text in samples_of("declaration"):
        document = msgspec.json.decode(text)
        found |= {document[role]["name"] for role in ("consignor", "consignee") if role in document}
    return {name for name in found if len(name) > 6}


def _without_ids(answer: Any) -> Any:
    decision = dict(answer.get("decision", {}))
    return {
        "status": answer.get("status"),
        **{name: decision.get(name) for name in ("lane", "totals", "form_code", "currency_code")},
    }

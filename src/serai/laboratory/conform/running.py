"""The suite against a server: each case a message exchange of its own, none needs another."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from serai.formats.standards import CHECKS as OF_STANDARDS
from serai.laboratory.conform.body import build_body, fill
from serai.laboratory.conform.exchange import Answered, Asker, NoAnswerError
from serai.laboratory.conform.expectation import differences, show
from serai.laboratory.conform.kept import at_pointer, in_header
from serai.laboratory.conform.offline import CHECKS, Published, check_by_standard
from serai.laboratory.conform.other_answers import hold_xml, look_first, read_segments, read_xml_answer
from serai.laboratory.conform.outcomes import Outcome
from serai.laboratory.conform.own_numbers import own_numbers
from serai.laboratory.conform.suite import NOBODY, Case, Rule, Standard, Step
from serai.model.errors import SeraiError

MOMENT_S: Final = 0.5
PAGES_MAX: Final = 10_000
_SERVER_FAULTS: Final = range(500, 600)
_BUSY: Final = 503


class Target(msgspec.Struct, frozen=True):
    """The server to try. keys: by actor. run: a word that makes the references of this run its own."""

    address: str
    keys: Mapping[str, str]
    run: str


def run_suite(target: Target, standards: Sequence[Standard]) -> Iterator[Outcome]:
    """Run every case of the standards, and give its outcome as soon as it is known."""
    with Asker(target.address) as asker:
        published = _read_published(asker)
        for standard in standards:
            for case in standard.cases:
                yield _CaseRun(target, asker, published, standard.messages).hold(
                    standard.name, standard.rules[case.rule], case
                )


def _read_published(asker: Asker) -> Published:
    """Read the keys that signatures are checked with; what is not published lets nothing verify."""
    published = Published("", {})
    with suppress(NoAnswerError, UnicodeDecodeError):
        published.log_key = asker.ask("GET", "/log/key", {}, None).content.decode()
    with suppress(NoAnswerError, msgspec.MsgspecError):
        published.key_set = msgspec.json.decode(asker.ask("GET", "/.well-known/jwks.json", {}, None).content)
    return published


class _CaseRun:
    """One case under way, with what was kept of its answers so far."""

    def __init__(self, target: Target, asker: Asker, published: Published, messages: Path) -> None:
        self._target, self._asker, self._published, self._messages = target, asker, published, messages
        self._kept: dict[str, str] = {"run": target.run}

    def hold(self, standard: str, rule: Rule, case: Case) -> Outcome:
        """Hold it from beginning to end, or to the first step that fails."""

        self._kept |= {"case": case.case, **own_numbers(self._target.run, case.case)}

        def outcome(state: Any, why: list[str]) -> Outcome:
            return Outcome(standard, rule.id, rule.says, case.case, case.title, state, why)

        actors = {step.as_ for step in case.steps} - {NOBODY}
        if missing := sorted(actors - self._target.keys.keys()):
            return outcome("skipped", [f"No key was given for: {', '.join(missing)}."])
        for number, step in enumerate(case.steps, start=1):
            why = list(self._try(step))
            if why:
                return outcome("failed", [f"step {number}, {step.send}: {one}" for one in why])
        return outcome("passed", [])

    def _try(self, step: Step) -> Iterator[str]:
        why: list[str] = []
        for turn in range(step.again):
            if turn:
                time.sleep(MOMENT_S)
            why = list(self._take(step))
            if not why:
                break
        yield from why

    def _take(self, step: Step) -> Iterator[str]:
        known = self._kept
        method, _, path = fill(step.send, known).partition(" ")
        try:
            body = build_body(step, self._messages, known)
            answered = self._asker.ask(method, path, self._headers(step), body)
            if step.pages is not None:
                answered = self._read_on(step.pages, path, self._headers(step), answered)
        except NoAnswerError as fault:
            yield str(fault)
            return
        yield from _general(answered)
        yield from self._hold_against(step, answered)

    def _read_on(self, field: str, path: str, headers: dict[str, str], first: Answered) -> Answered:
        """Read the pages that follow the first; give all of them as one answer."""
        entries: list[Any] = []
        answered, after = first, None
        for _ in range(PAGES_MAX):
            page = _decoded(answered.content)
            if answered.status != 200 or not isinstance(page, dict) or not isinstance(page.get(field), list):
                return answered
            if not page[field]:
                break
            entries += page[field]
            after = str(page.get("next_after"))
            way = "&" if "?" in path else "?"
            answered = self._asker.ask("GET", f"{path}{way}after={after}", headers, None)
        whole = msgspec.json.encode({field: entries, "next_after": after})
        return Answered(answered.status, answered.headers, whole, answered.is_whole)

    def _headers(self, step: Step) -> dict[str, str]:
        headers = {name.lower(): value for name, value in step.headers.items()}
        if step.as_ != NOBODY:
            headers.setdefault("authorization", f"Bearer {self._target.keys[step.as_]}")
        if step.type is not None:
            headers["content-type"] = step.type
        if step.accept is not None:
            headers["accept"] = step.accept
        return headers

    def _hold_against(self, step: Step, answered: Answered) -> Iterator[str]:
        expected = step.answer
        statuses = expected.status if isinstance(expected.status, list) else [expected.status]
        if answered.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            yield f"status: {wanted} expected, {answered.status} found{_shown(answered)}"
            return
        if expected.type is not None and answered.media_type != expected.type:
            yield f"content type: {expected.type} expected, {answered.media_type or 'none'} found"
        yield from differences("headers", fill(expected.headers, self._kept), answered.headers)
        for text in fill(expected.never, self._kept):
            if text.encode() in answered.content:
                yield f"body: {show(text)} must not stand in it"
        yield from self._read(step, answered)

    def _read(self, step: Step, answered: Answered) -> Iterator[str]:
        expected = step.answer
        answer: Any = None
        root: Any = None
        if expected.lines is not None:
            answer = [_decoded(line) for line in answered.content.splitlines()]
            yield from differences("lines", fill(expected.lines, self._kept), answer)
        elif expected.segments is not None:
            segments, why = read_segments(answered.content)
            yield from why
            yield from differences("segments", fill(expected.segments, self._kept), segments)
        elif expected.xpath:
            root, why = read_xml_answer(answered.content)
            yield from why
            if root is not None:
                yield from hold_xml(fill(expected.xpath, self._kept), root)
        else:
            answer = _decoded(answered.content)
            if expected.body is not None:
                yield from differences("body", fill(expected.body, self._kept), answer)
        yield from self._verify(expected.verifies, answer, answered)
        for name, place in step.keep.items():
            yield from self._keep(name, place, answered, answer, root)

    def _verify(self, names: Sequence[str], answer: Any, answered: Answered) -> Iterator[str]:
        for name in names:
            if name in OF_STANDARDS:
                yield from check_by_standard(name, answered.content)
                continue
            for one in answer if isinstance(answer, list) else [answer]:
                if not (isinstance(one, dict) and one.get("complete")):
                    yield from CHECKS[name](one, self._published)

    def _keep(self, name: str, place: str, answered: Answered, answer: Any, root: Any) -> Iterator[str]:
        found: Any
        if place and not place.startswith("/"):
            found = in_header(answered.headers.get(place), self._target.address)
        elif root is not None:
            found = look_first(root, place)
        else:
            pointer, _, path = place.partition(" ")
            found = at_pointer(answer, pointer)
            if path and isinstance(found, str):
                inner, why = read_xml_answer(found.encode())
                yield from why
                found = None if inner is None else look_first(inner, path)
        if found is None:
            yield f"{place}: something to keep expected, nothing found"
            return
        self._kept[name] = found if isinstance(found, str) else msgspec.json.encode(found).decode()


def _general(answered: Answered) -> Iterator[str]:
    """Check what holds of every answer, whatever was asked."""
    if answered.status in _SERVER_FAULTS and answered.status != _BUSY:
        yield f"status: {answered.status} found; no message may break a server{_shown(answered)}"
    if not answered.is_whole:
        yield "body: it broke off"


def _shown(answered: Answered) -> str:
    words = answered.content[:200].decode(errors="replace").strip()
    return f" ({words})" if words else ""


def _decoded(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:
        return content.decode(errors="replace")


def check_references(standards: Sequence[Standard]) -> None:
    """Refuse a suite that names what does not exist. Raises SeraiError `suite-unreadable`."""
    for standard in standards:
        for case in standard.cases:
            for step in case.steps:
                unknown = set(step.answer.verifies) - CHECKS.keys() - OF_STANDARDS.keys()
                is_there = step.file is None or (standard.messages / step.file).is_file()
                if unknown or not is_there:
                    what = f"checks {sorted(unknown)}" if unknown else f"a file {step.file}"
                    raise SeraiError(
                        "suite-unreadable", f"{case.case} names {what} that are not there.", "Mend the suite."
                    )

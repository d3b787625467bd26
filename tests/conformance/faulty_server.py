"""Our own server behind a proxy that makes of its true answers what a careless server would have said."""

import json
import re
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from serai.laboratory.sandbox import PARTIES

KEYS = {party.name: party.key for party in PARTIES}
_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class Asked(NamedTuple):
    """A request as the client sent it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class RenderedFinding(NamedTuple):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class Fault(NamedTuple):
    """One carelessness. rule: of the suite, which has to find it. ask and say change request and answer."""

    rule: str
    ask: Callable[[Asked], Asked] = lambda asked: asked
    render: Callable[[Asked, RenderedFinding], RenderedFinding] = lambda _, said: said


def _is_filing(asked: Asked) -> bool:
    return asked.method == "POST" and asked.path == "/v1/declarations"


def _each(said: RenderedFinding, change: Callable[[Any], Any]) -> RenderedFinding:
    """Change each JSON document of an answer; what is none stays as it is."""
    is_many = "ndjson" in said.headers.get("content-type", "")
    try:
        documents = [json.loads(line) for line in (said.body.splitlines() if is_many else [said.body])]
    except ValueError:
        return said
    lines = [json.dumps(change(one), separators=(",", ":"), ensure_ascii=False) for one in documents]
    return said._replace(body="".join(f"{line}\n" if is_many else line for line in lines).encode())


def _in_filings(change: Callable[[Any], Any]) -> Callable[[Asked, RenderedFinding], RenderedFinding]:
    def render(asked: Asked, said: RenderedFinding) -> RenderedFinding:
        return _each(said, change) if _is_filing(asked) else said

    return render


def _in_lines(
    change: Callable[[list[bytes]], list[bytes]],
) -> Callable[[Asked, RenderedFinding], RenderedFinding]:
    def render(_: Asked, said: RenderedFinding) -> RenderedFinding:
        if "ndjson" not in said.headers.get("content-type", ""):
            return said
        return said._replace(body=b"".join(change(said.body.splitlines(keepends=True))))

    return render


def _take_refused(asked: Asked, said: RenderedFinding) -> RenderedFinding:
    return said._replace(status=200) if _is_filing(asked) and said.status == 422 else said


def _drop_last_finding(answer: Any) -> Any:
    return {**answer, "findings": answer["findings"][:-1]} if answer.get("findings") else answer


def _point_elsewhere(answer: Any) -> Any:
    def moved(finding: dict[str, Any]) -> dict[str, Any]:
        pointer = re.sub(r"(?<=/goods_items/)\d", lambda found: str(int(found[0]) + 1), finding["pointer"])
        return {**finding, "pointer": pointer}

    return (
        {**answer, "findings": [moved(one) for one in answer["findings"]]}
        if answer.get("findings")
        else answer
    )


def _add_a_cent(answer: Any) -> Any:
    totals = (answer.get("decision") or {}).get("totals")
    if not totals:
        return answer
    more = str(Decimal(totals["tax_amount"]) + Decimal("0.01"))
    return {**answer, "decision": {**answer["decision"], "totals": {**totals, "tax_amount": more}}}


def _decide_again(answer: Any) -> Any:
    if answer.get("status") != "repeated":
        return answer
    decision = answer.get("decision") and {**answer["decision"], "decision_id": "0000-0000-0000-00"}
    return {**answer, "status": "decided", "decision": decision}


def _forget_what_is_replaced(answer: Any) -> Any:
    if not answer.get("decision"):
        return answer
    return {
        **answer,
        "decision": {name: one for name, one in answer["decision"].items() if name != "supersedes"},
    }


def _break_receipt(answer: Any) -> Any:
    if not answer.get("receipt"):
        return answer
    leaf = answer["receipt"]["leaf"]
    other = leaf[:40] + ("A" if leaf[40] != "A" else "B") + leaf[41:]
    return {**answer, "receipt": {**answer["receipt"], "leaf": other}}


def _break_quote(asked: Asked, said: RenderedFinding) -> RenderedFinding:
    def change(answer: Any) -> Any:
        if not isinstance(answer, dict) or not answer.get("offer"):
            return answer
        head, content, signature = answer["offer"]["signed"].split(".")
        other = ("A" if signature[0] != "A" else "B") + signature[1:]
        return {**answer, "offer": {**answer["offer"], "signed": f"{head}.{content}.{other}"}}

    return _each(said, change) if asked.path == "/v1/quotes" else said


def _call_it_html(asked: Asked, said: RenderedFinding) -> RenderedFinding:
    is_json = said.headers.get("content-type", "").startswith("application/json")
    headers = {**said.headers, "content-type": "text/html"}
    return said._replace(headers=headers) if _is_filing(asked) and is_json else said


def _without_header(name: str) -> Callable[[Asked, RenderedFinding], RenderedFinding]:
    def render(_: Asked, said: RenderedFinding) -> RenderedFinding:
        return said._replace(headers={key: one for key, one in said.headers.items() if key != name})

    return render


def _skip_an_event(asked: Asked, said: RenderedFinding) -> RenderedFinding:
    if not asked.path.startswith("/v1/events"):
        return said
    return _each(said, lambda page: {**page, "events": page["events"][1:]} if page.get("events") else page)


def _answer_500(_: Asked, said: RenderedFinding) -> RenderedFinding:
    return said._replace(status=500, body=b"RecursionError") if b"too-deep" in said.body else said


def _replace_in_body(old: bytes, new: bytes) -> Callable[[Asked], Asked]:
    return lambda asked: asked._replace(body=re.sub(old, new, asked.body)) if _is_filing(asked) else asked


def _for(actor: str, other: str) -> Callable[[Asked], Asked]:
    """Let one actor do what another may."""

    def ask(asked: Asked) -> Asked:
        if KEYS[actor] not in asked.headers.get("authorization", ""):
            return asked
        return asked._replace(headers={**asked.headers, "authorization": f"Bearer {KEYS[other]}"})

    return ask


def _resolve_entities(asked: Asked) -> Asked:
    body = re.sub(rb"<!DOCTYPE[^\]]*\]>", b"", asked.body)
    return asked._replace(body=re.sub(rb"&[a-z];", b"root:x:0:0", body)) if body != asked.body else asked


def _begin_anew(asked: Asked) -> Asked:
    return asked._replace(path="/v1/events") if "after=nonsense" in asked.path else asked


def _at(
    path: str, change: Callable[[RenderedFinding], RenderedFinding]
) -> Callable[[Asked, RenderedFinding], RenderedFinding]:
    """Change what is said below an address, and nothing else."""
    return lambda asked, said: change(said) if asked.path.startswith(path) else said


def _rewrite(old: bytes, new: bytes) -> Callable[[RenderedFinding], RenderedFinding]:
    return lambda said: said._replace(body=re.sub(old, new, said.body))


def _turn_items_round(said: RenderedFinding) -> RenderedFinding:
    items = re.findall(rb"<CDSView>.*?</CDSView>", said.body, re.DOTALL)
    if len(items) < 2:
        return said
    before, _, rest = said.body.partition(items[0])
    return said._replace(body=before + b"".join(reversed(items)) + rest.rpartition(items[-1])[2])


def _lose_outcomes(said: RenderedFinding) -> RenderedFinding:
    def without(page: Any) -> Any:
        return {**page, "answers": [one for one in page["answers"] if "IE3N03" not in one["content"]]}

    return _each(said, lambda page: without(page) if page.get("answers") else page)


def _without_link(said: RenderedFinding) -> RenderedFinding:
    return said._replace(headers={name: one for name, one in said.headers.items() if name != "link"})


def _hear_a_second_late(asked: Asked) -> Asked:
    """Take the time of an event in XML for another one, as who reads the two syntaxes by two programs may."""
    body = asked.body.replace(b"<eventTime>2026-06-28T08:05:00Z", b"<eventTime>2026-06-28T08:05:01Z")
    return asked._replace(body=body) if asked.path == "/v1/epcis/capture" else asked


def _overlook_the_step(asked: Asked) -> Asked:
    return asked._replace(path=re.sub(r"&EQ_bizStep=[^&]*", "", asked.path))


def _hear_json(asked: Asked) -> Asked:
    if not asked.path.startswith("/v1/epcis") or "xml" not in asked.headers.get("accept", ""):
        return asked
    return asked._replace(headers={**asked.headers, "accept": "application/json"})


def _amend_once_more(asked: Asked) -> Asked:
    """Take each amendment for another one: its reason differs every time."""
    if b"<TypeCode>COR<" not in asked.body:
        return asked
    words = f"discount, {time.monotonic_ns()}".encode()
    return asked._replace(body=asked.body.replace(b"discount", words))


FAULTS = {
    "answers 200 for a refused document": Fault("JSON-REFUSED", render=_take_refused),
    "drops a finding": Fault("JSON-ALL-FAULTS", render=_in_filings(_drop_last_finding)),
    "points at the next goods item": Fault("JSON-ALL-FAULTS", render=_in_filings(_point_elsewhere)),
    "loses a line of a stream": Fault(
        "NDJSON-EACH-LINE", render=_in_lines(lambda lines: lines[:2] + lines[3:])
    ),
    "sends no trailer": Fault(
        "NDJSON-TRAILER", render=_in_lines(lambda lines: [one for one in lines if b'"complete"' not in one])
    ),
    "changes an amount by a cent": Fault("JSON-TOTALS", render=_in_filings(_add_a_cent)),
    "accepts a DOCTYPE": Fault("DEC-NO-DOCTYPE", ask=_resolve_entities),
    "decides a repeat again": Fault("JSON-REPEAT", render=_in_filings(_decide_again)),
    "says a wrong content type": Fault("HTTP-ANSWER-TYPE", render=_call_it_html),
    "gives a receipt that does not verify": Fault("RECEIPT-PROMISE", render=_in_filings(_break_receipt)),
    "signs a quote wrongly": Fault("QUOTE-SIGNED", render=_break_quote),
    "shows a case to a stranger": Fault("RIGHTS-OWN", ask=_for("stranger", "filer")),
    "looks at no scope": Fault("RIGHTS-SCOPE", ask=_for("reader", "filer")),
    "skips an event": Fault("EVENTS-RESUME", render=_skip_an_event),
    "takes any cursor for the beginning": Fault("EVENTS-CURSOR", ask=_begin_anew),
    "works out a formula": Fault("CSV-FORMULA", ask=_replace_in_body(rb"=2\+2", b"4")),
    "ignores an unknown field": Fault(
        "JSON-UNKNOWN-FIELD", ask=_replace_in_body(rb'"exchange_rate": "1.0", ', b"")
    ),
    "breaks on depth": Fault("JSON-HOSTILE", render=_answer_500),
    "does not say that it is a test": Fault("HTTP-TEST", render=_without_header("serai-environment")),
    "forgets which decision is replaced": Fault("JSON-AMEND", render=_in_filings(_forget_what_is_replaced)),
    "says that a faulty interchange was taken": Fault(
        "CUSCAR-REJECTED", render=_at("/v1/messages/cuscar", _rewrite(rb"(UC[IM].*)\+4(?=[+'])", rb"\1+7"))
    ),
    "counts segments without UNH": Fault(
        "CARDIT-PLACE", render=_at("/v1/messages/cardit", _rewrite(rb"UCS\+19", rb"UCS+18"))
    ),
    "answers items in another order": Fault(
        "CUSITM-EACH-ITEM", render=_at("/v1/messages/cusitm", _turn_items_round)
    ),
    "sums charges wrongly": Fault(
        "CUSITM-CHARGES", render=_at("/v1/messages/cusitm", _rewrite(rb"<TotalFee>\d+", rb"<TotalFee>9999"))
    ),
    "rejects without saying what": Fault(
        "H7-REJECTED",
        render=_at(
            "/v1/messages/cds",
            _rewrite(
                rb"<Declaration>\s*<FunctionalReferenceID>[^<]*</FunctionalReferenceID>", b"<Declaration>"
            ),
        ),
    ),
    "amends again for each repeat": Fault("H7-AMENDED", ask=_amend_once_more),
    "reads XML and JSON differently": Fault("EPCIS-ONE-FACT", ask=_hear_a_second_late),
    "looks at no step": Fault("EPCIS-QUERIED", ask=_overlook_the_step),
    "names no next page": Fault("EPCIS-PAGES", render=_at("/v1/epcis/events", _without_link)),
    "answers JSON to who accepts XML": Fault("EPCIS-FORMS", ask=_hear_json),
    "says no place of an error": Fault(
        "ICS-RULES", render=_at("/v1/messages/ics", _rewrite(rb"(<err:Location>)[^<]*", rb"\1"))
    ),
    "tells no outcome": Fault("ICS-LATER", render=_at("/v1/messages/ics/answers", _lose_outcomes)),
}
"""By what the server does wrong."""


@contextmanager
def faulty_server(address: str, faults: Collection[Fault]) -> Iterator[str]:
    """Give the address of a proxy before the server at `address` that has these faults, and no others."""
    upstream = urlsplit(address)

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(size))
            changed = asked
            for fault in faults:
                changed = fault.ask(changed)
            said = _ask(upstream.hostname or "", upstream.port or 0, changed)
            for fault in faults:
                said = fault.render(asked, said)
            self.send_response_only(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = _pass_on  # noqa: N815 - the names http.server asks for

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(10)


def _ask(host: str, port: int, asked: Asked) -> RenderedFinding:
    connection = HTTPConnection(host, port, timeout=60)
    try:
        headers = {name: value for name, value in asked.headers.items() if name not in _HOP_BY_HOP}
        connection.request(asked.method, asked.path, asked.body, headers)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        kept = {name: value for name, value in found.items() if name not in _HOP_BY_HOP}
        return RenderedFinding(response.status, kept, response.read())
    finally:
        connection.close()

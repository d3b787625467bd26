"""Errors as answers: one table, the right status, nothing that a stranger may not see."""

import ast
import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import grimp
import httpx2
import msgspec
import pytest
from markupsafe import escape

import serai
from serai.foundation.http.decoding_faults import fault_of_decoding
from serai.foundation.http.problems import PROBLEMS
from tests.foundation_http.conftest import Kept

SOURCE = Path(serai.__file__).parent
ERRORS = {"SeraiError", "RetryLaterError"}
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def _code_that_serves() -> list[Path]:
    """Every file of ours that a process of the web may run. What only a command runs is said in a terminal,
    and needs no HTTP status.
    """
    web = "serai.web.application"
    modules = {web} | grimp.build_graph("serai").find_upstream_modules(web)
    files = {
        f"serai.{'.'.join(path.relative_to(SOURCE).with_suffix('').parts)}": path
        for path in SOURCE.rglob("*.py")
    }
    return [path for name, path in files.items() if name.removesuffix(".__init__") in modules]


def _codes_that_serving_says() -> dict[str, str]:
    """Every literal first argument of an error that is made there, by where."""
    found = {}
    for path in _code_that_serves():
        tree = ast.parse(path.read_text())
        kinds = ERRORS | {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
            and any(getattr(base, "id", "") in ERRORS for base in node.bases)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", None) or (
                "SeraiError" if ast.unparse(node.func) == "super().__init__" else None
            )
            code = node.args[0]
            word = str(code.value) if isinstance(code, ast.Constant) else ""
            if name in kinds and re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", word):
                found[word] = f"{path.relative_to(SOURCE)}:{node.lineno}"
    return found


def test_every_error_code_that_a_request_may_meet_has_a_status() -> None:
    codes = _codes_that_serving_says()
    missing = {code: place for code, place in codes.items() if code not in PROBLEMS}

    assert len(codes) > 50
    assert missing == {}, "add them to PROBLEMS in foundation/http/problems.py"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "code"),
    [
        ("GET", "/nothing", {}, b"", 404, "not-found"),
        ("GET", "/static/old.css", {}, b"", 404, "not-found"),
        ("DELETE", "/thing", {}, b"", 405, "method-not-allowed"),
        ("GET", "/thing", {"accept": "image/png"}, b"", 406, "not-acceptable"),
        ("POST", "/small", {"content-type": "application/json"}, b"x" * 1001, 413, "body-too-large"),
        ("POST", "/small", {"content-type": "text/csv"}, b"x", 415, "content-type-unsupported"),
        (
            "POST",
            "/small",
            {"content-type": "application/json; charset=latin-1"},
            b"x",
            415,
            "content-type-unsupported",
        ),
        (
            "POST",
            "/small",
            {"content-type": "application/json", "content-encoding": "br"},
            b"x",
            415,
            "content-encoding-unsupported",
        ),
        (
            "POST",
            "/small",
            {"content-type": "application/json", "content-encoding": "gzip"},
            b"not gzip",
            400,
            "body-not-readable",
        ),
        ("GET", "/busy", {}, b"", 503, "busy"),
        ("GET", "/broken", {}, b"", 500, "internal-error"),
        ("GET", "/whose", {}, b"", 401, "sign-in-needed"),
        ("GET", "/enter/unknown", {}, b"", 410, "link-used-or-expired"),
    ],
)
def test_error_is_a_problem_with_its_status(  # noqa: PLR0917 - a row of the table above
    client: httpx2.Client,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    status: int,
    code: str,
) -> None:
    answer = client.request(method, path, headers=headers, content=body)

    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["code"] == code
    assert problem["type"] == f"/problems/{code}"
    assert all(problem[word] for word in ("title", "detail", "next_step"))
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["serai-environment"] == "test"


@pytest.mark.in_turn
def test_problem_type_leads_to_a_page_for_every_code(client: httpx2.Client) -> None:
    listed = client.get("/problems").json()["problems"]

    assert {problem["code"] for problem in listed} == set(PROBLEMS)
    for code in PROBLEMS:
        answer = client.get(f"/problems/{code}", headers=HTML)
        assert answer.status_code == 200
        assert escape(PROBLEMS[code].title) in answer.text


def test_overload_says_when_to_come_back(client: httpx2.Client) -> None:
    assert client.get("/busy").headers["retry-after"] == "2"


def test_wrong_method_names_the_right_ones(client: httpx2.Client) -> None:
    assert "GET" in client.delete("/thing").headers["allow"]


@pytest.mark.parametrize("where", ["path", "query", "cookie"])
def test_an_address_or_header_without_end_is_refused(client: httpx2.Client, where: str) -> None:
    long = "x" * 20_000
    path = {"path": f"/{long}", "query": f"/thing?a={long}", "cookie": "/thing"}[where]
    headers = {"cookie": f"a={long}"} if where == "cookie" else {}

    answer = client.get(path, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (431, "head-too-large")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"]


def test_browser_gets_a_calm_page_with_the_same_status(client: httpx2.Client) -> None:
    answer = client.get("/nothing", headers=HTML)

    assert answer.status_code == 404
    assert "What you can do" in answer.text
    assert "not-found" in answer.text


def test_unexpected_error_tells_a_number_and_nothing_else(client: httpx2.Client, kept: Kept) -> None:
    answers = [client.get("/broken"), client.get("/broken", headers=HTML)]

    incident = answers[0].json()["incident"]
    log = kept.log.getvalue()
    assert incident in log
    assert "RuntimeError" in log
    for text in (answers[0].text, answers[1].text, log):
        assert "Jane" not in text
        assert "Harbour" not in text
    assert "Traceback" not in answers[1].text


def test_faulty_body_names_the_place_by_pointer(client: httpx2.Client, kept: Kept) -> None:
    body = {
        "reference": "R1",
        "goods_items": [{"name": "pen", "pieces_count": 1}, {"name": "ink", "pieces_count": "x"}],
    }

    answer = client.post("/filings", json=body, headers={"authorization": f"Bearer {kept.key}"})

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "body-faulty")
    assert problem["errors"][0]["pointer"] == "/goods_items/1/pieces_count"
    assert problem["errors"][0]["sentence"] == "Wanted here: a whole number. Sent: text."


def test_truncated_json_is_a_faulty_body_not_a_crash(client: httpx2.Client, kept: Kept) -> None:
    headers = {"authorization": f"Bearer {kept.key}", "content-type": "application/json"}

    answer = client.post("/filings", content=b'{"reference": "R1', headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "input-faulty")
    assert answer.json()["errors"][0]["sentence"] == "The JSON is cut off before its end."


def test_faulty_query_is_named(signed_in: httpx2.Client) -> None:
    answer = signed_in.get("/statistics?page_size=many&lane=red")

    assert answer.status_code == 400
    told = {one["pointer"]: (one["sentence"], one["remedy"]) for one in answer.json()["errors"]}
    assert told == {
        "query:page_size": ("Wanted here: a whole number. Sent: text.", ""),
        "query:lane": ("'red' is not in the list of values.", "Known are: proceed, await."),
    }


def test_pointer_escapes_and_covers_the_whole_document() -> None:
    assert fault_of_decoding("Expected `object`, got `int`").pointer == ""
    assert fault_of_decoding("Expected `int`, got `str` - at `$[2].a/b`").pointer == "/2/a~1b"


class _Read(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    count: Annotated[int, msgspec.Meta(ge=1)] = 1
    names: Annotated[list[Annotated[str, msgspec.Meta(max_length=3)]], msgspec.Meta(max_length=2)] = []
    at: datetime | None = None
    day: date | None = None
    lane: Literal["proceed", "await"] = "await"
    needed: int


@pytest.mark.parametrize(
    ("body", "pointer", "sentence"),
    [
        ("[]", "", "Wanted here: an object. Sent: a list."),
        ('{"needed": 1, "count": 0}', "/count", "The number must be at least 1."),
        ('{"needed": "x"}', "/needed", "Wanted here: a whole number. Sent: text."),
        (
            '{"needed": 1, "at": 5}',
            "/at",
            "Wanted here: an instant, such as 2026-07-01T08:00:00Z, or null. Sent: a whole number.",
        ),
        ('{"needed": 1, "at": "soon"}', "/at", "It cannot be read as a date."),
        ('{"needed": 1, "day": "1.7."}', "/day", "It cannot be read as a date."),
        (
            '{"needed": 1, "names": ["abcd"]}',
            "/names/0",
            "Too long: the number of characters must be at most 3.",
        ),
        (
            '{"needed": 1, "names": ["a", "b", "c"]}',
            "/names",
            "Too many: the number of entries must be at most 2.",
        ),
        ('{"needed": 1, "lane": "red"}', "/lane", "'red' is not in the list of values."),
        ('{"needed": 1, "colour": 1}', "", "There is no field 'colour' here."),
        ("{}", "", "The field 'needed' is missing."),
        ('{"needed" 1}', "", "The body is no JSON from its byte 10 on."),
        ('{"needed": ', "", "The JSON is cut off before its end."),
    ],
)
def test_what_cannot_be_read_is_said_in_plain_words(body: str, pointer: str, sentence: str) -> None:
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(body, type=_Read)

    fault = fault_of_decoding(str(caught.value))

    assert (fault.pointer, fault.sentence) == (pointer, sentence)


def test_head_is_answered_as_get_without_a_body(client: httpx2.Client) -> None:
    got, headed = client.get("/thing"), client.head("/thing")

    assert headed.status_code == 200
    assert headed.content == b""
    assert headed.headers["content-length"] == str(len(got.content))

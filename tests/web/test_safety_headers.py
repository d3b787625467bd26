"""Headers of safety stand on every answer of every route, to strangers and officers (OWASP ASVS: V3, V14)."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from serai.foundation.http.guards import route_matrix
from serai.foundation.settings import ServerSettings, Settings
from serai.web.application import build_application
from tests.journey.cases.world import World, running_world

ROUTES = sorted({
    (row.method, re.sub(r"{[^}]*}", "0001-0000-0000-00", row.path))
    for row in route_matrix(build_application(Settings(), ""))
    if row.method in {"GET", "POST", "PUT", "DELETE"}
})  # fmt: skip
ELSEWHERE = {"origin": "https://elsewhere.example", "accept": "text/html, application/json"}
DESCRIPTION = "/docs"
"""The page that describes the API is somebody else's program, which writes styles into itself."""
MAY_BE_KEPT = re.compile(r"^/(log|static)/")
KEPT_FOR_BACK = re.compile(r"^/declare(/check|/send)?$")
"""Pages that show to whoever goes back what they typed: in their own browser alone (decision 177)."""
"""What anybody may read for ever: the log, and what pages are drawn with."""


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server that others reach by https."""
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(
        world_database, folder, server=ServerSettings(public_url="https://customs.example")
    ) as running:
        yield running


def faults_of(answer: httpx2.Response, path: str) -> list[str]:
    """What a browser would do that it must not, by header."""
    headers = answer.headers
    policy = dict(
        part.strip().partition(" ")[::2] for part in headers.get("content-security-policy", "").split(";")
    )
    kept = headers.get("cache-control", "") != "no-store"
    wanted = {
        "scripts of others": policy.get("default-src") == "'none'",
        "objects": policy.get("object-src", policy.get("default-src")) == "'none'",
        "another base": policy.get("base-uri") == "'none'",
        "frames": policy.get("frame-ancestors") == "'none'",
        "inline scripts": "unsafe" not in policy.get("script-src", ""),
        "inline styles": "unsafe" not in policy.get("style-src", "") or path == DESCRIPTION,
        "other types": headers.get("x-content-type-options") == "nosniff",
        "referrer": headers.get("referrer-policy") in {"same-origin", "no-referrer"},
        "http again": headers.get("strict-transport-security") == "max-age=31536000; includeSubDomains",
        "other origins": not any(name.startswith("access-control-allow") for name in headers),
        "kept": not kept
        or (answer.status_code == 200 and bool(MAY_BE_KEPT.match(path)))
        or (headers["cache-control"] == "private, no-cache" and bool(KEPT_FOR_BACK.match(path))),
        "type without letters": _names_letters(headers.get("content-type", "")),
    }
    cookies = [cookie.lower() for cookie in headers.get_list("set-cookie")]
    wanted["cookies"] = all(
        cookie.startswith("__host-")
        and {"secure", "httponly", "path=/", "samesite=lax"} <= {part.strip() for part in cookie.split(";")}
        for cookie in cookies
    )
    return [name for name, holds in wanted.items() if not holds]


def _names_letters(content_type: str) -> bool:
    return (
        not content_type.startswith(("text/", "application/xml")) or "charset=utf-8" in content_type.lower()
    )


@pytest.mark.parametrize("who", ["", pytest.param("officer", marks=pytest.mark.slow)])
def test_every_answer_of_every_route_keeps_browsers_from_harm(world: World, who: str) -> None:
    faults: dict[str, list[str]] = {}
    with world.client(who) as client:
        for method, path in ROUTES:
            # Headers alone: a stream of events does not end by itself.
            with client.stream(method, path, headers=ELSEWHERE) as answer:
                if found := faults_of(answer, path):
                    faults[f"{method} {path} {answer.status_code}"] = found

    assert faults == {}


def test_answers_beside_the_routes_keep_them_too(world: World) -> None:
    with world.client("") as client:
        answers = {
            path: client.request(method, path, headers={**ELSEWHERE, **more})
            for method, path, more in (
                ("GET", "/nowhere", {}),
                ("TRACE", "/healthz", {}),
                ("OPTIONS", "/v1/declarations", {"access-control-request-method": "POST"}),
                ("GET", "/sign-in", {}),
                ("GET", "/parcels", {"x-long": "x" * 20_000}),
            )
        }

    assert {path: faults_of(answer, path) for path, answer in answers.items()} == {
        path: [] for path in answers
    }
    assert answers["/healthz"].status_code == 405
    assert answers["/sign-in"].headers.get_list("set-cookie"), "the form hangs on a cookie"


def test_a_body_of_two_lengths_is_refused(world: World) -> None:
    address = httpx2.URL(world.address)
    with socket.create_connection((address.host, address.port or 80), timeout=20) as connection:
        head = "POST /v1/quotes/verify HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode())
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 400 ")

"""The pages around the code tell the truth: commands and endpoints exist, links lead somewhere, every page is
found.
"""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from serai.foundation.http.guards import route_matrix
from serai.foundation.settings import Settings
from serai.web.application import build_application

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "laws").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^(`{3,})[^\n]*\n.*?^\1\s*$", re.MULTILINE | re.DOTALL)
CALLED = re.compile(r"^\$ make ([a-z-]+)|`make ([a-z-]+)[^`]*`", re.MULTILINE)
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
ENDPOINT = re.compile(r"`(GET|POST|PUT|DELETE) (/[^`?\s]*)[^`]*`")
# A part of a path that stands for a value: {case_id} or, for easy reading, REFERENCE.
VALUE = re.compile(r"\{[^}]*\}|\b[A-Z]{2,}\b")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def links_of(path: Path) -> list[Path]:
    """Return where the links of a page to files lead."""
    text = CODE_BLOCK.sub("", path.read_text("utf-8"))
    targets = [unquote(link.split("#")[0]) for link in LINK.findall(text) if "://" not in link]
    return [(path.parent / target).resolve() for target in targets if target]


def test_the_first_screen_is_a_sentence_a_picture_and_two_commands() -> None:
    title, sentence, picture, first, *_ = (ROOT / "README.md").read_text("utf-8").split("\n\n")

    assert title == "# Serai"
    assert "\n" not in sentence
    assert sentence.startswith("Serai is")
    assert LINK.fullmatch(picture)
    assert first.split() == ["```console", "$", "make", "demo", "$", "make", "test", "```"]


def test_every_make_command_that_a_page_names_is_a_target() -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    called = {
        (name(path), word)
        for path in PAGES
        for found in CALLED.findall(path.read_text("utf-8"))
        for word in found
        if word
    }

    assert {word for _, word in called} >= {"demo", "test", "check"}
    assert {call for call in called if call[1] not in targets} == set()


@pytest.mark.in_turn
def test_every_endpoint_that_a_page_names_is_served() -> None:
    served = {
        (row.method, VALUE.sub("*", row.path)) for row in route_matrix(build_application(Settings(), ""))
    }
    named = {
        (name(path), method, VALUE.sub("*", address))
        for path in PAGES
        if path.parent.name != "endpoints"
        for method, address in ENDPOINT.findall(path.read_text("utf-8"))
    }

    assert {address for _, _, address in named} >= {"/v1/declarations", "/v1/quotes", "/v1/receipts/*"}
    assert {one for one in named if one[1:] not in served} == set()


def test_every_link_to_a_file_leads_somewhere() -> None:
    assert [(name(path), target) for path in PAGES for target in links_of(path) if not target.exists()] == []


def test_every_page_is_reached_from_the_first() -> None:
    found, waiting = set(), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        found.add(page)
        waiting += [
            target
            for target in links_of(page)
            if target.suffix == ".md" and target.is_relative_to(DOCS) and target not in found
        ]

    assert sorted(name(path) for path in set(DOCS.rglob("*.md")) - found) == []


def test_every_picture_is_shown_on_a_page() -> None:
    shown = {target for path in PAGES for target in links_of(path)}

    assert [name(path) for path in sorted((DOCS / "pictures").iterdir()) if path not in shown] == []


def test_change_notes_have_a_known_kind_and_words() -> None:
    notes = [path for path in (ROOT / "changelog.d").iterdir() if path.name != ".gitkeep"]
    faulty = [
        path.name
        for path in notes
        if not re.match(r"^[a-z0-9-]+\.(added|changed|fixed|law)\.md$", path.name)
        or len(path.read_text("utf-8").strip().splitlines()) != 1
    ]

    assert faulty == []

"""Law published by one node and fetched by another: verified, tested, and put in force, or refused whole."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cli.typing_commands import ROOT, Typed, typed

PACK = "MA-2022"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class Published(msgspec.Struct, frozen=True):
    """What a node has published. folder: handed out below address."""

    folder: Path
    address: str
    key: str


class Node:
    """A node with a database and keys of its own, whose operator types."""

    def __init__(self, folder: Path, dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.mkdir()
        self._folder, self._dsn, self._monkeypatch = folder, dsn, monkeypatch

    def types(self, capfd: pytest.CaptureFixture[str], *words: str | Path) -> Typed:
        self._monkeypatch.setenv("SERAI_DATABASE_DSN", self._dsn)
        self._monkeypatch.chdir(self._folder)
        return typed(capfd, *words)


@pytest.fixture
def publisher(tmp_path: Path, make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(tmp_path / "publisher", make_database(), monkeypatch)


@pytest.fixture
def fetcher(tmp_path: Path, make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(tmp_path / "fetcher", make_database(), monkeypatch)


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    """The packs of the publisher, one of them in a newer version."""
    folder = tmp_path / "laws"
    shutil.copytree(ROOT / "laws" / PACK, folder / PACK)
    path = folder / PACK / "pack.yaml"
    path.write_text(path.read_text("utf-8").replace('title: "', 'title: "Newer. ', 1), "utf-8")
    return folder


@pytest.fixture
def published(
    capfd: pytest.CaptureFixture[str], publisher: Node, laws: Path, tmp_path: Path
) -> Iterator[Published]:
    folder = tmp_path / "out"
    said = publisher.types(capfd, "law", "publish", folder, PACK, "--laws", laws)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Published(folder, f"http://127.0.0.1:{server.server_address[1]}", said.json()["key"])
        server.shutdown()


def fetch(
    capfd: pytest.CaptureFixture[str], node: Node, published: Published, *words: str, key: str | None = None
) -> Typed:
    command = ("law", "fetch", published.address, *words, "--key", key or published.key, "--allow-private")
    return node.types(capfd, *command)


@pytest.mark.in_turn
def test_published_law_is_verified_tested_and_put_in_force_in_one_command(
    capfd: pytest.CaptureFixture[str], published: Published, fetcher: Node
) -> None:
    checked = fetch(capfd, fetcher, published, "--check-only")
    said = fetch(capfd, fetcher, published, PACK).json()
    newest = fetcher.types(capfd, "law", "generations").json()[0]

    assert checked.code == 0
    assert (said["changed"], said["files"] >= 2, said["examples_passed"] > 0) == (True, True, True)
    assert newest["generation"] == said["generation"]
    assert newest["note"].startswith("packs published by ")
    assert newest["packs"] == len(list((ROOT / "laws").glob("*/pack.yaml")))
    assert fetch(capfd, fetcher, published).json()["changed"] is False


@pytest.mark.in_turn
def test_an_older_publication_does_not_take_the_law_back(
    capfd: pytest.CaptureFixture[str],
    publisher: Node,
    published: Published,
    laws: Path,
    fetcher: Node,
) -> None:
    older = laws.parent / "older"
    shutil.copytree(published.folder, older)
    time.sleep(1.1)  # A publication is dated to the second.
    path = laws / PACK / "pack.yaml"
    path.write_text(path.read_text("utf-8").replace("Newer. ", "Newest. "), "utf-8")
    publisher.types(capfd, "law", "publish", published.folder, PACK, "--laws", laws)
    fetch(capfd, fetcher, published)
    shutil.copytree(older, published.folder, dirs_exist_ok=True)

    said = fetch(capfd, fetcher, published)

    assert (said.code, said.err.partition(":")[0]) == (2, "law-publication-older")


@pytest.mark.in_turn
def test_examples_that_fail_here_keep_a_pack_out(
    capfd: pytest.CaptureFixture[str], publisher: Node, published: Published, laws: Path, fetcher: Node
) -> None:
    cases = laws / PACK / "cases.yaml"
    cases.write_text(cases.read_text("utf-8").replace("duty_minor: ", "duty_minor: 7"), "utf-8")
    publisher.types(capfd, "law", "publish", published.folder, PACK, "--laws", laws)

    said = fetch(capfd, fetcher, published)

    assert (said.code, said.err.startswith("law-tests-failed: ")) == (2, True)
    assert "Send the publisher the examples" in said.err
    assert len(fetcher.types(capfd, "law", "generations").json()) == 1


@pytest.mark.in_turn
def test_what_is_not_as_it_was_signed_is_refused_before_anything_is_read(
    capfd: pytest.CaptureFixture[str], publisher: Node, published: Published, fetcher: Node
) -> None:
    other = fetcher.types(capfd, "log", "key").out.strip().strip('"')
    own = publisher.types(capfd, "log", "key").out
    refused = {}
    refused["of another key"] = fetch(capfd, fetcher, published, key=_key_in(other))
    pack = published.folder / PACK / "pack.yaml"
    pack.write_bytes(pack.read_bytes().replace(b"Newer", b"Never"))
    refused["altered file"] = fetch(capfd, fetcher, published)
    refused["pack that is not there"] = fetch(capfd, fetcher, published, "MA-2023")
    pack.unlink()
    refused["missing file"] = fetch(capfd, fetcher, published)
    note = published.folder / "law-publication"
    note.write_bytes(note.read_bytes().replace(b"pack.yaml", b"park.yaml"))
    refused["altered note"] = fetch(capfd, fetcher, published)
    note.write_text("nothing")
    refused["no note"] = fetch(capfd, fetcher, published)
    refused["own network"] = fetcher.types(capfd, "law", "fetch", published.address, "--key", _key_in(own))

    assert {name: (said.code, said.err.partition(":")[0]) for name, said in refused.items()} == {
        "of another key": (2, "law-publication-not-signed"),
        "altered file": (2, "law-file-differs"),
        "pack that is not there": (2, "law-unknown"),
        "missing file": (2, "law-source-unreachable"),
        "altered note": (2, "law-publication-not-signed"),
        "no note": (2, "law-publication-unreadable"),
        "own network": (2, "law-source-unfit"),
    }
    assert "Did you mean `MA-2022`?" in refused["pack that is not there"].err


def _key_in(out: str) -> str:
    return next(word.strip('"{},') for word in out.split() if word.count("+") >= 2)


@pytest.mark.in_turn
def test_a_test_suite_alone_is_run_against_the_law_that_is_here(
    capfd: pytest.CaptureFixture[str], publisher: Node, published: Published, fetcher: Node
) -> None:
    shutil.rmtree(published.folder / PACK)
    publisher.types(capfd, "law", "publish", published.folder, PACK, "--cases-only")

    said = fetch(capfd, fetcher, published).json()

    assert (said["files"], said["changed"], said["examples_passed"] > 0) == (1, False, True)

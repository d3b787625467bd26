"""What follows from one more line in the list of standards. Run by `test_invented_standard.py` in a process
of its own, before anything has read the list: here the list is read with that line in it."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

_NAME = "serai.formats.standards"
assert _NAME not in sys.modules, "the list was read before the line was added"


def _add_line() -> None:
    spec = importlib.util.find_spec(_NAME)
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).read_text(encoding="utf-8")
    own_import = "from tests.formats.invented.standard import STANDARD as INVENTED\n"
    longer = text.replace("from serai.formats.upu", f"{own_import}from serai.formats.upu", 1)
    longer = longer.replace("    CARDIT,\n", "    CARDIT,\n    INVENTED,\n", 1)
    assert len(longer.splitlines()) == len(text.splitlines()) + 2
    module = sys.modules[_NAME] = ModuleType(_NAME)
    exec(compile(longer, spec.origin, "exec"), module.__dict__)


_add_line()

from serai.cli.dropping.forms import FOLDERS, detect_form  # noqa: E402 - behind the line that was added
from serai.laboratory.conform.files import choose_standard  # noqa: E402
from tests.cli.typing_commands import typed  # noqa: E402
from tests.conformance.node import RunningNode, running_node  # noqa: E402
from tests.formats.invented.standard import STANDARD, sample  # noqa: E402
from tools.reference import commands, formats  # noqa: E402


@pytest.fixture(scope="module")
def node(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    with running_node(database, tmp_path_factory.mktemp("node")) as running:
        yield running


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "report.edi"
    path.write_bytes(sample())
    return path


def test_its_messages_are_checked_on_the_command_line(capfd: pytest.CaptureFixture[str], file: Path) -> None:
    sound = typed(capfd, "check", file, "--format", "bordereau")
    file.write_bytes(b"UNB+UNOA:1")
    broken = typed(capfd, "check", file, "--format", "bordereau")
    unknown = typed(capfd, "check", file, "--format", "bordereaux")

    assert (sound.code, broken.code) == (0, 1)
    assert unknown.code == 2
    assert "bordereau" in unknown.err


def test_its_messages_are_converted(capfd: pytest.CaptureFixture[str], file: Path, tmp_path: Path) -> None:
    said = typed(
        capfd, "convert", file, "--from", "bordereau", "--to", "json", "--into", tmp_path / "out",
        "--kind", "transport-document",
    )  # fmt: skip

    assert said.code == 0, said.err
    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [".json", ".json"]


def test_a_message_is_told_by_what_it_says_and_has_a_drop_folder() -> None:
    told = detect_form("", "report.edi", sample())

    assert told is not None
    assert told.standard == "bordereau"
    assert "bordereau" in FOLDERS
    assert choose_standard(Path("report.edi"), sample(), None) == "bordereau"


def test_it_is_checked_and_answered_over_http(node: RunningNode) -> None:
    with node.client() as client:
        checked = client.post("/v1/check/bordereau", content=sample(), headers=_HEADERS)
        page = client.get("/check")
        answered = client.post("/v1/messages/bordereau", content=sample(), headers=_HEADERS)

    assert checked.json()["valid"], checked.text
    assert STANDARD.title in page.text
    assert (answered.status_code, answered.content[:3]) == (200, b"UNB"), answered.text


def test_it_stands_in_the_reference() -> None:
    [index] = formats.build_pages().values()
    [typing] = commands.build_pages().values()

    assert f"| {STANDARD.title} | cargo reports of one port | `bordereau` |" in index
    assert "bordereau" in typing


_HEADERS = {"content-type": "application/edifact"}

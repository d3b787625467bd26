"""The look-up pages are as the code has them: `make reference` was not forgotten."""

from pathlib import Path

import pytest

from serai.foundation.http.problems import PROBLEMS
from tools.reference import __main__ as reference
from tools.reference import errors, findings
from tools.reference.layout import MARK

ROOT = Path(__file__).parents[2]


def test_the_written_pages_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    code = reference.check(reference.build_pages())

    assert capsys.readouterr().out == ""
    assert code == 0


def test_every_error_code_has_a_page() -> None:
    pages = errors.build_pages()

    assert {f"reference/errors/{code}.md" for code in PROBLEMS} <= pages.keys()


def test_an_error_is_read_from_the_raising_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "store.py").write_text(
        'raise DiskError("disk-full", f"No room in {folder}.", next_step="Make room.") from fault\n'
        'raise ValueError("not-ours")\n'
    )
    monkeypatch.setattr(errors, "SOURCE", tmp_path)
    monkeypatch.setattr(errors, "ROOT", tmp_path)

    places = errors.find_places()

    assert places == {"disk-full": [errors.Place("store.py", "No room in {folder}.", "Make room.")]}


def test_a_finding_gets_a_page_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "assess" / "messages"
    folder.mkdir(parents=True)
    (folder / "en.yaml").write_text(
        "no-tariff-line:\n  sentence: No line for {code}.\n  remedy: Correct it.\n"
    )
    monkeypatch.setattr(findings, "SOURCE", tmp_path)

    pages = findings.build_pages()

    assert "| [`no-tariff-line`](no-tariff-line.md) | assess |" in pages["reference/findings/index.md"]
    assert "Correct it." in pages["reference/findings/no-tariff-line.md"]


def test_a_finding_without_remedy_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "assess" / "messages"
    folder.mkdir(parents=True)
    (folder / "en.yaml").write_text("no-tariff-line:\n  sentence: No line.\n")
    monkeypatch.setattr(findings, "SOURCE", tmp_path)

    with pytest.raises(ValueError, match="no-tariff-line has no remedy"):
        findings.build_pages()


def test_a_page_that_nothing_writes_any_more_is_named_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "gone.md").write_text(f"{MARK}\n# Gone\n")
    (docs / "by-hand.md").write_text("# By hand\n")
    monkeypatch.setattr(reference, "DOCS", docs)

    code = reference.check({})
    reference.write({})

    assert code == 1
    assert "docs/gone.md" in capsys.readouterr().out
    assert [path.name for path in docs.iterdir()] == ["by-hand.md"]

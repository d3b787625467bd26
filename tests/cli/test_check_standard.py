"""`serai check --format` with a standard: one message, its verdict, the standard's own numbers."""

from pathlib import Path

import pytest

from tests.cli.typing_commands import MESSAGES, typed
from tests.formats.ics.ens_message import write_message


def test_a_sound_entry_summary_is_valid(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "ens.xml").write_text(write_message())

    said = typed(capfd, "check", tmp_path / "ens.xml", "--format", "ics", "--output", "json")

    assert said.code == 0
    assert said.json() == {"valid": True, "findings": []}


def test_a_breach_is_told_by_number_place_sentence_and_remedy(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = write_message().replace("<TotNumOfPacHEA306>1<", "<TotNumOfPacHEA306>7<")
    (tmp_path / "ens.xml").write_text(text)

    new = typed(capfd, "check", tmp_path / "ens.xml", "--format", "ics", "--output", "json")
    old = typed(
        capfd, "check", tmp_path / "ens.xml", "--format", "ics", "--edition", "old", "--output", "json"
    )

    assert (new.code, new.json()["valid"]) == (0, True)
    assert (old.code, old.json()["valid"]) == (1, False)
    [finding] = old.json()["findings"]
    assert finding.keys() == {"code", "pointer", "severity", "sentence", "remedy"}
    assert (finding["code"], finding["pointer"]) == ("8117", "/ie:CC315A[1]/HEAHEA[1]")
    assert "sum" in finding["sentence"]


def test_bytes_that_are_no_message_have_our_sentence(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "other.xml").write_text("<Invoice/>")

    said = typed(capfd, "check", tmp_path / "other.xml", "--format", "ics", "--output", "json")

    [finding] = said.json()["findings"]
    assert (said.code, finding["code"]) == (1, "other-root")
    assert "CC313A, CC315A" in finding["sentence"]


def test_an_unknown_edition_is_an_error(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "ens.xml").write_text(write_message())

    said = typed(capfd, "check", tmp_path / "ens.xml", "--format", "ics", "--edition", "1999")

    assert said.code == 2
    assert "standard-edition-unknown" in said.err


def test_a_wco_declaration_is_checked_by_its_reader(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    [sound] = sorted(MESSAGES.glob("*dec*original*.xml")) or sorted(MESSAGES.glob("*.xml"))[:1]
    (tmp_path / "bad.xml").write_text(sound.read_text().replace("TypeCode>", "TypeKode>"))

    good = typed(capfd, "check", sound, "--format", "cds", "--output", "json")
    bad = typed(capfd, "check", tmp_path / "bad.xml", "--format", "cds", "--output", "json")

    assert good.json()["valid"] is True
    assert bad.json()["valid"] is False
    assert "missing-field" in {one["code"] for one in bad.json()["findings"]}

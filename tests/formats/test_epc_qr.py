"""The QR code of a SEPA credit transfer: what stands in it, and what may not."""

from typing import Any

import msgspec
import pytest
import segno

from serai.formats.epc_qr import CreditTransfer, make_code, render_svg
from serai.model.creditor_reference import make_reference
from serai.model.errors import SeraiError

REFERENCE = make_reference("0APSK7Z204000")
SOUND = CreditTransfer(
    name="Example Customs",
    iban="DE89 3704 0044 0532 0130 00",
    amount_minor=2334,
    creditor_reference=REFERENCE,
    purpose_code="TAXS",
)


def lines_of(transfer: CreditTransfer, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return what the code was made of: it is what its maker was given."""
    given: list[bytes] = []
    make = segno.make_qr

    def watched(content: Any, **options: Any) -> Any:
        given.append(content)
        return make(content, **options)

    with monkeypatch.context() as patch:
        patch.setattr(segno, "make_qr", watched)
        code = make_code(transfer)
    assert code.error == "M"
    assert int(code.version) <= 13
    return given[0]


def test_lines_stand_as_the_guideline_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lines_of(SOUND, monkeypatch).decode("latin-1").split("\n") == [
        "BCD",
        "002",
        "2",
        "SCT",
        "",
        "Example Customs",
        "DE89370400440532013000",
        "EUR23.34",
        "TAXS",
        REFERENCE,
    ]


def test_names_of_other_letters_are_in_utf_8_or_their_own_set(monkeypatch: pytest.MonkeyPatch) -> None:
    greek = msgspec.structs.replace(SOUND, name="Τελωνείο")
    chinese = msgspec.structs.replace(SOUND, name="海关")

    assert lines_of(greek, monkeypatch).split(b"\n")[2:6:3] == [b"6", "Τελωνείο".encode("iso-8859-7")]
    assert lines_of(chinese, monkeypatch).split(b"\n")[2:6:3] == [b"1", "海关".encode()]


def test_whole_amounts_and_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    for minor, text in ((1, b"EUR0.01"), (10_000, b"EUR100"), (99_999_999_999, b"EUR999999999.99")):
        whole = msgspec.structs.replace(SOUND, amount_minor=minor)
        assert lines_of(whole, monkeypatch).split(b"\n")[7] == text


def test_free_words_stand_on_their_own_line(monkeypatch: pytest.MonkeyPatch) -> None:
    words = msgspec.structs.replace(SOUND, creditor_reference="", text="duty parcel 1")

    assert lines_of(words, monkeypatch).split(b"\n")[9:] == [b"", b"duty parcel 1"]
    assert render_svg(words).startswith("<svg")


@pytest.mark.parametrize(
    "wrong",
    [
        {"currency_code": "USD"},
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"amount_minor": 100_000_000_000},
        {"name": ""},
        {"name": "A" * 71},
        {"name": "Customs\nDE00"},
        {"iban": "DE88370400440532013000"},
        {"iban": ""},
        {"creditor_reference": "RF00123"},
        {"creditor_reference": ""},
        {"text": "both"},
        {"creditor_reference": "", "text": "a\nb"},
        {"creditor_reference": "", "text": "a" * 141},
        {"creditor_reference": "", "text": "税" * 140},
        {"bic": "DEUT"},
        {"purpose_code": "TAX"},
    ],
    ids=str,
)
def test_what_cannot_stand_in_it_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SeraiError) as refused:
        make_code(msgspec.structs.replace(SOUND, **wrong))

    assert refused.value.code == "no-epc-code"

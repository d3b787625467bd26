"""Which identifiers name the same thing: worked examples of GS1's standards."""

import pytest

from serai.formats.epcis.codes import shorten
from serai.formats.epcis.identifiers import canonical_identifier, check_digit, has_wrong_check_digit
from serai.formats.epcis.scalars import plain_number, utc_text
from serai.formats.epcis.tree import Prefixes


@pytest.mark.parametrize(
    ("uri", "canonical"),
    [
        ("urn:epc:id:sgtin:0614141.112345.400", "/01/10614141123459/21/400"),
        ("urn:epc:class:lgtin:4012345.012345.998877", "/01/04012345123456/10/998877"),
        ("urn:epc:idpat:sgtin:4012345.098765.*", "/01/04012345987652"),
        ("urn:epc:id:sscc:0614141.1234567890", "/00/106141412345678908"),
        ("urn:epc:id:sgln:0614141.12345.400", "/414/0614141123452/254/400"),
        ("urn:epc:id:sgln:0614141.12345.0", "/414/0614141123452"),
        ("urn:epc:id:grai:0614141.12345.400", "/8003/00614141123452400"),
        ("urn:epc:id:giai:0614141.12345400", "/8004/061414112345400"),
        ("urn:epc:id:gdti:0614141.12345.400", "/253/0614141123452400"),
        ("https://example.com/shop/01/614141123452/21/7?x=1", "/01/00614141123452/21/7"),
        ("https://id.gs1.org/414/0614141123452", "/414/0614141123452"),
    ],
)
def test_a_gs1_number_has_one_canonical_link(uri: str, canonical: str) -> None:
    assert canonical_identifier(uri) == f"https://id.gs1.org{canonical}"
    assert not has_wrong_check_digit(canonical_identifier(uri))


@pytest.mark.parametrize(
    "uri",
    [
        "urn:uuid:2a",
        "urn:epc:id:sgtin:0614141.11.400",
        "urn:epc:id:sgtin:x.y.z",
        "https://example.com/orders/01/x",
        "http://transaction.acme.com/po/12345678",
    ],
)
def test_other_uris_stay_as_they_are(uri: str) -> None:
    assert canonical_identifier(uri) == uri


def test_a_wrong_check_digit_is_seen() -> None:
    assert check_digit("1061414112345") == "9"
    assert has_wrong_check_digit("https://id.gs1.org/01/10614141123450")


@pytest.mark.parametrize(
    "text",
    [
        "shipping",
        "urn:epcglobal:cbv:bizstep:shipping",
        "https://ref.gs1.org/cbv/BizStep-shipping",
        "cbv:BizStep-shipping",
        "c:BizStep-shipping",
    ],
)
def test_a_code_has_one_short_form(text: str) -> None:
    assert shorten(text, "bizStep", Prefixes({"c": "https://ref.gs1.org/cbv/"})) == "shipping"


def test_a_code_of_somebody_else_is_a_uri_with_its_prefix_resolved() -> None:
    assert (
        shorten("ex:flying", "bizStep", Prefixes({"ex": "https://ns.example.com/"}))
        == "https://ns.example.com/flying"
    )
    assert shorten("flying", "bizStep", Prefixes({})) is None


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-07-22T06:45:00+02:00", "2026-07-22T04:45:00Z"),
        ("2022-04-13T12:35:29.017069617Z", "2022-04-13T12:35:29.017069617Z"),
        ("2026-07-22T06:45:00.100Z", "2026-07-22T06:45:00.1Z"),
        ("0001-01-01T00:00:00+02:00", None),
        ("2026-07-22", None),
    ],
)
def test_an_instant_is_text_in_utc(text: str, utc: str | None) -> None:
    assert utc_text(text) == utc


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("26.0", "26"),
        ("2.60E1", "26"),
        ("-0.0", "0"),
        (".5", "0.5"),
        ("1e99", None),
        ("NaN", None),
        ("1 0", None),
    ],
)
def test_a_number_is_plain_digits(text: str, plain: str | None) -> None:
    assert plain_number(text) == plain

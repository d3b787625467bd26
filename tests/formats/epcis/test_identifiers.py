"""Which identifiers name the same thing: worked examples of GS1's standards."""

import pytest

from serai.formats.epcis.codes import shorten
from serai.formats.epcis.identifiers import (
    canonical_identifier,
    check_digit,
    has_wrong_check_digit,
    is_pattern,
    pattern_beginnings,
)
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
        ("urn:epc:id:itip:4012345.012345.01.02.987", "/8006/040123451234560102/21/987"),
        ("urn:epc:id:upui:1234567.089456.51qIgY)%3C%26Jp3", "/01/01234567894560/235/51qIgY)%3C%26Jp3"),
        ("urn:epc:id:cpi:0614141.123ABC%2F1.123456789", "/8010/0614141123ABC%2F1/8011/123456789"),
        ("urn:epc:id:sgcn:4012345.67890.04711", "/255/401234567890104711"),
        ("urn:epc:id:ginc:0614141.xyz47%2f11", "/401/0614141xyz47%2F11"),
        ("urn:epc:id:gsin:0614141.123456789", "/402/06141411234567890"),
        ("urn:epc:id:gsrn:0614141.1234567890", "/8018/061414112345678902"),
        ("urn:epc:id:gsrnp:0614141.1234567890", "/8017/061414112345678902"),
        ("urn:epc:id:pgln:0614141.12345", "/417/0614141123452"),
        ("urn:epc:idpat:grai:4012345.99999.*", "/8003/04012345999990"),
        ("urn:epc:idpat:gdti:4012345.11111.*", "/253/4012345111118"),
        ("urn:epc:idpat:sgcn:4012345.22222.*", "/255/4012345222227"),
        ("urn:epc:idpat:cpi:4012345.AB12.*", "/8010/4012345AB12"),
        ("urn:epc:idpat:itip:4012345.012345.01.02.*", "/8006/040123451234560102"),
        ("urn:epc:idpat:upui:4012345.012345.*", "/01/04012345123456"),
        ("https://example.com/gtin/614141123452/ser/7", "/01/00614141123452/21/7"),
    ],
)
def test_a_gs1_number_has_one_canonical_link(uri: str, canonical: str) -> None:
    assert canonical_identifier(uri) == f"https://id.gs1.org{canonical}"
    assert not has_wrong_check_digit(canonical_identifier(uri))


@pytest.mark.parametrize(
    ("urn", "link"),
    [
        ("urn:epc:id:sgtin:0614141.112345.a:b", "https://example.com/01/10614141123459/21/a%3Ab"),
        ("urn:epc:id:sgtin:0614141.112345.32a%2Fb", "https://example.com/01/10614141123459/21/32a%2fb"),
        ("urn:epc:id:sgtin:0614141.112345.a(b)*", "https://example.com/01/10614141123459/21/a%28b%29%2A"),
        ("urn:epc:id:sgtin:0614141.112345.7", "https://example.com/01/10614141123459/22/2A/10/LOT/21/7"),
        ("urn:epc:class:lgtin:0614141.112345.L", "https://example.com/01/10614141123459/22/2A/10/L"),
        ("urn:epc:id:sgln:0614141.12345.0", "https://example.com/414/0614141123452/254/0"),
    ],
)
def test_one_thing_has_one_link_however_it_is_escaped_or_its_lot_told(urn: str, link: str) -> None:
    assert canonical_identifier(urn) == canonical_identifier(link)


def test_a_thing_without_a_gs1_key_keeps_its_urn() -> None:
    for urn in (
        "urn:epc:id:gid:95100000.12345.400",
        "urn:epc:id:usdod:2S194.12345678901",
        "urn:epc:id:adi:35962.PQ7VZ4.M37GXB92",
        "urn:epc:id:bic:CSQU3054383",
        "urn:epc:id:imovn:9176187",
    ):
        assert canonical_identifier(urn) == urn
    assert canonical_identifier("urn:epc:id:adi:35962.%23a%2fb.1") == "urn:epc:id:adi:35962.%23a%2Fb.1"


@pytest.mark.parametrize(
    ("pattern", "thing"),
    [
        ("urn:epc:idpat:sgtin:0614141.112345.*", "urn:epc:id:sgtin:0614141.112345.7"),
        ("urn:epc:idpat:sgtin:0614141.*.*", "https://example.com/01/10614141123459/21/7"),
        ("urn:epc:idpat:sgtin:*.*.*", "urn:epc:id:sgtin:0614141.112345.7"),
        ("urn:epc:idpat:sscc:0614141.*", "urn:epc:id:sscc:0614141.1234567890"),
        ("urn:epc:idpat:grai:0614141.12345.*", "urn:epc:id:grai:0614141.12345.400"),
        ("urn:epc:idpat:sgln:0614141.*.*", "urn:epc:id:sgln:0614141.12345.400"),
        ("urn:epc:idpat:giai:0614141.*", "https://id.gs1.org/8004/061414112345400"),
        ("urn:epc:idpat:cpi:0614141.123ABC.*", "urn:epc:id:cpi:0614141.123ABC.7"),
        ("urn:epc:idpat:gid:95100000.*.*", "urn:epc:id:gid:95100000.12345.400"),
    ],
)
def test_a_pattern_stands_for_what_it_leaves_open(pattern: str, thing: str) -> None:
    another = "urn:epc:id:sgtin:4012345.098765.7"

    assert is_pattern(pattern)
    assert canonical_identifier(thing).startswith(pattern_beginnings(pattern))
    assert "*.*.*" in pattern or not canonical_identifier(another).startswith(pattern_beginnings(pattern))


@pytest.mark.parametrize(
    "pattern", ["urn:epc:idpat:sgtin:06*.1.*", "urn:epc:idpat:sgtin:*.112345.7", "urn:epc:idpat:dodo:1.*"]
)
def test_a_pattern_that_is_none_stands_for_nothing(pattern: str) -> None:
    assert pattern_beginnings(pattern) == ()


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

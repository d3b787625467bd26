"""An address from a declaration goes to a mail server only if it is one address, and nothing beside."""

import pytest

from serai.journey.mailing.addresses import read_email, read_phone
from serai.journey.mailing.templates import (
    COMMON,
    languages,
    parameters_of,
    write_text,
)

KINDS = ("buyer-code", "buyer-answer", "case-news")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("zelda@quux.example", "zelda@quux.example"),
        (" zelda.x+shop@mail.quux.example ", "zelda.x+shop@mail.quux.example"),
        ("zelda@käse.example", "zelda@xn--kse-qla.example"),
        ("zelda@quux.example\r\nBcc: all@quux.example", None),
        ("zelda@quux.example, other@quux.example", None),
        ("Zelda <zelda@quux.example>", None),
        ("zelda@localhost", None),
        ("zelda@[127.0.0.1]", None),
        ("zelda", None),
        ("@quux.example", None),
        ("a" * 250 + "@quux.example", None),
        ("zelda@", None),
        ("", None),
    ],
)
def test_one_address_or_none(text: str, address: str | None) -> None:
    assert read_email(text) == address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("+353 1 234-5678", "35312345678@sms.example"),
        ("call me", None),
        ("+1@evil.example", None),
        ("", None),
    ],
)
def test_a_telephone_goes_by_way_of_the_gateway(text: str, address: str | None) -> None:
    assert read_phone(text, "sms.example") == address
    assert read_phone(text, "") is None


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", KINDS)
def test_every_notice_has_its_number_and_neither_a_link_to_pay_nor_a_hole(kind: str, language: str) -> None:
    parameters = {name: f"<{name}>" for name in parameters_of(kind) | COMMON}

    text = write_text(kind, language, parameters)

    for shown in (text.body, text.short):
        assert "<number>" in shown
        assert {name for name in parameters_of(kind) if f"<{name}>" not in shown} == set()
    assert "{" not in text.subject + text.body + text.short
    assert "pay" not in text.subject.lower()

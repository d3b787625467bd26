"""Tokens checked offline: sound, changed, of others, used, for other goods; and seen by another library."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OKPKey

from serai.foundation.jws import encode_part, sign_compact
from serai.journey.tax_paid.checking import Reason, TokenChecker
from serai.journey.tax_paid.declared import declared_of
from serai.journey.tax_paid.goods import DeclaredItem, Tolerance
from serai.journey.tax_paid.qr_code import make_token_code, render_token_svg
from serai.journey.tax_paid.sentences import MISMATCHES, SENTENCES
from serai.journey.tax_paid.token import QR_CHARACTERS_MAX, PaidItem, issue_token, tag_of_scheme
from serai.journey.tax_paid.trusted import read_key_set, read_list, read_lists
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from tests.journey.tax_paid.tokens import (
    AT,
    DAY,
    EXACT,
    ISSUER,
    KEYS,
    KID,
    LISTS,
    OTHER,
    SCHEME_NUMBER,
    SIGNER,
    URI,
    claims,
    declared,
    key_set,
    status_list,
    token,
)

CHECKER = TokenChecker(KEYS, LISTS, administration_code="DE")
TOKEN = token()


def reasons(one: str, at: dt.datetime = AT, checker: TokenChecker = CHECKER) -> tuple[Reason, ...]:
    return checker.check(one, at).reasons


def with_lists(*statuses: int, **changed: Any) -> TokenChecker:
    return TokenChecker(KEYS, read_lists([status_list(*statuses, **changed)], KEYS), administration_code="DE")


def test_a_sound_token_says_what_was_paid() -> None:
    verdict = CHECKER.check(TOKEN, AT, declared(), EXACT)

    assert verdict.is_valid
    assert verdict.claims == claims()
    # Neither the scheme number nor the order reference stands in it.
    said = msgspec.json.encode(verdict.claims).decode()
    assert SCHEME_NUMBER not in said
    assert "ORDER-1" not in said


def test_another_library_verifies_it_by_the_published_key() -> None:
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": encode_part(SIGNER.public_key)})

    read = jwt.decode(TOKEN, key, algorithms=["Ed25519"])

    assert read.header == {"alg": "Ed25519", "kid": KID, "typ": "tax-paid+jwt"}
    assert read.claims["iss"] == ISSUER
    assert read.claims["status"] == {"status_list": {"idx": 0, "uri": URI}}
    listed = jwt.decode(status_list(), key, algorithms=["Ed25519"])
    assert (listed.header["typ"], listed.claims["sub"]) == ("statuslist+jwt", URI)


def test_times_with_clocks_that_differ() -> None:
    for at, told in (
        (AT - DAY - dt.timedelta(minutes=4), ()),
        (AT - DAY - dt.timedelta(minutes=6), ("not-yet-valid",)),
        (AT + 90 * DAY, ("status-list-expired",)),
        (AT + 90 * DAY + dt.timedelta(minutes=6), ("expired", "status-list-expired")),
    ):
        assert reasons(TOKEN, at) == told, at


def test_of_others() -> None:
    assert reasons(token(administration_code="FR")) == ("other-administration",)
    assert reasons(issue_token(claims(), OTHER, "stranger")) == ("unknown-key",)
    assert reasons(issue_token(claims(), OTHER, KID)) == ("forged",)
    bound = read_key_set(key_set(iss="log.other.example", adm="FR"))
    checker = TokenChecker(bound, LISTS, administration_code="DE")
    assert reasons(TOKEN, checker=checker) == ("other-issuer", "other-administration")
    quote = sign_compact(b"{}", SIGNER, kid=KID, typ="serai-quote+jws")
    assert reasons(quote) == ("other-kind",)
    assert reasons(sign_compact(b'{"iss":1}', SIGNER, kid=KID, typ="tax-paid+jwt")) == ("unreadable",)


@pytest.mark.parametrize(
    ("status", "told"), [(0, ()), (1, ("revoked",)), (2, ("suspended",)), (3, ("used",))], ids=str
)
def test_status(status: int, told: tuple[Reason, ...]) -> None:
    assert reasons(token(index=2), checker=with_lists(0, 0, status, 0)) == told


def test_status_that_nobody_knows_is_not_valid() -> None:
    assert reasons(TOKEN, checker=TokenChecker(KEYS, {}, administration_code="DE")) == ("status-unknown",)
    assert reasons(token(index=10**6)) == ("status-unknown",)
    old = with_lists(0, 0, 0, 3, ends_at=AT - DAY)
    assert reasons(token(index=0), checker=old) == ("status-list-expired",)
    # That it was used stays true.
    assert reasons(token(index=3), checker=old) == ("used",)


def test_a_list_of_another_issuer_says_nothing_of_this_ones_tokens() -> None:
    keys = read_key_set(
        json.dumps(
            {
                "keys": [
                    *json.loads(key_set(iss=ISSUER))["keys"],
                    *json.loads(key_set(("other", OTHER), iss="log.other.example"))["keys"],
                ]
            }
        ).encode()
    )
    content = status_list()
    payload = read_list(content, keys)
    forged = msgspec.structs.replace(payload, kid="other")

    assert reasons(TOKEN, checker=TokenChecker(keys, {URI: payload}, administration_code="DE")) == ()
    assert reasons(TOKEN, checker=TokenChecker(keys, {URI: forged}, administration_code="DE")) == (
        "status-unknown",
    )


def test_the_newest_of_two_lists_counts() -> None:
    older = msgspec.structs.replace(read_list(status_list(3), KEYS))
    both = [status_list(0), status_list(0)]

    assert read_lists(both, KEYS)[URI].issued_at == older.issued_at
    with pytest.raises(SeraiError) as refused:
        read_list(status_list(signer=OTHER), KEYS)
    assert refused.value.code == "status-list-untrusted"
    with pytest.raises(SeraiError) as refused:
        read_list(TOKEN, KEYS)
    assert refused.value.code == "status-list-unreadable"


MISMATCHING: dict[str, tuple[dict[str, Any], list[tuple[str, int]]]] = {
    "value": ({"value": Decimal("23.35")}, [("value", 1)]),
    "lower value": ({"value": Decimal("20")}, []),
    "mass": ({"gross_mass_g": 251}, [("gross_mass", 1)]),
    "mass not said": ({"gross_mass_g": None}, []),
    "code": ({"commodity_code": "62044200"}, [("commodity_code", 1)]),
    "last digits of the code": ({"commodity_code": "6109109910"}, []),
    "currency": ({"currency_code": "USD"}, [("currency_code", 1)]),
    "order": ({"order_references": ("ORDER-2",)}, [("order_reference", 0)]),
    "one of several orders": ({"order_references": ("ORDER-2", "ORDER-1")}, []),
    "scheme": ({"scheme_code": "voec"}, [("scheme_code", 0)]),
    "number": ({"scheme_number": "IM2760000743"}, [("scheme_number", 0)]),
    "number with blanks": ({"scheme_number": "im 276 000 0742"}, []),
    "nothing": ({"items": ()}, [("item_not_declared", 1)]),
}


@pytest.mark.parametrize("what", MISMATCHING)
def test_other_goods_are_told_by_what_differs(what: str) -> None:
    changed, told = MISMATCHING[what]

    verdict = CHECKER.check(TOKEN, AT, declared(**changed), EXACT)

    assert [(one.field, one.sequence_number) for one in verdict.mismatches] == told
    assert verdict.reasons == (("other-goods",) if told else ())


def test_items_that_were_not_paid_for_and_tolerances() -> None:
    more = DeclaredItem(sequence_number=2, commodity_code="950300", value=Decimal(1), currency_code="EUR")
    verdict = CHECKER.check(TOKEN, AT, declared(items=(*declared().items, more)), EXACT)
    assert [(one.field, one.sequence_number) for one in verdict.mismatches] == [("item_not_paid", 2)]

    some = Tolerance(value_ppm=10_000, mass_ppm=100_000)
    within = declared(value=Decimal("23.57"), gross_mass_g=275)
    above = declared(value=Decimal("23.58"), gross_mass_g=276)
    assert CHECKER.check(TOKEN, AT, within, some).is_valid
    assert [one.field for one in CHECKER.check(TOKEN, AT, above, some).mismatches] == ["value", "gross_mass"]


def test_a_declaration_is_held_against_its_token() -> None:
    consignment = msgspec.convert(
        {
            "reference": "P1",
            "sale_nature_code": "B2C",
            "logistics_channel_code": "post",
            "consignor": {"name": "Shop", "country_code": "CN"},
            "consignee": {"name": "Buyer", "country_code": "DE"},
            "scheme_kind_code": "IOSS",
            "additional_fiscal_references": [{"role": "FR5", "identification_number": SCHEME_NUMBER}],
            "order_references": ["ORDER-1"],
            "goods_items": [
                {
                    "sequence_number": 1,
                    "commodity_code": "61091000",
                    "description": "cotton T-shirt",
                    "quantity": "1",
                    "invoice_amount": "23.34",
                    "invoice_currency_code": "EUR",
                    "origin_country_code": "CN",
                    "gross_mass_kg": "0.25",
                }
            ],
        },
        Consignment,
    )

    assert CHECKER.check(TOKEN, AT, declared_of(consignment), EXACT).is_valid
    bare = msgspec.structs.replace(consignment, additional_fiscal_references=[])
    assert [one.field for one in CHECKER.check(TOKEN, AT, declared_of(bare), EXACT).mismatches] == [
        "scheme_number"
    ]


@pytest.mark.in_turn
def test_a_tag_fits_many_numbers_and_says_of_most_that_they_are_others() -> None:
    tag = tag_of_scheme("DE", "ioss", SCHEME_NUMBER)
    tried = [f"IM276{number:07}" for number in range(300_000)]

    fitting = [one for one in tried if tag_of_scheme("DE", "ioss", one) == tag]

    assert 1 <= len(fitting) <= 20


def test_many_at_once_in_order() -> None:
    tokens = [token(str(number), number % 8) for number in range(20)]
    tokens[7] = "nonsense"

    told = [one.reasons for one in CHECKER.check_many(tokens, AT)]

    assert told == [() if number != 7 else ("unreadable",) for number in range(20)]
    assert len({one.claims.use_key for one in CHECKER.check_many(tokens, AT) if one.claims}) == 19
    assert CHECKER.check_many([TOKEN], AT, [declared(value=Decimal(99))], EXACT)[0].reasons == (
        "other-goods",
    )


@settings(max_examples=150)
@given(st.integers(0, len(TOKEN) - 1), st.characters(min_codepoint=32, max_codepoint=126))
def test_every_changed_sign_is_refused(place: int, sign: str) -> None:
    changed = TOKEN[:place] + sign + TOKEN[place + 1 :]
    told = reasons(changed)

    # The last sign of the signature has bits that no byte takes: then the bytes are the same ones.
    assert changed.strip() == TOKEN or told or place == len(TOKEN) - 1
    assert "used" not in told


@given(st.text(max_size=200))
def test_no_text_makes_it_raise(text: str) -> None:
    assert reasons(text) == ("unreadable",)
    assert CHECKER.check(f"{TOKEN.partition('.')[0]}.{text}", AT).reasons in {("unreadable",), ("forged",)}


def test_bytes_of_a_token_and_its_code() -> None:
    """The figures of docs/reference/tax-paid-token.md."""
    ten = tuple(
        PaidItem(sequence_number=number, commodity_code="610910", value="23.34", gross_mass_g=250)
        for number in range(1, 11)
    )
    of_ten = token(items=ten)

    assert (len(TOKEN), make_token_code(TOKEN).designator) == (663, "20-M")
    assert (len(of_ten), make_token_code(of_ten).designator) == (1193, "29-M")
    assert render_token_svg(TOKEN).startswith("<svg")
    with pytest.raises(SeraiError) as refused:
        make_token_code("A" * (QR_CHARACTERS_MAX + 1))
    assert refused.value.code == "token-no-code"
    assert make_token_code("A" * QR_CHARACTERS_MAX).version == 40


def test_a_token_that_no_reader_would_take_is_not_issued() -> None:
    many = tuple(
        PaidItem(sequence_number=number, commodity_code="610910", value="23.34", gross_mass_g=250)
        for number in range(1, 400)
    )
    with pytest.raises(SeraiError) as refused:
        token(items=many)
    assert refused.value.code == "token-too-long"
    with pytest.raises(msgspec.ValidationError):
        token(currency_code="euro")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"keys":[]}',
        b'{"keys":[{"kid":"a","kty":"EC"}]}',
        b'{"keys":[{"kid":"a","kty":"OKP","crv":"Ed25519","x":"AAAA"}]}',
        key_set(("a", SIGNER), ("a", OTHER)),
    ],
    ids=range(6),
)
def test_keys_that_cannot_be_used_are_told(content: bytes) -> None:
    with pytest.raises(SeraiError) as refused:
        read_key_set(content)

    assert refused.value.code == "token-keys-unreadable"


def test_each_reason_and_difference_has_words() -> None:
    assert set(SENTENCES) == set(get_args(Reason))
    assert all(sentence.endswith(".") and step.endswith(".") for sentence, step in SENTENCES.values())
    assert len(MISMATCHES) == 9
